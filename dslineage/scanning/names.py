"""What file names say: what a file is for, which names are alike, and which came first."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import PurePosixPath

from dslineage.scanning.folder import data_stem, is_set_aside
from dslineage.scanning.result import Role

_TRAINING = frozenset(("train", "training", "sft", "finetune", "finetuning"))
_EVALUATION = frozenset(
    (
        *("test", "tests", "testing", "eval", "evals", "evaluation", "val", "valid", "validation"),
        *("dev", "devset", "bench", "benchmark", "benchmarks", "heldout", "holdout"),
    )
)
_EARLY = frozenset(("old", "orig", "original", "raw", "draft", "bak", "backup"))
_LATE = frozenset(
    (
        *("new", "latest", "final", "fix", "fixed", "fixes", "revised", "edited", "updated"),
        *("clean", "cleaned", "dedup", "dedupe", "deduped", "deduplicated", "filtered"),
    )
)
_COUNTERS = frozenset(("v", "ver", "version", "r", "rev", "revision"))
_HASH = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}")
_PIECE = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Name:
    """A file's name, taken apart.

    `words` name the data set, `marks` a version of it (`final`, `old`), as may `numbers`;
    `counted` says that one of these follows a `v` or the like.
    """

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    marks: tuple[str, ...]
    counted: bool

    @property
    def rank(self) -> tuple[bool, tuple[float, ...], int] | None:
        """Where the name stands among those with equal words.

        None where a number is a fraction that no `v` makes a version: `similarity-0.9`.
        """
        if not self.counted and any("." in number for number in self.numbers):
            return None
        late = sum(mark in _LATE for mark in self.marks)
        numbers = tuple(float(part) for number in self.numbers for part in number.split("."))
        early = any(mark in _EARLY for mark in self.marks)
        return not early, numbers or ((math.inf,) if late else (0.0,)), late

    def is_version_of(self, other: Name) -> bool:
        """Whether the two names differ in nothing but what names a version."""
        if not self.words or self.words != other.words:
            return False
        counted = self.counted or other.counted
        return self.marks != other.marks or (counted and self.numbers != other.numbers)


def parse_name(path: str) -> Name:
    """Take the name of a file apart, suffixes and folders aside."""
    words: list[str] = []
    numbers: list[str] = []
    marks = ["bak"] if is_set_aside(path) else []
    counted = False
    pieces = _pieces(path)
    for piece, following in zip_longest(pieces, pieces[1:], fillvalue=""):
        if piece[0].isdigit():
            numbers.append(piece)
        elif piece in _COUNTERS and following[:1].isdigit():
            counted = True
        elif piece in _EARLY | _LATE or piece == "copy":
            marks.append(piece)
        else:
            words.append(piece)
    return Name(tuple(words), tuple(numbers), tuple(marks), counted)


def role_of(path: str) -> Role:
    """What a file is for: its own name decides, then the folders that it is in, nearest first."""
    parts = PurePosixPath(path)
    for part in (parts.name, *reversed(parts.parts[:-1])):
        words = set(_pieces(part))
        if words & _TRAINING:
            return "training"
        if words & _EVALUATION:
            return "evaluation"
    return ""


def common_name(names: list[Name]) -> str:
    """What to call a data set of which all these are versions: the words that they begin with."""
    common: list[str] = []
    for words in zip(*(name.words for name in names), strict=False):
        if len(set(words)) > 1:
            break
        common.append(words[0])
    return "-".join(common)


def _pieces(path: str) -> list[str]:
    """The words and numbers of a name in small letters; hashes are left out."""
    stem = data_stem(PurePosixPath(path).name)
    parts = [part for part in re.split(r"[^\w.]+|_", stem) if not _HASH.fullmatch(part.lower())]
    return [piece.lower() for part in parts for piece in _PIECE.findall(_CAMEL.sub(" ", part))]
