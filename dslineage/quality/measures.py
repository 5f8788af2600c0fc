"""The values that metrics have for the rows of a version: kept per pack, computed where missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.errors import ResourceError, UndecidableError
from dslineage.ids import Digest
from dslineage.quality.example import Example
from dslineage.quality.measurer import ChunkMeasurer, adapter_tag, holds, values_in
from dslineage.quality.metric import Kind
from dslineage.quality.passes import over_texts
from dslineage.quality.setmetric import Ragged
from dslineage.quality.tally import Tally
from dslineage.quality.values import Values, whole_of
from dslineage.store.columns import ColumnFile
from dslineage.store.ragged import RaggedRows, joined, merged, read_ragged, write_ragged

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.metric import Metric
    from dslineage.store.pack import Pack
    from dslineage.versions.executor import Executor
    from dslineage.versions.measurer import Measured
    from dslineage.versions.stored import StoredSnapshot


@dataclass(frozen=True)
class Measures:
    """Values of metrics for rows of the store that a snapshot is in, under its adapter.

    Texts are read in `executor`, or in processes made for each pass over them.
    """

    snapshot: StoredSnapshot
    executor: Executor | None = None
    _files: dict[Digest, Mapping[str, ColumnFile]] = field(default_factory=dict, repr=False)

    def values(self, metric: Metric, rows: NDArray[np.int64]) -> Values:
        """The values of a metric for some rows, in the order asked.

        Raises:
            UndecidableError: a row was not measured; see `fill`.
        """
        return self.table([metric], rows)[metric.id]

    def table(self, metrics: Sequence[Metric], rows: NDArray[np.int64]) -> dict[str, Values]:
        """The values of several metrics, by their ids; what is kept of a row is read once.

        Raises:
            UndecidableError: a row was not measured; see `fill`.
        """
        if not len(rows):
            return {metric.id: Values.missing(metric.kind, 0) for metric in metrics}
        parts: dict[str, list[Values]] = {metric.id: [] for metric in metrics}
        places = []
        for pack, where, inner in self.snapshot.store.by_pack(rows):
            for file, own in self._by_file(pack, metrics):
                names = [name for metric in own for name in _names(metric)]
                columns = file.take(names, inner)
                for metric in own:
                    parts[metric.id].append(values_in(metric, columns, file.meta["names"]))
            places.append(where)
        order = np.empty(len(rows), np.int64)
        order[np.concatenate(places)] = np.arange(len(rows))
        return {id_: Values.joined(some).take(order) for id_, some in parts.items()}

    def _by_file(
        self, pack: Pack, metrics: Sequence[Metric]
    ) -> Iterator[tuple[ColumnFile, list[Metric]]]:
        """Which of a pack's files hold which metrics."""
        known = {metric.id: self._file(pack, metric) for metric in metrics}
        files = {}
        for id_, file in known.items():
            if file is None:
                raise UndecidableError(
                    f"{self.snapshot.label} was not measured under {id_}",
                    kind="not-measured",
                    hint=f"dslineage metrics run {self.snapshot.dataset}@{self.snapshot.label}",
                )
            files[id(file)] = file
        for file in files.values():
            yield file, [metric for metric in metrics if known[metric.id] is file]

    def missing(self, metrics: Sequence[Metric], rows: NDArray[np.int64]) -> int:
        """How many rows would have to be read to know the values of some rows."""
        return sum(pack.rows for pack, _ in self._unmeasured(metrics, rows))

    def fill(
        self, metrics: Sequence[Metric], rows: NDArray[np.int64], *, cached: bool = False
    ) -> None:
        """Measure whatever is not measured of the packs that some rows are in.

        Args:
            metrics: which values are wanted.
            rows: row numbers.
            cached: keep the values in the cache only, if there: for a command that only reads.
        """
        store = self.snapshot.store
        for pack, wanted in list(self._unmeasured(metrics, rows)):
            measurer = ChunkMeasurer(tuple(wanted))
            known = np.setdiff1d(np.arange(pack.rows), pack.forgotten)
            chunks = list(
                over_texts(
                    store, pack, known, self.snapshot.adapter, measurer.measured, self.executor
                )
            )
            none = [Values.missing(metric.kind, pack.rows).columns(metric.id) for metric in wanted]
            columns, names = _joined(
                chunks, known, {k: v for some in none for k, v in some.items()}
            )
            name = measurer.name(self.snapshot.adapter)
            try:
                store.put_measures(pack.name, name, columns, names, cached=cached)
                del self._files[pack.name]
            except ResourceError:
                if not cached:
                    raise
                file = ColumnFile.in_memory(store.root, columns, {"names": names})
                self._files[pack.name] = {**self._of(pack), **dict.fromkeys(columns, file)}

    def tally(
        self, metric: Metric, rows: NDArray[np.int64], times: NDArray[np.int64] | None = None
    ) -> Tally:
        """The tally of a metric over some rows, each taken once or so many times."""
        return Tally.of(self.values(metric, rows), metric.labels, times)

    def population(self, rows: NDArray[np.int64], keys: Sequence[Metric] = ()) -> StoredPopulation:
        """Some rows as what set metrics are computed of; `keys` are those that all will need.

        Examples that were forgotten are not in it.
        """
        known = ~self.snapshot.store.forgotten(rows)
        return StoredPopulation(self, rows[known], tuple(keys))

    def _unmeasured(
        self, metrics: Sequence[Metric], rows: NDArray[np.int64]
    ) -> Iterator[tuple[Pack, list[Metric]]]:
        for pack, _, _ in self.snapshot.store.by_pack(rows):
            wanted = [metric for metric in metrics if self._file(pack, metric) is None]
            if wanted:
                yield pack, wanted

    def _file(self, pack: Pack, metric: Metric) -> ColumnFile | None:
        """The file of a pack with the values of a metric, if there is one that can be that."""
        file = self._of(pack).get(metric.id)
        return file if file is not None and holds(file, metric, pack.rows) else None

    def _of(self, pack: Pack) -> Mapping[str, ColumnFile]:
        if pack.name not in self._files:
            tag = adapter_tag(self.snapshot.adapter)
            self._files[pack.name] = self.snapshot.store.measures(pack.name, tag)
        return self._files[pack.name]


