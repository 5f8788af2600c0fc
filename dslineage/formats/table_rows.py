"""The rows of a table: in chunks for any process, in small batches, or by position."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.canonical.arrow import examples
from dslineage.canonical.arrow_json import ArrowValueError
from dslineage.canonical.jcs import canonical_bytes
from dslineage.formats import ipc, parquet
from dslineage.formats.base import Limits, Note
from dslineage.formats.expansion import row_bytes, shares, stretches
from dslineage.formats.table_cursor import resumed
from dslineage.formats.table_file import BATCH_BYTES, EXPANSION_FLOOR, NumberedBatch, bad_row
from dslineage.formats.table_folder import partition_values

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 1 << 17


@dataclass(frozen=True, slots=True)
class TableChunk:
    """Some rows of one file, ready to be read in any process.

    They begin `skip` rows into row group or record batch `group`; `first` is the position of the
    first of them in the whole source, `before` the number of rows of the file before that group.
    """

    path: Path
    file: str
    format: str
    group: int
    before: int
    skip: int
    rows: int
    first: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table that has been looked at.

    `files` are relative POSIX paths in byte order, `groups` the rows of each row group (or record
    batch) of each file, `schema` the columns and their types as text.
    """

    path: Path
    files: tuple[str, ...]
    format: str
    groups: tuple[tuple[int, ...], ...]
    schema: str
    limits: Limits
    notes: tuple[Note, ...] = ()

    @property
    def rows(self) -> tuple[int, ...]:
        """The number of rows of each file."""
        return tuple(map(sum, self.groups))

    def chunks(self, rows: int = CHUNK_ROWS) -> list[TableChunk]:
        """All rows, in order, in chunks of at most so many rows of one file."""
        starts = accumulate(self.rows, initial=0)
        return [
            self._chunk(number, start, first, min(rows, total - first))
            for number, (start, total) in enumerate(zip(starts, self.rows, strict=False))
            for first in range(0, total, rows)
        ]

    def _chunk(self, number: int, start: int, first: int, rows: int) -> TableChunk:
        """The chunk of rows `first` onwards of a file whose first row is at position `start`."""
        ends = list(accumulate(self.groups[number]))
        group = bisect_right(ends, first)
        before = ends[group] - self.groups[number][group]
        file = self.files[number]
        return TableChunk(
            self.path if len(self.files) == 1 and self.path.is_file() else self.path / file,
            file,
            self.format,
            group,
            before,
            first - before,
            rows,
            start + first,
            self.limits,
        )


def read_chunk(chunk: TableChunk) -> Iterator[list[dict[str, Any]]]:
    """The examples of a chunk, in order, in lists of bounded size.

    Raises:
        BadDataError: the file is damaged, or a row is too large; the fault names the row.
    """
    for first, batch in _batches(chunk):
        yield _examples(chunk, first, batch)


def read_rows(source: TableSource, positions: Iterable[int]) -> Iterator[dict[str, Any]]:
    """The examples at some positions, in the order asked.

    Each stretch of rising positions within one file is one pass over the row groups it touches, so
    sorted positions are read fastest.
    """
    starts = list(accumulate(source.rows, initial=0))
    for run in _rising(positions, starts):
        number = bisect_right(starts, run[0]) - 1
        first = run[0] - starts[number]
        chunk = source._chunk(number, starts[number], first, run[-1] - run[0] + 1)  # noqa: SLF001
        yield from _picked(chunk, [position - starts[number] for position in run])


def _rising(positions: Iterable[int], starts: Sequence[int]) -> Iterator[list[int]]:
    """Stretches of positions that rise and stay within one file."""
    run: list[int] = []
    for position in positions:
        if run and (
            position < run[-1] or bisect_right(starts, position) != bisect_right(starts, run[0])
        ):
            yield run
            run = []
        run.append(position)
    if run:
        yield run


def _picked(chunk: TableChunk, rows: list[int]) -> Iterator[dict[str, Any]]:
    """The examples with the given numbers in the file, which rise."""
    at = 0
    for first, batch in _batches(chunk):
        while at < len(rows) and rows[at] < first + batch.num_rows:
            stop = at + 1
            while stop < len(rows) and rows[stop] == rows[stop - 1] + 1 < first + batch.num_rows:
                stop += 1
            part = batch.slice(rows[at] - first, rows[stop - 1] - rows[at] + 1)
            yield from _examples(chunk, rows[at], part)
            at = stop


def _batches(chunk: TableChunk) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of a chunk in small batches, with the number of their first row in the file."""
    start = chunk.before + chunk.skip
    stop = start + chunk.rows
    for _, first, batch in resumed(
        chunk.path, chunk.limits, chunk.group, start, lambda: _opened(chunk)
    ):
        low, high = max(start, first), min(stop, first + batch.num_rows)
        yield low, batch.slice(low - first, high - low)
        if high == stop:
            return


def _opened(chunk: TableChunk) -> Iterator[NumberedBatch]:
    """The rows of a file from the chunk's group on."""
    with chunk.path.open("rb") as file:
        is_parquet = file.read(len(parquet.MAGIC)) == parquet.MAGIC
    if is_parquet:
        found = parquet.batches(chunk.path, chunk.group, chunk.before, chunk.limits)
    else:
        found = ipc.batches(chunk.path, chunk.group, chunk.before)
    return _bounded(chunk, found)


def _bounded(chunk: TableChunk, batches: Iterator[NumberedBatch]) -> Iterator[NumberedBatch]:
    """Batches cut so that the texts of none are too much, where rows can have texts in common."""
    stored = chunk.path.stat().st_size
    allowed = min(chunk.limits.ratio * max(stored, EXPANSION_FLOOR), chunk.limits.decoded_bytes)
    total = 0
    for group, first, batch in batches:
        if not shares(batch.schema):
            yield NumberedBatch(group, first, batch)
            continue
        sizes = row_bytes(batch)
        total += int(sizes.sum())
        if total > allowed:
            message = f"more than {allowed} bytes come out of a file of {stored}"
            raise bad_row(chunk.path, first, "expansion", message)
        for start, stop in stretches(sizes, BATCH_BYTES):
            yield NumberedBatch(group, first + start, batch.slice(start, stop - start))


def _examples(chunk: TableChunk, first: int, batch: pa.RecordBatch) -> list[dict[str, Any]]:
    try:
        found = examples(batch)
    except ArrowValueError as error:
        raise bad_row(
            chunk.path, first + error.row, error.code, error.message, error.column
        ) from None
    limit = chunk.limits.record_bytes
    for row in range(batch.num_rows if batch.nbytes > limit else 0):
        if (
            batch.slice(row, 1).nbytes > limit
            and (size := len(canonical_bytes(found[row]))) > limit
        ):
            message = f"the row has {size} bytes; at most {limit} are allowed"
            raise bad_row(chunk.path, first + row, "record-too-long", message)
    partition = partition_values(chunk.file)
    return [partition | example for example in found] if partition else found
