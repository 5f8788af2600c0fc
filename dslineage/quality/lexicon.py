"""Lexicons: lists of phrases or patterns, data files with a version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple

from dslineage.ids import Digest
from dslineage.quality.screen import folded, held

_ITEM = re.compile(r"(\s*)(?:\(([^()]*)\)(\??)|([^\s()]+))")
_LONG_ENOUGH = 16
"""Needles need no more bytes: what they let pass by mistake is rare by then."""
_GAP = r",?[ \t\n]"
_TOUCHES = re.compile(r"\W|[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Ends of words that may touch others: of Thai, Han and Kana, and Hangul with its endings."""


class Item(NamedTuple):
    """A place in an entry: white space before it, what may stand there, whether it may miss."""

    gap: bool
    choices: Sequence[str]
    optional: bool


@dataclass(frozen=True)
class Phrase:
    """An entry: its pattern, and folded byte strings, one of which all that it matches begins with.

    What `re:` gives has no needles.
    """

    source: str
    needles: frozenset[bytes]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, compiled for the first text that holds a needle: most are never needed."""
        return re.compile(self.source)


@dataclass(frozen=True)
class Lexicon:
    """The entries of a lexicon file, one a line; `#` begins a line of comment.

    An entry is words, with `(one|other)` for a choice and `(one|other)?` for one that may be
    missing. It matches whole words in any case (a word with letters beyond ASCII: in lower case,
    in upper case, or with a capital), with one white space between them, after a comma or not, and
    with either form of the apostrophe. An entry that begins with `re:` is a pattern as it is.
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
    def phrases(self) -> Sequence[Phrase]:
        """The entries as patterns, each with its needles."""
        return tuple(_phrase(entry) for entry in self.entries)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One pattern that finds any entry."""
        return re.compile("|".join(f"(?:{phrase.source})" for phrase in self.phrases))

    @cached_property
    def needles(self) -> frozenset[bytes]:
        """The needles of all phrases."""
        return frozenset(needle for phrase in self.phrases for needle in phrase.needles)

    def find(self, text: str) -> Iterator[re.Match[str]]:
        """Where entries are found, entry by entry."""
        present = held(self.needles, folded(text.encode("utf-8", "surrogatepass")))
        for phrase in self.phrases:
            if not phrase.needles or not phrase.needles.isdisjoint(present):
                yield from phrase.pattern.finditer(text)


@lru_cache
def builtin(name: str) -> Lexicon:
    """A lexicon that the package carries, such as `refusal@1`."""
    text = files("dslineage.quality.lexicons").joinpath(f"{name}.txt").read_text("utf-8")
    return Lexicon(name, text)


def _phrase(entry: str) -> Phrase:
    if entry.startswith("re:"):
        return Phrase(entry[3:], frozenset())
    items = [
        Item(bool(gap), (word or choices).split("|"), bool(optional))
        for gap, choices, optional, word in _ITEM.findall(entry)
    ]
    return Phrase(_pattern(items), _needles(items))


def _pattern(items: Sequence[Item]) -> str:
    """White space belongs to what follows it, or to what may miss at the beginning."""
    source, begun = "", False
    for item, after in zip(
        items, [*items[1:], Item(gap=False, choices=(), optional=False)], strict=True
    ):
        any_of = "(?:" + "|".join(map(_literal, item.choices)) + ")"
        lead = _GAP if item.gap and begun else ""
        trail = _GAP if after.gap and not begun and item.optional else ""
        source += f"(?:{lead}{any_of}{trail})?" if item.optional else lead + any_of
        begun = begun or not item.optional
    return source


def _needles(items: Sequence[Item]) -> frozenset[bytes]:
    """The beginnings of all that an entry matches, folded."""
    begun, whole = {b""}, set[bytes]()
    for item in items:
        said = {case for choice in item.choices for case in _cases_of_all(choice)}
        longer = {(b + b" " if item.gap and b else b) + one for b in begun for one in said}
        begun = longer | begun if item.optional else longer
        whole |= {one[:_LONG_ENOUGH] for one in begun if len(one) >= _LONG_ENOUGH}
        begun = {one for one in begun if len(one) < _LONG_ENOUGH}
    return frozenset(whole | begun)


def _literal(words: str) -> str:
    """The pattern of some words."""
    lead = "" if _TOUCHES.match(words[0]) else r"\b"
    trail = "" if _TOUCHES.match(words[-1]) else r"\b"
    return lead + _GAP.join(map(_word, words.split())) + trail


def _word(word: str) -> str:
    if not word.isascii():
        return "(?:" + "|".join(map(re.escape, _cases(word))) + ")"
    either = {letter: f"[{letter.lower()}{letter.upper()}]" for letter in word if letter.isalpha()}
    return "".join(either.get(c, "['’]" if c == "'" else re.escape(c)) for c in word)


def _cases_of_all(words: str) -> set[bytes]:
    """Some words, folded, in all the cases in which their pattern matches them."""
    found = {""}
    for word in words.split():
        found = {f"{one} {case}".strip() for one in found for case in _cases(word)}
    return {folded(one.encode()) for one in found}


def _cases(word: str) -> Sequence[str]:
    return tuple(dict.fromkeys((word, word.lower(), word[:1].upper() + word[1:], word.upper())))
