"""Sentence templates from real questions and answers, with their names and numbers left open.

The text comes from GSM8K. A template filled twice gives two different sentences, so a million
examples do not repeat whole sentences more often than people do, and a compressor gets no easier
job than with the real file (`python -m benchmarks ratio` shows both).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

_SENTENCE_END = re.compile(r"(?<=[.?!]) +|\n+")
_CAPITALISED = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
_OPEN = re.compile(r"[0-9]+|\b[A-Z][a-z]{2,}\b")
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April "
        "May June July August September October November December Christmas English Mrs York",
    )
)


class DataMissingError(Exception):
    """The shared data sets, from which the text is made, are not on this machine."""


class Template(NamedTuple):
    """A sentence whose names and numbers are `{0}`, `{1}`, …; equal ones share a slot."""

    text: str
    digits: tuple[int, ...]  # per slot: the number's digits, or 0 for a name

    def fill(self, rng: Random, names: Sequence[str]) -> str:
        """The sentence with new numbers of the old lengths, and names from `names`."""
        if not self.digits:
            return self.text
        random = rng.random
        values = [
            int(10 ** (n - 1) * (1 + 9 * random())) if n else names[slot % len(names)]
            for slot, n in enumerate(self.digits)
        ]
        return self.text.format(*values)


class Corpus(NamedTuple):
    """What sentences are made of."""

    questions: tuple[Template, ...]
    answers: tuple[Template, ...]
    names: tuple[str, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=1)
def corpus(data: Path = SHARED) -> Corpus:
    """All sentences of GSM8K as templates.

    Raises:
        DataMissingError: `data` has no `gsm8k` folder.
    """
    files = [data / "gsm8k" / name for name in ("train.jsonl", "test.jsonl")]
    if not all(file.is_file() for file in files):
        raise DataMissingError(
            f"the benchmark text is made from GSM8K, and {data / 'gsm8k'} is not here; "
            "put the shared data folder beside the project"
        )
    rows = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    questions = [s for row in rows for s in _SENTENCE_END.split(row["question"]) if s]
    answers = [
        line for row in rows for line in row["answer"].split("\n") if line and line[:2] != "##"
    ]
    names = _names(questions + answers)
    words = Counter(w for s in questions for w in re.findall(r"\b[a-z]{3,}\b", s))
    return Corpus(
        tuple(_template(s, names) for s in questions),
        tuple(_template(s, names) for s in answers),
        tuple(sorted(names)),
        tuple(sorted(w for w, n in words.items() if n > 1)),
    )


def _names(sentences: list[str]) -> frozenset[str]:
    lower = {word for s in sentences for word in re.findall(r"\b[a-z]+\b", s)}
    seen = Counter(word for s in sentences for word in _CAPITALISED.findall(s))
    return frozenset(w for w, n in seen.items() if n > 2 and w.lower() not in lower) - _NO_NAMES


def _template(sentence: str, names: frozenset[str]) -> Template:
    slots: dict[str, int] = {}

    def opened(match: re.Match[str]) -> str:
        word = match[0]
        if not word.isdigit() and word not in names:
            return word
        return f"{{{slots.setdefault(word, len(slots))}}}"

    text = _OPEN.sub(opened, sentence.replace("{", "{{").replace("}", "}}"))
    digits = tuple(len(word) if word.isdigit() else 0 for word in slots)
    return Template(text if digits else sentence, digits)
