"""Which line ends of a delimited file end a record, chunk by chunk (RFC 4180).

A quote opens a quoted field only at the start of a field; inside one, two quotes stand for one;
elsewhere a quote is text. All of that follows from the *runs* of adjacent quotes. A run of even
length changes nothing: it is doubled quotes, or an empty quoted field, or text. A run of odd
length at the start of what may be a field swaps inside and outside. A run of odd length
elsewhere is outside when it is over: it closed a field, or was text. So whether a place is inside
is the parity of the swaps since the last run of that third kind, which is a cumulative sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.formats.chunks import CR, LF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.formats.chunks import Chunk

QUOTE = 0x22


class _Run(NamedTuple):
    """A run of quotes that reaches the end of a chunk, and may go on in the next."""

    offset: int
    length: int
    at_field_start: bool
    inside_before: bool


class Quoting:
    """Follows quoted fields from chunk to chunk.

    Attributes:
        inside: whether the last chunk ended inside a quoted field.
        opened_at: the absolute offset of the quote that opened that field.
    """

    def __init__(self, delimiter: int) -> None:
        self.inside = False
        self.opened_at = 0
        self._starts_field = np.zeros(256, np.bool_)
        self._starts_field[[delimiter, LF, CR]] = True
        self._unfinished: _Run | None = None

    def outside(self, chunk: Chunk, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the places in the next chunk, none of them quotes, are in no quoted field."""
        quotes = np.flatnonzero(chunk.data == QUOTE) if chunk.has(QUOTE) else places[:0]
        unfinished, self._unfinished = self._unfinished, None
        if not len(quotes):
            return np.full(len(places), not self.inside)

        breaks = np.flatnonzero(np.diff(quotes) != 1) + 1
        first = quotes[np.concatenate(([0], breaks))]
        length = np.diff(np.concatenate(([0], breaks, [len(quotes)])))
        offset = first + chunk.base
        at_field_start = self._starts_field[chunk.before[first]]
        inside = self.inside
        if unfinished and first[0] == 0:
            offset[0] = unfinished.offset
            length[0] += unfinished.length
            at_field_start[0] = unfinished.at_field_start
            inside = unfinished.inside_before

        after = _inside_after(length, at_field_start, inside)
        before = np.concatenate(([inside], after[:-1]))
        self.inside = bool(after[-1])
        opening = np.flatnonzero(after & ~before)
        if len(opening):
            self.opened_at = int(offset[opening[-1]])
        if quotes[-1] == len(chunk.data) - 1:
            self._unfinished = _Run(
                int(offset[-1]), int(length[-1]), bool(at_field_start[-1]), bool(before[-1])
            )
        state = np.concatenate(([inside], after))
        result: NDArray[np.bool_] = ~state[np.searchsorted(first, places)]
        return result


def _inside_after(
    length: NDArray[np.int64], at_field_start: NDArray[np.bool_], inside: bool
) -> NDArray[np.bool_]:
    """For each run of quotes, whether a quoted field is open behind it."""
    odd = length & 1 == 1
    swaps = np.cumsum(odd & at_field_start)
    ends = np.where(odd & ~at_field_start, np.arange(1, len(length) + 1), 0)
    last_end = np.maximum.accumulate(ends)
    swaps_before = np.concatenate(([-int(inside)], swaps))[last_end]
    result: NDArray[np.bool_] = (swaps - swaps_before) & 1 == 1
    return result
