"""Finding many byte strings at once in a stream, with bounded memory.

Of the places of a piece only each eighth is looked at. Of each needle, the eight windows of eight
bytes that begin at eight places in a row are known by a table of hashes, so that one of them lies
at a place that is looked at; only there the whole needle is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

N = TypeVar("N", bound=Hashable)

_WIDTH = 8
_STRETCH = 2 * _WIDTH - 1
"""The bytes in which eight windows of eight bytes begin."""
_SHORTEST = 8
_BITS = 20
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PIECE = 1 << 20
_CONSIDERED = 1 << 16
_COMMON = np.isin(np.arange(256), list(b' etaoinsrhl"{}[]:,')).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Needles(Generic[N]):
    """Byte strings to look for; each means some names.

    `windows` has, for the eight bytes of a window, the needles that it is of and where it begins
    in them; `words` are these windows, sorted, and `table` says of hashes whether a window has it.
    `short` are needles that are too short for windows.
    """

    names: Mapping[bytes, frozenset[N]]
    windows: Mapping[int, list[tuple[bytes, int]]]
    words: NDArray[np.uint64]
    table: NDArray[np.bool_]
    short: tuple[bytes, ...]

    @classmethod
    def of(cls, needles: Iterable[tuple[bytes, N]]) -> Needles[N]:
        """Needles and what each means; those of less than eight bytes could stand anywhere."""
        names: dict[bytes, set[N]] = defaultdict(set)
        for needle, name in needles:
            if len(needle) >= _SHORTEST:
                names[needle].add(name)
        long = [needle for needle in names if len(needle) >= _STRETCH]
        counts = _counts(long)
        windows: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
        for needle in long:
            first = _rarest(needle, counts)
            for at in range(first, first + _WIDTH):
                windows[int.from_bytes(needle[at : at + _WIDTH], "little")].append((needle, at))
        words = np.array(sorted(windows), dtype=np.uint64)
        table = np.zeros(1 << _BITS, dtype=bool)
        table[_hashed(words)] = True
        short = tuple(needle for needle in names if len(needle) < _STRETCH)
        meant = {needle: frozenset(each) for needle, each in names.items()}
        return cls(meant, dict(windows), words, table, short)

    def found_in(self, pieces: Iterable[bytes]) -> set[N]:
        """What the needles mean that stand in a stream, be it across the ends of its pieces."""
        longest = max(map(len, self.names), default=0)
        found: set[bytes] = set()
        kept = b""
        for piece in _joined(pieces, max(_PIECE, longest)) if longest else ():
            data = kept + piece
            found.update(self._in(data, found))
            kept = data[-longest:]
        return {name for needle in found for name in self.names[needle]}

    def _in(self, data: bytes, known: set[bytes]) -> Iterator[bytes]:
        yield from (needle for needle in self.short if needle not in known and needle in data)
        words = np.frombuffer(data, "<u8", len(data) // _WIDTH)
        maybe = np.flatnonzero(self.table[_hashed(words)])
        maybe = maybe[np.isin(words[maybe], self.words)]
        for place, word in zip(maybe.tolist(), words[maybe].tolist(), strict=True):
            for needle, at in self.windows[word]:
                begin = _WIDTH * place - at
                if needle not in known and begin >= 0 and data.startswith(needle, begin):
                    yield needle


def _hashed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words * _MULTIPLIER) >> np.uint64(64 - _BITS)


def _counts(needles: Iterable[bytes]) -> NDArray[np.int64]:
    """How often windows with each hash stand in some needles."""
    counts = np.zeros(1 << _BITS, dtype=np.int64)
    for piece in _joined((needle[:_CONSIDERED] for needle in needles), _PIECE):
        counts += np.bincount(_windows(piece).astype(np.int64), minlength=1 << _BITS)
    return counts


def _windows(data: bytes) -> NDArray[np.uint64]:
    """The hashes of the windows that begin at each byte."""
    every = sliding_window_view(np.frombuffer(data, np.uint8), _WIDTH)
    return _hashed(np.ascontiguousarray(every).view("<u8").ravel())


def _rarest(needle: bytes, counts: NDArray[np.int64]) -> int:
    """Where eight windows in a row begin that fewest other needles, and fewest texts, have."""
    head = needle[:_CONSIDERED]
    others = sliding_window_view(counts[_windows(head)], _WIDTH).max(axis=1)
    common = sliding_window_view(_COMMON[np.frombuffer(head, np.uint8)], _STRETCH).sum(axis=1)
    return int(np.argmin(others * (_STRETCH + 1) + common))


def _joined(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of at least some size, but for the last."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)
