"""Screens: cheap conditions without which no text of a chunk can match.

They look at all texts at once and err on one side only: what they leave out does not match, what
they let pass is looked at one by one.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Octets = NDArray[np.uint8]
    Marks = NDArray[np.bool_]
    Places = NDArray[np.int64]

END = b"\xff"
"""Stands behind each text; it occurs in no UTF-8."""
NEEDLE = 11
"""So many bytes, wherever they begin, have eight from a multiple of four on."""
_APOSTROPHES = "'’".encode()
_FOLD = bytes.maketrans(
    string.ascii_uppercase.encode() + b"\t\n", string.ascii_lowercase.encode() + b"  "
)
_PIECE = 1 << 17
"""So many bytes are looked at at once: what is derived from them stays in a processor's cache."""
_BEYOND = 32
"""So many bytes behind a piece are looked at with it."""


def folded(data: bytes) -> bytes:
    """UTF-8 with ASCII letters in lower case, plain spaces, without commas and apostrophes.

    It works byte by byte, so what is part of a text is part of the folded text, too; that bytes of
    other letters get lost with those of an apostrophe does no harm to that.
    """
    return data.translate(_FOLD, b"," + _APOSTROPHES)


@dataclass(frozen=True)
class Screen:
    """Texts as UTF-8, END behind each; what it finds are numbers of texts."""

    data: bytes

    @classmethod
    def of(cls, texts: Sequence[str]) -> Screen:
        """A screen of some texts, lone surrogates included."""
        return cls(END.join([*_encoded(texts), b""]))

    @cached_property
    def octets(self) -> Octets:
        """The bytes as numbers."""
        return np.frombuffer(self.data, np.uint8)

    @cached_property
    def stops(self) -> Places:
        """Where each text ends."""
        return _stops(self.data)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many bytes each text has."""
        return np.diff(self.stops, prepend=-1) - 1

    @property
    def firsts(self) -> Octets:
        """The first byte of each text; END where there is none."""
        firsts: Octets = self.octets[self.stops - self.sizes]
        return firsts

    @cached_property
    def wide(self) -> NDArray[np.int64]:
        """The texts that are not ASCII."""
        return np.unique(self.foreign[0])

    @cached_property
    def foreign(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of each character beyond ASCII, the text that it stands in, and its code point."""
        leads, codes, _ = beyond_ascii(self.octets)
        return np.searchsorted(self.stops, leads), codes

    def texts_at(self, places: Places) -> NDArray[np.int64]:
        """The texts in which some bytes lie."""
        return np.unique(np.searchsorted(self.stops, places))

    def where(self, marks: Callable[[Octets], Marks], step: int = 1) -> Places:
        """The places that get a mark from a function of some bytes, one for every `step` of them.

        It is called for piece after piece, with a few bytes of the next one, so that a mark may
        depend on up to 32 bytes from its place on.
        """
        return _where(self.octets, marks, step)

    def having(self, needle: bytes) -> NDArray[np.int64]:
        """The texts that hold a byte string."""
        places = []
        place = self.data.find(needle)
        while place >= 0:
            places.append(place)
            place = self.data.find(needle, place + len(needle))
        return self.texts_at(np.array(places, np.int64))

    def holding(self, needles: frozenset[bytes]) -> Sequence[tuple[int, bytes]]:
        """Which texts hold, folded, which of some needles of NEEDLE bytes or more.

        All are sought at once, by what of their beginning lies at multiples of four bytes wherever
        they begin; the cost hardly depends on how many there are. It is kept for the next to ask.
        """
        if needles not in self._held:
            self._held[needles] = self._sought(needles)
        return self._held[needles]

    def with_pairs(self, pairs: Collection[bytes]) -> NDArray[np.int64]:
        """The texts that hold any of some pairs of bytes."""
        firsts = sorted({pair[0] for pair in pairs})
        places = self.where(lambda octets: reduce(or_, [octets == first for first in firsts]))
        codes = self.octets[places] * np.uint16(256) + self.octets.take(places + 1, mode="clip")
        return self.texts_at(places[np.isin(codes, [int.from_bytes(pair) for pair in pairs])])

    @cached_property
    def _held(self) -> dict[frozenset[bytes], Sequence[tuple[int, bytes]]]:
        return {}

    def _sought(self, needles: frozenset[bytes]) -> Sequence[tuple[int, bytes]]:
        data, grams = folded(self.data), _grams(needles)
        found = [
            (place, needle)
            for place in _where(np.frombuffer(data, np.uint8), grams.marks, 4).tolist()
            for needle, skipped in grams.ways.get(data[place : place + 8], ())
            if data.startswith(needle, place - skipped)
        ]
        if not found:
            return ()
        texts = np.searchsorted(_stops(data), [place for place, _ in found]).tolist()
        return sorted({(text, needle) for text, (_, needle) in zip(texts, found, strict=True)})


