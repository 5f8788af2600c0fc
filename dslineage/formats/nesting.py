"""Which commas and brackets of a JSON array separate its elements, chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.formats.chunks import Chunk

_QUOTE, _BACKSLASH, _COMMA, _OPEN, _CLOSE = b'"\\,{}'
_CASE = 0x20
"""The bit that makes `[` a `{` and `]` a `}`."""

_STEP = np.zeros(256, np.int64)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1


class Separators(NamedTuple):
    """Positions in a chunk: of the commas between elements, and of the bracket that ends all."""

    commas: NDArray[np.int64]
    close: int | None


class Nesting:
    """Follows strings and brackets from just behind the `[` of the root array.

    Attributes:
        depth: brackets that are open after the last chunk; 0 once the root array is closed.
        in_string: whether the last chunk ended inside a string.
    """

    def __init__(self) -> None:
        self.depth = 1
        self.in_string = False
        self._escaped = False

    def separators(self, chunk: Chunk) -> Separators:
        """The separators of the root array, still open, in the next chunk."""
        data = chunk.data
        quotes = self._quotes(chunk)
        folded = data | _CASE
        marks = np.flatnonzero((folded == _OPEN) | (folded == _CLOSE) | (data == _COMMA))
        inside = (np.searchsorted(quotes, marks) + self.in_string) & 1
        marks = marks[inside == 0]
        self.in_string ^= bool(len(quotes) & 1)
        depths = self.depth + np.cumsum(_STEP[data[marks]])
        closing = np.flatnonzero(depths == 0)
        if len(closing):
            marks, depths = marks[: closing[0] + 1], depths[: closing[0] + 1]
        if len(depths):
            self.depth = int(depths[-1])
        commas = marks[(depths == 1) & (data[marks] == _COMMA)]
        return Separators(commas, int(marks[-1]) if len(closing) else None)

    def _quotes(self, chunk: Chunk) -> NDArray[np.int64]:
        """Where strings begin and end: the quotes that no backslash escapes."""
        quotes = chunk.data == _QUOTE
        escaped = self._escaped_places(chunk)
        self._escaped = bool(len(escaped)) and int(escaped[-1]) == len(chunk.data)
        quotes[escaped[: len(escaped) - self._escaped]] = False
        return np.flatnonzero(quotes)

    def _escaped_places(self, chunk: Chunk) -> NDArray[np.int64]:
        """The places behind an odd run of backslashes; the last may lie behind the chunk."""
        first = np.zeros(int(self._escaped), np.int64)
        if not chunk.has(_BACKSLASH):
            return first
        slashes = np.flatnonzero(chunk.data == _BACKSLASH)
        slashes = slashes[int(self._escaped and slashes[0] == 0) :]
        breaks = np.flatnonzero(np.diff(slashes) != 1)
        run_starts = slashes[np.concatenate(([0], breaks + 1))[: len(slashes)]]
        run_stops = slashes[np.append(breaks, len(slashes) - 1)[: len(slashes)]] + 1
        odd = (run_stops - run_starts) & 1 == 1
        return np.concatenate((first, run_stops[odd]))
