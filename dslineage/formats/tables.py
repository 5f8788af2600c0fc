"""Tables as sources of examples: Parquet, Arrow IPC, shards in a folder, Hugging Face folders.

Looking at a table reads footers and headers only. Rows are read in small batches, by functions
that can run in another process; no extension type runs code, and no link leads out of a folder.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.canonical.arrow import ArrowValueError, child_fields, examples, refuse_duplicates
from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import BadDataError, Fault
from dslineage.formats import drift, ipc, parquet, sniff
from dslineage.formats.base import Limits, Note
from dslineage.formats.faults import bad_file
from dslineage.formats.table_file import EXPANSION_FLOOR, TableFile, bad_row
from dslineage.formats.table_folder import data_files, partition_values

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 1 << 16
_BUILT_IN = ("arrow.json",)


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
    groups: tuple[int, ...]
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
        group, last = bisect_right(ends, first), bisect_right(ends, first + rows - 1)
        before = ends[group] - self.groups[number][group]
        file = self.files[number]
        return TableChunk(
            self.path if len(self.files) == 1 and self.path.is_file() else self.path / file,
            file,
            self.format,
            group,
            self.groups[number][group : last + 1],
            before,
            first - before,
            rows,
            start + first,
            self.limits,
        )


def open_table(path: Path, limits: Limits) -> TableSource:
    """Look at a Parquet or Arrow file, or at a folder of them.

    Raises:
        BadDataError: a file is damaged or something else, shards are missing or differ in their
            schema, or a column name is not unique.
    """
    folder = data_files(path) if path.is_dir() else None
    names = folder.files if folder else (path.name,)
    files = {name: _look(path / name if folder else path, limits) for name in names}
    _refuse_mixture(path, files)
    for name, file in files.items():
        place = path / name if folder else path
        _refuse_equal_names(place, file, name if folder else "")
        _refuse_impossible(place, file, limits)
    _refuse_drift(path, files)
    first = next(iter(files.values()))
    return TableSource(
        path,
        tuple(files),
        folder.format if folder and folder.format else first.format,
        tuple(file.groups for file in files.values()),
        first.schema.to_string(show_field_metadata=False, show_schema_metadata=False),
        limits,
        (folder.notes if folder else ()) + _extension_notes(first.schema),
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
    for first, batch in _numbered(chunk):
        if first + batch.num_rows <= start:
            continue
        if first >= stop:
            return
        low, high = max(start, first), min(stop, first + batch.num_rows)
        yield low, batch.slice(low - first, high - low)


def _numbered(chunk: TableChunk) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The row groups of a chunk in small batches, with the number of each one's first row."""
    before = list(accumulate(chunk.groups, initial=chunk.before))
    with chunk.path.open("rb") as file:
        is_parquet = file.read(4) == parquet.MAGIC
    if is_parquet:
        for index, start in enumerate(before[:-1]):
            for first, batch in parquet.batches(
                chunk.path, chunk.group + index, start, chunk.limits
            ):
                yield start + first, batch
        return
    for number, (first, batch) in ipc.batches(
        chunk.path, chunk.group, len(chunk.groups), chunk.before
    ):
        yield before[number - chunk.group] + first, batch


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


def _look(path: Path, limits: Limits) -> TableFile:
    """One file, by what its first bytes say it is."""
    if not path.is_file():
        raise bad_file(path, "no-file", "not a regular file")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise bad_file(path, "empty-file", "the file is empty")
    if head.startswith((parquet.MAGIC, parquet.ENCRYPTED)):
        return parquet.look(path)
    if head.startswith((ipc.MAGIC, ipc.CONTINUATION)):
        return ipc.look(path, limits)
    finding = sniff.foreign(path, head) or sniff.misplaced(path, head)
    if finding:
        raise bad_file(path, finding.code, finding.message, finding.hint)
    raise bad_file(path, "not-a-table", "neither Parquet nor Arrow IPC")


def _refuse_impossible(path: Path, file: TableFile, limits: Limits) -> None:
    """Row counts are claims: nulls take no bytes, so a small file may claim any number of rows."""
    allowed = limits.ratio * max(path.stat().st_size, EXPANSION_FLOOR)
    if min(file.groups, default=0) < 0 or sum(file.groups) > allowed:
        message = f"the file claims {sum(file.groups)} rows; at most {allowed} are allowed"
        raise bad_file(path, "expansion", message)


def _refuse_mixture(path: Path, files: dict[str, TableFile]) -> None:
    formats = sorted({file.format for file in files.values()})
    if len(formats) > 1:
        raise bad_file(path, "mixed-formats", f"the folder mixes {' and '.join(formats)} files")


def _refuse_equal_names(path: Path, file: TableFile, name: str) -> None:
    try:
        refuse_duplicates(file.schema)
    except ArrowValueError as error:
        raise bad_file(path, error.code, error.message) from None
    except UnicodeDecodeError:
        raise bad_file(path, "invalid-utf8", "the name of a column is not UTF-8") from None
    if both := sorted(partition_values(name).keys() & set(file.schema.names)):
        message = f"{', '.join(both)} is both a column of the file and a folder name"
        raise bad_file(path, "duplicate-column", message)


def _refuse_drift(path: Path, files: dict[str, TableFile]) -> None:
    found = drift.differences({name: file.schema for name, file in files.items()})
    if not found:
        return
    faults = []
    for difference in found:
        here, usual = next(iter(difference.types.items()))
        faults += [
            Fault(
                "schema-drift",
                f"the type is {kind}, in {here} it is {usual}",
                str(path / name),
                1,
                1,
                0,
                path=f"$.{difference.path}",
            )
            for name, kind in difference.types.items()
            if kind != usual
        ]
    raise BadDataError(
        f"the files in {path} have different schemas (- is absent):\n{drift.table(found)}",
        tuple(faults),
        kind="schema-drift",
        hint="write them again with one schema",
    )


def _extension_notes(schema: pa.Schema) -> tuple[Note, ...]:
    return tuple(
        Note(
            "extension-type",
            f"column {column.name!r} holds the extension type {name!r}, read as its storage",
            0,
        )
        for column in schema
        for name in dict.fromkeys(_extensions(column))
        if name not in _BUILT_IN
    )


def _extensions(column: Any) -> Iterator[str]:
    """The names of the extension types in a field, registered with pyarrow or not."""
    import pyarrow as pa

    if isinstance(column.type, pa.BaseExtensionType):
        yield column.type.extension_name
    elif name := (column.metadata or {}).get(b"ARROW:extension:name"):
        yield name.decode(errors="replace")
    for inner in child_fields(column.type):
        yield from _extensions(inner)
