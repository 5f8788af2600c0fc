"""Lines of a file: where they end, and where an offset stands.

A line ends at LF, at CR LF, or at a lone CR. U+2028 and the other separators that
`str.splitlines` knows end no line: they are text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.formats.base import Note
from dslineage.formats.chunks import CHUNK_BYTES, CR, LF, Chunk, bom_length, read_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Place(NamedTuple):
    """Where an offset stands, for people: both count from 1, the column in characters."""

    line: int
    column: int


class FileSpan(NamedTuple):
    """Some bytes of a file: the line and column at which they begin, their offset and length."""

    line: int
    column: int
    offset: int
    length: int


def line_ends(chunk: Chunk) -> NDArray[np.int64]:
    """Where in a chunk lines end: each LF, and each CR that no LF follows."""
    ends = chunk.data == LF
    if chunk.has(CR):
        ends |= (chunk.data == CR) & (chunk.after != LF)
    return np.flatnonzero(ends)


def line_end_notes(chunk: Chunk, ends: NDArray[np.int64]) -> tuple[Note, ...]:
    """Notes about those of the given line ends that are no plain LF."""
    if not (chunk.has(CR) or chunk.before[0] == CR):
        return ()
    lone = ends[chunk.data[ends] == CR]
    pairs = ends[(chunk.data[ends] == LF) & (chunk.before[ends] == CR)]
    return tuple(
        Note(code, message, chunk.base + int(found[0]), len(found))
        for code, message, found in (
            ("crlf", "lines end with CR LF", pairs),
            ("lone-cr", "lines end with a lone CR", lone),
        )
        if len(found)
    )


def locate(path: Path, offsets: Sequence[int], *, chunk: int = CHUNK_BYTES) -> list[Place]:
    """The line and column of some byte offsets, in one pass over the file.

    Offsets may come in any order and may be the file's size. A byte-order mark has no column.
    """
    wanted = np.unique(np.asarray(offsets, np.int64))
    found: dict[int, Place] = {}
    line, column = 1, 1
    for part in read_chunks(path, bom_length(path), chunk):
        here = wanted[len(found) :]
        here = here[here < part.stop]
        ends = line_ends(part)
        at = np.append(np.maximum(here - part.base, 0), len(part.data))
        lines, columns = _places(part, ends, at, line, column)
        places = map(Place._make, zip(lines.tolist(), columns.tolist(), strict=True))
        found.update(zip(here.tolist(), places, strict=False))
        line, column = int(lines[-1]), int(columns[-1])
        if len(found) == len(wanted):
            break
    return [found.get(offset, Place(line, column)) for offset in offsets]


def _places(
    chunk: Chunk, ends: NDArray[np.int64], at: NDArray[np.int64], line: int, column: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lines and columns of positions in a chunk that begins at `line` and `column`."""
    passed = np.searchsorted(ends, at)
    characters = np.zeros(len(chunk.data) + 1, np.int64)
    np.cumsum((chunk.data & 0xC0) != 0x80, out=characters[1:])
    starts = np.concatenate(([0], ends + 1))[passed]
    first = np.where(passed == 0, column, 1)
    return line + passed, first + characters[at] - characters[starts]
