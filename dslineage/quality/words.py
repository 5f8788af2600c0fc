"""Words, as every metric counts them, and the numbers that stand for them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALONE = (
    "\u0e00-\u0e7f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+")
_MOST_KEPT = 1 << 20


def words(text: str) -> list[str]:
    """W(x): runs of Unicode word characters, casefolded; Han, Kana and Thai one by one."""
    return _WORD.findall(text.casefold())


class Tokens(NamedTuple):
    """The words of several texts as 64-bit numbers, one text behind another.

    Text i has the numbers `ids[offsets[i]:offsets[i + 1]]`; equal words have equal numbers.
    """

    ids: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many words each text has."""
        return np.diff(self.offsets)


class Vocabulary(dict[str, int]):
    """Words and their numbers: the first eight bytes of a BLAKE2b, so the same everywhere."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_KEPT:
            self.clear()
        number = word_id(word)
        self[word] = number
        return number


_VOCABULARY = Vocabulary()


def word_id(word: str) -> int:
    """The number of a word."""
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def tokens(texts: Iterable[str | None]) -> Tokens:
    """The words of texts as numbers; a text that is None has none."""
    numbers: list[int] = []
    ends = [0]
    look_up = _VOCABULARY.__getitem__
    for text in texts:
        if text:
            numbers.extend(map(look_up, words(text)))
        ends.append(len(numbers))
    return Tokens(np.array(numbers, np.uint64), np.array(ends, np.int64))
