"""A text file on its way into a store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dslineage.canonical.rows import Row
from dslineage.errors import Fault
from dslineage.formats.base import BadSpan
from dslineage.formats.lines import FileSpan, locate
from dslineage.store.layout import Layout
from dslineage.store.pack import plan_packs
from dslineage.store.rowfinder import prefix_of
from dslineage.versions.digesting import DigestTask, digest_rows, digest_tasks
from dslineage.versions.faulty import FaultySet
from dslineage.versions.packing import FaultyRows, PackWriter, concatenated, first_occurrences
from dslineage.versions.scanning import ScannedText, scan_text, without
from dslineage.versions.stretch import read_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.formats.base import Limits, Note, TextSource
    from dslineage.store.layout import Storage
    from dslineage.store.store import Store
    from dslineage.versions.executor import Executor
    from dslineage.versions.measurer import Measurer


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that has been scanned; its records are known by row id, not yet parsed."""

    source: TextSource
    scanned: ScannedText
    limits: Limits
    measurer: Measurer | None = None

    @classmethod
    def scan(
        cls,
        source: TextSource,
        limits: Limits,
        executor: Executor,
        folder: Path,
        chunk_bytes: int,
        measurer: Measurer | None = None,
    ) -> TextFile:
        """Find the records of a file and their row ids."""
        scanned = scan_text(source, limits, executor, folder, chunk_bytes)
        return cls(source, scanned, limits, measurer)

    @property
    def reader(self) -> dict[str, Any]:
        """How the file was read: what a record keeps so that it can be read so again."""
        context: dict[str, Any] = orjson.loads(self.source.format.context)
        reader = context | {"format": self.source.format.name}
        return reader | (
            {"compression": self.source.compression} if self.source.compression else {}
        )

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was accepted but is worth saying."""
        return (*self.source.notes, *self.scanned.notes)

    @property
    def records(self) -> int:
        """How many records there are."""
        return len(self.scanned.start)

    def sample(self, count: int) -> list[dict[str, Any]]:
        """Examples from places spread evenly over the file; bad ones are passed over."""
        picks = np.unique(np.linspace(0, self.records - 1, min(count, self.records)).astype(int))
        records = read_spans(self.source.plain, self.scanned.start[picks], self.scanned.stop[picks])
        parsed = self.source.format.parse(records, self.limits)
        return [row.value for row in parsed if isinstance(row, Row)]

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
        """Store the rows that are new and lay the file out.

        Args:
            store: where packs and views go.
            executor: where rows are digested.
            adapter: makes conversations.
            key: the key field.
            view: the id of the views.
            storage: where the bytes of the rows are to be.
            origin: the file itself, for packs without text.

        Raises:
            FaultyRows: some records are no examples; their numbers are those of the file.
        """
        scanned = self.scanned
        rows = store.row_finder(storage).find(scanned.ids)
        unknown = np.flatnonzero(rows < 0)
        unknown_ids = scanned.ids.take(unknown, axis=0)
        firsts, group = first_occurrences(unknown_ids, prefix_of(unknown_ids))
        fresh = unknown[firsts]
        start, stop = scanned.start[fresh], scanned.stop[fresh]
        ids, lengths = scanned.ids.take(fresh, axis=0), stop - start
        kept = storage in {"text", "rows"}
        context = self.source.format.context
        measures = None if self.measurer is None else self.measurer.name(adapter)
        writer = PackWriter(store, context, view, None if kept else origin, measures)
        plans = plan_packs(lengths)
        template = DigestTask(
            self.source.plain,
            self.source.format,
            self.limits,
            adapter,
            key,
            start[:0],
            stop[:0],
            start[:0] if kept else None,
            self.measurer,
        )
        tasks = [list(digest_tasks(template, start, stop, plan)) for plan in plans]
        results = executor.map(digest_rows, (task for pack in tasks for task in pack))
        numbers, faulty = [], FaultySet()
        for plan, pack in zip(plans, tasks, strict=True):
            mine = _take(results, len(pack))
            try:
                numbers.append(writer.write(plan, mine, ids, lengths, None if kept else start))
            except FaultyRows as error:
                faulty.join(error.faulty, 0)
                if len(faulty) >= self.limits.faults:
                    break
        if faulty:
            raise FaultyRows(_everywhere(faulty, group, unknown))
        rows[unknown] = concatenated(numbers)[group]
        packs, runs = store.runs(rows)
        return Layout(self.records, packs, runs, storage, scanned.gaps, self._quarantined())

    def faults(self, error: FaultyRows | None, name: str) -> tuple[Fault, ...]:
        """Every fault of the file, in its order, with line and column."""
        spans = sorted([*self.scanned.bad, *self._bad_rows(error)])
        places = locate(self.source.plain, [span.offset for span in spans])
        return tuple(
            Fault(
                span.code,
                span.message,
                name,
                place.line,
                place.column,
                span.offset,
                span.stop - span.start,
                span.path,
            )
            for span, place in zip(spans, places, strict=True)
        )

    def spans(self, records: NDArray[np.int64]) -> list[FileSpan]:
        """Where some records stand."""
        start, length = (
            self.scanned.start[records],
            (self.scanned.stop - self.scanned.start)[records],
        )
        places = locate(self.source.plain, start.tolist())
        each = zip(places, start.tolist(), length.tolist(), strict=True)
        return [FileSpan(*place, offset, size) for place, offset, size in each]

    def quarantining(self, error: FaultyRows) -> TextFile:
        """The same file with faulty records taken for bad spans."""
        faulty = np.array(error.faulty.rows, dtype=np.int64)
        aside = np.stack([self.scanned.start[faulty], self.scanned.stop[faulty]], axis=1)
        aside = np.concatenate([self.scanned.aside, aside])
        rest = without(self.scanned, faulty, self.source.plain)
        return replace(self, scanned=replace(rest, aside=aside[np.argsort(aside[:, 0])]))

    def quarantined(self) -> bytes:
        """The SHA-256 of each bad span, in file order."""
        found = bytearray()
        with self.source.plain.open("rb") as handle:
            for start, stop in _pairs(self.scanned.aside):
                handle.seek(start)
                found += hashlib.sha256(handle.read(stop - start)).digest()
        return bytes(found)

    def _bad_rows(self, error: FaultyRows | None) -> Iterator[BadSpan]:
        for row, fault in error.faulty.told if error else []:
            start, stop = int(self.scanned.start[row]), int(self.scanned.stop[row])
            offset = start + fault.offset
            yield BadSpan(start, stop, fault.code, fault.message, offset, fault.path)

    def _quarantined(self) -> NDArray[np.int64]:
        start, stop = self.scanned.aside.T
        return np.stack([start, stop - start], axis=1)


def _take(results: Iterator[Any], count: int) -> Iterator[Any]:
    for _ in range(count):
        yield next(results)


def _everywhere(
    faulty: FaultySet, group: NDArray[np.int64], unknown: NDArray[np.int64]
) -> FaultySet:
    """Faults of new rows as faults of all records of the file that have those bytes."""
    why = dict(faulty.told)
    everywhere = FaultySet()
    for row in np.flatnonzero(np.isin(group, np.array(faulty.rows))).tolist():
        everywhere.put(int(unknown[row]), why.get(int(group[row])))
    return everywhere


def _pairs(spans: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The rows of an array of shape (n, 2), without a list of all."""
    for part in np.split(spans, range(4096, len(spans), 4096)):
        yield from part.tolist()
