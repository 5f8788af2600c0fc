"""A Parquet or Arrow file on its way into a store.

Its records have no bytes of their own: a row's raw record is its canonical form. Decoding a table
is the dear part, so one pass computes everything, and what is known already is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.adapters.base import Facets
from dslineage.canonical.fast import write_values
from dslineage.canonical.rows import Row
from dslineage.errors import Fault, IntegrityError
from dslineage.formats.base import Limits
from dslineage.formats.lines import FileSpan
from dslineage.formats.table_folder import partition_values
from dslineage.formats.tables import TableChunk, TableSource, open_table, read_chunk, read_rows
from dslineage.merkle import row_hasher
from dslineage.store.layout import Gaps, Layout
from dslineage.store.pack import PackPlan, plan_packs
from dslineage.store.rowfinder import prefix_of
from dslineage.versions.digesting import (
    Digested,
    ShapeTable,
    digest_examples,
    task_cuts,
)
from dslineage.versions.faulty import FaultySet
from dslineage.versions.packing import FaultyRows, PackWriter, concatenated, first_occurrences
from dslineage.versions.spool import Spool
from dslineage.versions.stretch import stretch_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.formats.base import Note
    from dslineage.store.layout import Storage
    from dslineage.store.seekable import Frames
    from dslineage.store.store import Store
    from dslineage.versions.executor import Executor

CONTEXT = b'{"format":"arrow"}'
_TASK_ROWS = 8192
_SPOTS = 8


@dataclass(frozen=True, slots=True)
class TableTask:
    """Some rows of a table, and what to make of them."""

    chunk: TableChunk
    partition: Mapping[str, str]
    adapter: Adapter
    key: str | None


class DigestedTable(NamedTuple):
    """What a task gives for its rows: everything but their text."""

    ids: bytes
    lengths: NDArray[np.int64]
    rest: Digested


@dataclass(frozen=True, slots=True)
class FrameTask:
    """Some rows of a table by position, and where frames begin among them."""

    source: TableSource
    partition: Mapping[str, str]
    positions: NDArray[np.int64]
    cuts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TableData:
    """A table that has been looked at; see `DataFile`."""

    source: TableSource
    partition: Mapping[str, str]

    @classmethod
    def open(cls, path: Path, name: str, limits: Limits) -> TableData:
        """Look at one file; folders named `column=value` above it add columns."""
        return cls(open_table(path, limits), partition_values(name))

    @property
    def reader(self) -> dict[str, Any]:
        """How the file was read."""
        partition = {"partition": dict(self.partition)} if self.partition else {}
        return {"format": self.source.format} | partition

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was accepted but is worth saying."""
        return self.source.notes

    @property
    def records(self) -> int:
        """How many rows there are."""
        return sum(self.source.rows)

    def sample(self, count: int) -> list[dict[str, Any]]:
        """Examples from a few stretches spread evenly over the table."""
        total = self.records
        if total <= count:
            positions = list(range(total))
        else:
            size = max(1, count // _SPOTS)
            starts = np.linspace(0, total - size, _SPOTS).astype(int).tolist()
            positions = sorted({start + step for start in starts for step in range(size)})
        return [{**self.partition, **row} for row in read_rows(self.source, positions)]

    def store_into(
        self,
        store: Store,
        executor: Executor,
        *,
        adapter: Adapter,
        key: str | None,
        view: str,
        storage: Storage,
        origin: Mapping[str, Any],
    ) -> Layout:
        """Store the rows that are new and lay the table out; see `TextFile.store_into`."""
        columns = self._digest(store, executor, adapter, key)
        all_ids = columns["ids"]
        rows = store.row_finder(storage).find(all_ids)
        unknown = np.flatnonzero(rows < 0)
        unknown_ids = all_ids[unknown]
        firsts, group = first_occurrences(unknown_ids, prefix_of(unknown_ids))
        fresh = unknown[firsts]
        ids, lengths = all_ids[fresh], columns["lengths"][fresh]
        kept = storage == "rows"
        writer = PackWriter(store, CONTEXT, view, None if kept else origin)
        numbers = []
        for plan in plan_packs(lengths):
            mine = fresh[plan.first : plan.stop]
            found = columns.digested(mine)
            results = (
                self._with_frames(found, mine, lengths, plan, executor) if kept else iter([found])
            )
            numbers.append(writer.write(plan, results, ids, lengths, None if kept else fresh))
        rows[unknown] = concatenated(numbers)[group]
        packs, runs = store.runs(rows)
        gaps = Gaps((b"",), ((0, self.records + 1),))
        return Layout(self.records, packs, runs, storage, gaps)

    def faults(self, error: FaultyRows | None, name: str) -> tuple[Fault, ...]:
        """Tables have no faulty rows: a damaged table is an error as a whole."""
        return ()

    def spans(self, records: NDArray[np.int64]) -> list[FileSpan]:
        """Where some rows stand: a row is a line, and has no bytes of its own."""
        return [FileSpan(row + 1, 1, 0, 0) for row in records.tolist()]

    def quarantining(self, error: FaultyRows) -> TableData:
        """The table itself; see `faults`."""
        return self

    def quarantined(self) -> bytes:
        """No spans are put aside in a table."""
        return b""

    def _digest(
        self, store: Store, executor: Executor, adapter: Adapter, key: str | None
    ) -> _Columns:
        tasks = [
            TableTask(chunk, self.partition, adapter, key)
            for chunk in self.source.chunks(_TASK_ROWS)
        ]
        columns = _Columns(store.temporary_folder)
        for parts in executor.map(digest_table, tasks):
            for part in parts:
                columns.append(part)
        return columns

    def _with_frames(
        self,
        results: Digested,
        positions: NDArray[np.int64],
        lengths: NDArray[np.int64],
        plan: PackPlan,
        executor: Executor,
    ) -> Iterator[Digested]:
        """The columns of a pack, followed by its text, read again."""
        yield results
        nothing = results.none()
        tasks = (
            FrameTask(self.source, self.partition, positions[begin:end], cuts)
            for begin, end, cuts in task_cuts(lengths[plan.first : plan.stop], plan)
        )
        for frames in executor.map(compress_rows, tasks):
            yield nothing._replace(frames=frames)


def digest_table(task: TableTask) -> list[DigestedTable]:
    """What comes of some rows of a table, as many at a time as are decoded at once."""
    return [_digested(_rows(part, task.partition), task) for part in read_chunk(task.chunk)]


def _digested(rows: Sequence[Row], task: TableTask) -> DigestedTable:
    """Row ids, lengths, digests, shapes and facets of some rows."""
    hasher = row_hasher(CONTEXT)
    ids = []
    for row in rows:
        one = hasher.copy()
        one.update(row.canonical)
        ids.append(one.digest())
    lengths = np.array([len(row.canonical) for row in rows], dtype=np.int64)
    columns = digest_examples(rows, task.adapter, task.key)
    return DigestedTable(b"".join(ids), lengths, Digested(*columns, None, FaultySet()))


def compress_rows(task: FrameTask) -> Frames:
    """Frames of the canonical forms of some rows."""
    examples = list(read_rows(task.source, task.positions.tolist()))
    records = [row.canonical for row in _rows(examples, task.partition)]
    return stretch_of(records).compressed(task.cuts)


def rows_at(path: Path, reader: Mapping[str, Any], positions: NDArray[np.int64]) -> list[Row]:
    """Rows of a table by position, in the order asked."""
    source = open_table(path, Limits())
    if len(positions) and not 0 <= positions.min() <= positions.max() < sum(source.rows):
        raise IntegrityError(
            f"damaged object: rows of {path.name} are said to stand where it has none",
            kind="damaged-object",
            hint="dslineage verify",
        )
    found = list(read_rows(source, positions.tolist()))
    return _rows(found, reader.get("partition", {}))


def _rows(examples: Sequence[Mapping[str, Any]], partition: Mapping[str, str]) -> list[Row]:
    values = [{**partition, **example} for example in examples]
    return [Row(*pair) for pair in zip(values, write_values(values), strict=True)]


class _Columns:
    """Columns of all rows of a table, growing on disk."""

    def __init__(self, folder: Path) -> None:
        self._table = ShapeTable()
        self._spools = {
            "ids": Spool(folder, "u1", 32),
            "lengths": Spool(folder, "<i8"),
            "digests": Spool(folder, "u1", 32),
            "shape": Spool(folder, "<u4"),
        } | {
            facet: Spool(folder, "u1", 32) if facet == "conversation" else Spool(folder, "<u8")
            for facet in Facets._fields
        }

    def append(self, found: DigestedTable) -> None:
        """Add the rows of one task."""
        self._spools["ids"].append(found.ids)
        self._spools["lengths"].append(found.lengths)
        self._spools["digests"].append(found.rest.digests)
        self._spools["shape"].append(self._table.translate(found.rest.shape, found.rest.shapes))
        for facet, column in found.rest.facets.items():
            self._spools[facet].append(column)

    def __getitem__(self, name: str) -> NDArray[Any]:
        array: NDArray[Any] = self._spools[name].array
        return array

    def digested(self, rows: NDArray[np.int64]) -> Digested:
        """The columns of some rows."""
        facets = {facet: self[facet][rows] for facet in Facets._fields}
        return Digested(
            self["digests"][rows],
            self["shape"][rows],
            self._table.shapes,
            facets,
            None,
            FaultySet(),
        )
