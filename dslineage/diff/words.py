"""What differs between two texts, word by word."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")
_COMPARED = 30_000
"""Pairs of equal words, one of each text, up to which texts are aligned word by word (0.3 s)."""

Op = Literal["equal", "insert", "delete", "replace"]


class WordChange(NamedTuple):
    """A stretch of two texts; `before` is empty for an insertion, `after` for a deletion.

    `coarse` says that it was too much to be compared word by word: equal words may be in it.
    """

    op: Op
    before: str
    after: str
    coarse: bool = False


def word_changes(before: str, after: str) -> list[WordChange]:
    """The stretches that two texts are made of, in order; joined, they give the texts back.

    Long texts that differ in many places are aligned by sentences and lines, and these by words
    where they are not too long themselves.
    """
    first, second = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common(first, second)
    first, second, lead = first[head:], second[head:], "".join(first[:head])
    tail = _common(first[::-1], second[::-1])
    trail = "".join(first[len(first) - tail :])
    first, second = first[: len(first) - tail], second[: len(second) - tail]
    changes = [WordChange("equal", lead, lead), *_aligned(first, second)]
    changes.append(WordChange("equal", trail, trail))
    return [change for change in changes if change.before or change.after]


def sentence_changes(before: str, after: str) -> list[WordChange]:
    """The stretches that two texts are made of, as of whole sentences and lines."""
    first, second = _SENTENCE.findall(before), _SENTENCE.findall(after)
    if not _comparable(first, second):
        return [WordChange("replace", before, after, coarse=True)]
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    return [_change(op, first[i:j], second[k:m]) for op, i, j, k, m in matcher.get_opcodes()]


def _aligned(first: list[str], second: list[str]) -> Iterator[WordChange]:
    """The stretches of two lists of words."""
    if _comparable(first, second):
        # Space is no anchor: it stands everywhere, and would make aligning slow and choppy.
        matcher = difflib.SequenceMatcher(str.isspace, first, second, autojunk=False)
        for op, i, j, k, m in matcher.get_opcodes():
            yield _change(op, first[i:j], second[k:m])
        return
    for change in sentence_changes("".join(first), "".join(second)):
        words = _TOKEN.findall(change.before), _TOKEN.findall(change.after)
        if change.op == "replace" and _comparable(*words):
            yield from _aligned(*words)
        else:
            yield change._replace(coarse=change.op == "replace")


def _comparable(first: list[str], second: list[str]) -> bool:
    """Whether aligning two lists is quick: its cost is that of the pairs of equal items."""
    counts = Counter(second)
    return sum(counts[item] for item in first if not item.isspace()) <= _COMPARED


def _change(op: Op, first: list[str], second: list[str]) -> WordChange:
    return WordChange(op, "".join(first), "".join(second))


def _common(first: list[str], second: list[str]) -> int:
    """How many words two texts have in common at their beginnings."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(first), len(second)))
