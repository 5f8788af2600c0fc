"""What lies between separators: pieces of a file, trimmed, found chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.formats.base import BadSpan, Limits, Note, Spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.formats.chunks import Chunk

_TRIM_ROUNDS = 32
"""Bytes that are trimmed from all pieces at once; longer white space is found piece by piece."""


class Pieces(NamedTuple):
    """Pieces in file order, as int64 arrays of absolute offsets.

    A piece begins behind a separator at `begin`; its content, white space trimmed, is
    `[start, stop)`. Where it has none, both are the offset of the separator that ends it.
    """

    begin: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_] | slice) -> Pieces:
        """Some of the pieces."""
        return Pieces(*(column[chosen] for column in self))

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which pieces have content."""
        return self.start < self.stop

    def spans(self, limits: Limits, notes: tuple[Note, ...] = ()) -> Spans:
        """The pieces that have content, as records; those that are too long, as faults."""
        filled = self.filled
        fits = self.stop - self.start <= limits.record_bytes
        bad = tuple(
            BadSpan(
                start,
                stop,
                "record-too-long",
                f"a record of {stop - start:,} bytes, over the limit of {limits.record_bytes:,}",
                start,
            )
            for start, stop in zip(
                self.start[~fits].tolist(), self.stop[~fits].tolist(), strict=True
            )
        )
        return Spans(self.start[filled & fits], self.stop[filled & fits], bad, notes)

    def blank_note(self) -> tuple[Note, ...]:
        """A note about the pieces that have no content: blank lines."""
        blank = self.begin[~self.filled]
        return (Note("blank-line", "blank lines", int(blank[0]), len(blank)),) if len(blank) else ()


class Splitter:
    """Cuts a stream of chunks at separators of one byte.

    Only offsets are carried from chunk to chunk, so a piece may be longer than memory.

    Args:
        begin: where the first piece begins.
        white_space: the bytes that are trimmed from both ends of each piece.
    """

    def __init__(self, begin: int, white_space: bytes) -> None:
        self._white_space = white_space
        self._is_white = np.zeros(256, np.bool_)
        self._is_white[list(white_space)] = True
        self._open = Pieces(*(np.array([begin], np.int64) for _ in range(3)))

    @property
    def open(self) -> Pieces:
        """The one piece that no separator has ended yet, with the content seen so far."""
        return self._open

    @property
    def begin(self) -> int:
        """Where the open piece begins."""
        return int(self._open.begin[0])

    def feed(self, chunk: Chunk, cuts: NDArray[np.int64]) -> Pieces:
        """The pieces that the separators at `cuts`, positions in the chunk, end."""
        start = np.concatenate(([0], cuts + 1))
        stop = np.append(cuts, len(chunk.data))
        begin = np.concatenate((self._open.begin, start[1:] + chunk.base))
        self._trim(chunk, start, stop)
        start += chunk.base
        stop += chunk.base
        if self._open.filled[0]:
            if start[0] == stop[0]:
                stop[0] = self._open.stop[0]
            start[0] = self._open.start[0]
        pieces = Pieces(begin, start, stop)
        self._open = pieces.where(slice(-1, None))
        return pieces.where(slice(None, -1))

    def _trim(self, chunk: Chunk, start: NDArray[np.int64], stop: NDArray[np.int64]) -> None:
        """Move `start` and `stop` inwards over white space, in place."""
        left = self._trim_side(chunk, start, stop, start, 0)
        right = self._trim_side(chunk, start, stop, stop, -1)
        for piece in {*left.tolist(), *right.tolist()}:
            text = chunk.text(start[piece], stop[piece]).lstrip(self._white_space)
            start[piece] = stop[piece] - len(text)
            stop[piece] = start[piece] + len(text.rstrip(self._white_space))

    def _trim_side(
        self,
        chunk: Chunk,
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        edge: NDArray[np.int64],
        behind: int,
    ) -> NDArray[np.int64]:
        """Trim one side of all pieces; those that have more white space than is looked for."""
        pieces = np.arange(len(start))
        for _ in range(_TRIM_ROUNDS):
            pieces = pieces[start[pieces] < stop[pieces]]
            pieces = pieces[self._is_white[chunk.data[edge[pieces] + behind]]]
            if not len(pieces):
                break
            edge[pieces] += 1 + 2 * behind
        return pieces