class Grams(NamedTuple):
    """Needles, up to three bytes skipped, by the next eight bytes, and which hashes those have.

    `first` are the hashes of four of the bytes, `both` those of all eight.
    """

    ways: dict[bytes, list[tuple[bytes, int]]]
    first: Marks
    both: Marks

    def marks(self, octets: Octets) -> Marks:
        """For every four bytes whether they and the next four may be those of a needle."""
        words = octets[: len(octets) & ~3].view("<u4")
        marks = self.first.take(_hashed(words))
        places = np.flatnonzero(marks[:-1])
        marks[-1:] = False
        marks[places] = self.both.take(_hashed(_joined(words[places], words[places + 1])))
        return marks


@lru_cache
def _grams(needles: frozenset[bytes]) -> Grams:
    """What some needles are found by.

    Raises:
        ValueError: a needle is too short.
    """
    ways: dict[bytes, list[tuple[bytes, int]]] = {}
    for needle in sorted(needles):
        if len(needle) < NEEDLE:
            raise ValueError(f"shorter than {NEEDLE} bytes: {needle!r}")
        for skipped in range(4):
            ways.setdefault(needle[skipped : skipped + 8], []).append((needle, skipped))
    words = np.frombuffer(b"".join(ways), "<u4")
    first, both = np.zeros((2, 1 << 16), bool)
    first[_hashed(words[::2])] = True
    both[_hashed(_joined(words[::2], words[1::2]))] = True
    return Grams(ways, first, both)


def held(needles: frozenset[bytes], data: bytes) -> set[bytes]:
    """Which of some needles of NEEDLE bytes or more a folded text holds."""
    ways = _grams(needles).ways
    return {
        needle
        for place in range(0, len(data) - 7, 4)
        for needle, skipped in ways.get(data[place : place + 8], ())
        if data.startswith(needle, place - skipped)
    }


def beyond_ascii(octets: Octets) -> tuple[Places, NDArray[np.int64], NDArray[np.int64]]:
    """Where characters beyond ASCII begin in UTF-8, their code points, and their bytes' number."""
    places = np.flatnonzero((octets >= 0xC0) & (octets < END[0]))
    codes = octets[places].astype(np.int64)
    sizes = 2 + (codes >= 0xE0) + (codes >= 0xF0)
    codes &= 0x7F >> sizes
    for place in range(1, 4):
        more = sizes > place
        codes[more] = codes[more] << 6 | octets[places[more] + place] & 0x3F
    return places, codes, sizes


def _encoded(texts: Sequence[str]) -> list[bytes]:
    try:
        return [text.encode() for text in texts]
    except UnicodeEncodeError:
        return [text.encode("utf-8", "surrogatepass") for text in texts]


def _hashed(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return words * np.uint32(0x9E3779B1) >> np.uint32(16)


def _joined(words: NDArray[np.uint32], others: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return words ^ others * np.uint32(0x85EBCA77)


def _where(octets: Octets, marks: Callable[[Octets], Marks], step: int) -> Places:
    found = [np.zeros(0, np.int64)]
    for start in range(0, len(octets), _PIECE):
        piece = marks(octets[start : start + _PIECE + _BEYOND])
        found.append(start + step * np.flatnonzero(piece[: _PIECE // step]))
    return np.concatenate(found)


def _stops(data: bytes) -> Places:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == END[0])