@dataclass(frozen=True)
class StoredPopulation:
    """Examples of a stored version, as set metrics see them; see `Population`.

    Several threads may ask; one is answered at a time.
    """

    measures: Measures
    rows: NDArray[np.int64]
    keys: tuple[Metric, ...] = ()
    _lock: RLock = field(default_factory=RLock, repr=False, compare=False)

    def conversations(self) -> NDArray[np.uint64]:
        """The first eight bytes of the conversation digest of each example."""
        with self._lock:
            return self._conversations

    @cached_property
    def _conversations(self) -> NDArray[np.uint64]:
        digests = self.measures.snapshot.conversations(self.rows)
        return np.ascontiguousarray(digests[:, :8]).view("<u8").reshape(-1)

    def values(self, metric: Metric) -> Values:
        """The values of a metric for each example."""
        with self._lock:
            known = self._keys.get(metric.id)
            return self.measures.values(metric, self.rows) if known is None else known

    @cached_property
    def _keys(self) -> dict[str, Values]:
        return self.measures.table(self.keys, self.rows)

    def ragged(
        self, name: str, compute: Callable[[Chunk], Ragged], rows: NDArray[np.int64]
    ) -> Ragged:
        """An array for each of some distinct rows, from the cache or from their texts."""
        snapshot = self.measures.snapshot
        tag = f"{adapter_tag(snapshot.adapter)}.{Digest.of(name.encode()).hex[:16]}"
        parts: list[RaggedRows] = []
        places, held = np.zeros(len(rows), np.int64), 0
        with self._lock:
            for pack, where, inner in snapshot.store.by_pack(rows):
                path = snapshot.store.ragged_path(pack.name, tag)
                known = self._with_missing(path, pack, np.unique(inner), compute)
                places[where] = held + np.searchsorted(known.rows, inner)
                held += len(known.rows)
                parts.append(known)
        found = joined(parts).take(places)
        return Ragged(found.values, found.offsets)

    def examples(self, rows: NDArray[np.int64]) -> Iterator[Example]:
        """The examples of some rows, read from their texts."""
        snapshot = self.measures.snapshot
        for fields in snapshot.read(rows):
            yield Example.of(fields, snapshot.adapter)

    def _with_missing(
        self,
        path: Path,
        pack: Pack,
        wanted: NDArray[np.int64],
        compute: Callable[[Chunk], Ragged],
    ) -> RaggedRows:
        known = read_ragged(path)
        new = np.setdiff1d(wanted, known.rows)
        if not len(new):
            return known
        snapshot = self.measures.snapshot
        chunks = list(
            over_texts(snapshot.store, pack, new, snapshot.adapter, compute, self.measures.executor)
        )
        lengths = np.concatenate([np.diff(chunk.offsets) for chunk in chunks])
        values = np.concatenate([chunk.values for chunk in chunks])
        found = RaggedRows(new, values, np.append(0, np.cumsum(lengths)))
        known = merged(known, found)
        write_ragged(path, known)
        return known


def _joined(
    chunks: Sequence[Measured], rows: NDArray[np.int64], columns: dict[str, NDArray[Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The columns of all rows, those of chunks in some rows; and what codes in them stand for."""
    for name, column in columns.items() if chunks else ():
        column[rows] = np.concatenate([chunk.columns[name] for chunk in chunks])
    return columns, {code: name for chunk in chunks for code, name in chunk.names.items()}


def _names(metric: Metric) -> list[str]:
    """The columns of a metric."""
    return [metric.id, whole_of(metric.id)] if metric.kind is Kind.RATE else [metric.id]
