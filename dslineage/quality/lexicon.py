"""Lexicons: lists of phrases or patterns, data files with a version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

from dslineage.ids import Digest


@dataclass(frozen=True)
class Lexicon:
    """The entries of a lexicon file: one a line, `#` begins a comment, `re:` a pattern.

    A plain entry matches its words in any case, with any white space between them.
    """

    name: str
    text: str

    @cached_property
    def digest(self) -> Digest:
        """The hash of the file, which is part of the id of each metric that uses it."""
        return Digest.of(self.text.encode())

    @cached_property
    def entries(self) -> Sequence[str]:
        """The entries, without comments."""
        lines = (line.strip() for line in self.text.splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One pattern that finds any entry."""
        return re.compile("|".join(f"(?:{_regex(entry)})" for entry in self.entries), re.IGNORECASE)


@lru_cache
def builtin(name: str) -> Lexicon:
    """A lexicon that the package carries, such as `refusal@1`."""
    text = files("dslineage.quality.lexicons").joinpath(f"{name}.txt").read_text("utf-8")
    return Lexicon(name, text)


def _regex(entry: str) -> str:
    if entry.startswith("re:"):
        return entry[3:]
    return r"\b" + r"\s+".join(re.escape(word) for word in entry.split()) + r"\b"
