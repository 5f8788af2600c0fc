"""Screens: cheap conditions without which no text of a chunk can match.

They look at all texts at once and err on one side only: what they leave out does not match, what
they let pass is looked at one by one.
"""

from __future__ import annotations

import string
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BETWEEN = b"\xff"
"""Stands between texts; it occurs in no UTF-8."""
NEEDLE = 11
"""So many bytes, wherever they begin, have eight from a multiple of four on."""
_APOSTROPHES = "'’".encode()
_FOLD = bytes.maketrans(
    string.ascii_uppercase.encode() + b"\t\n", string.ascii_lowercase.encode() + b"  "
)
_SHAPE = bytes.maketrans(b"123456789.", b"000000000-")


def folded(data: bytes) -> bytes:
    """UTF-8 with ASCII letters in lower case, plain spaces, without commas and apostrophes.

    It works byte by byte, so what is part of a text is part of the folded text, too; that bytes of
    other letters get lost with those of an apostrophe does no harm to that.
    """
    return data.translate(_FOLD, b"," + _APOSTROPHES)


@dataclass(frozen=True)
class Screen:
    """Texts as UTF-8 behind one another; what it finds are numbers of texts."""

    data: bytes

    @classmethod
    def of(cls, texts: Iterable[str]) -> Screen:
        """A screen of some texts, lone surrogates included."""
        return cls(_BETWEEN.join([text.encode("utf-8", "surrogatepass") for text in texts]))

    @cached_property
    def octets(self) -> NDArray[np.uint8]:
        """The bytes as numbers."""
        return np.frombuffer(self.data, np.uint8)

    @cached_property
    def stops(self) -> NDArray[np.int64]:
        """Where each text ends."""
        return _stops(self.data)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many bytes each text has."""
        return np.diff(self.stops, prepend=-1) - 1

    def texts_at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The texts in which some bytes lie."""
        return np.unique(np.searchsorted(self.stops, places))

    def having(self, needle: bytes) -> NDArray[np.int64]:
        """The texts that hold a byte string."""
        stops, found = list(self.stops.tolist()), list[int]()
        place = self.data.find(needle)
        while place >= 0:
            text = bisect_right(stops, place)
            found.append(text)
            place = self.data.find(needle, stops[text])
        return np.array(found, np.int64)

    def holding(self, needles: frozenset[bytes]) -> NDArray[np.int64]:
        """The texts that hold, folded, one of some needles of NEEDLE bytes or more.

        All are sought at once, by what of their beginning lies at multiples of four bytes wherever
        they begin; the cost hardly depends on how many there are.
        """
        data = folded(self.data)
        words = np.frombuffer(data, "<u4", len(data) // 4)
        table, ways = _grams(needles)
        places = 4 * np.flatnonzero(table[_hashed(words[:-1])])
        found = [
            place
            for place in places.tolist()
            for needle, skipped in ways.get(data[place : place + 8], ())
            if data.startswith(needle, place - skipped)
        ]
        return np.unique(np.searchsorted(_stops(data), np.array(found, np.int64)))

    def with_run(self, members: bytes, length: int) -> NDArray[np.int64]:
        """The texts that may have so many of some bytes in a row: they cover aligned pairs."""
        marks = np.frombuffer(self.data.translate(_table(members)), bool)
        pairs = marks[: len(marks) & ~1].view("<u2") == 0x0101
        count = (length - 1) // 2
        size = max(0, len(pairs) - count + 1)
        full = np.logical_and.reduce([pairs[i : i + size] for i in range(count)])
        return self.texts_at(2 * np.flatnonzero(full))

    def with_shape(self, shapes: Iterable[bytes]) -> NDArray[np.int64]:
        """The texts with a number of some shape: `0` is a digit, `-` a hyphen or a full stop."""
        screen = Screen(self.data.translate(_SHAPE))
        return np.unique(np.concatenate([screen.having(shape) for shape in shapes]))

    def with_pair(self, first: int, seconds: bytes) -> NDArray[np.int64]:
        """The texts that hold a byte followed by any of others."""
        places = np.flatnonzero(self.octets[:-1] == first)
        return self.texts_at(places[np.isin(self.octets[places + 1], list(seconds))])


def _table(members: bytes) -> bytes:
    return bytes(byte in members for byte in range(256))


@lru_cache
def _grams(
    needles: frozenset[bytes],
) -> tuple[NDArray[np.bool_], dict[bytes, list[tuple[bytes, int]]]]:
    """Needles, up to three bytes skipped, by the next eight; and which hashes the next four have.

    Raises:
        ValueError: a needle is too short.
    """
    ways: dict[bytes, list[tuple[bytes, int]]] = {}
    for needle in sorted(needles):
        if len(needle) < NEEDLE:
            raise ValueError(f"shorter than {NEEDLE} bytes: {needle!r}")
        for skipped in range(4):
            ways.setdefault(needle[skipped : skipped + 8], []).append((needle, skipped))
    table = np.zeros(1 << 16, bool)
    table[_hashed(np.frombuffer(b"".join(ways), "<u4")[::2])] = True
    return table, ways


def held(needles: frozenset[bytes], data: bytes) -> set[bytes]:
    """Which of some needles of NEEDLE bytes or more a folded text holds."""
    _, ways = _grams(needles)
    return {
        needle
        for place in range(0, len(data) - 7, 4)
        for needle, skipped in ways.get(data[place : place + 8], ())
        if data.startswith(needle, place - skipped)
    }


def _hashed(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return words * np.uint32(0x9E3779B1) >> np.uint32(16)


def _stops(data: bytes) -> NDArray[np.int64]:
    return np.append(np.flatnonzero(np.frombuffer(data, np.uint8) == _BETWEEN[0]), len(data))
