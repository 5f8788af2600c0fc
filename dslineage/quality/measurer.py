"""Measuring the examples of a chunk, while they are added or later."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dslineage.adapters.registry import adapter_id
from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.quality.chunk import Chunk
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.readings import Readings
from dslineage.quality.values import Values, whole_of
from dslineage.versions.measurer import Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.adapters.reading import Reading
    from dslineage.store.columns import ColumnFile

_CODE = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class ChunkMeasurer:
    """Measures chunks under some metrics; what several of them need is computed once."""

    metrics: tuple[Metric, ...]

    def name(self, adapter: Adapter) -> str:
        """Names the columns: what was shown to the metrics, and which metrics they were."""
        return f"{adapter_tag(adapter)}.{self._set}"

    @cached_property
    def _set(self) -> str:
        return Digest.of(canonical_bytes(sorted(metric.id for metric in self.metrics))).hex[:16]

    def __call__(self, rows: Sequence[Mapping[str, Any]], readings: Sequence[Reading]) -> Measured:
        """The values of all metrics for some rows that were read."""
        return self.measured(Chunk(Readings(rows, readings)))

    def measured(self, chunk: Chunk) -> Measured:
        """The values of all metrics for a chunk, as columns by metric id."""
        columns: dict[str, NDArray[Any]] = {}
        names: dict[str, str] = {}
        for metric in self.metrics:
            values = values_of(metric, chunk)
            columns |= values.columns(metric.id)
            names |= {str(code): name for code, name in values.names.items()}
        return Measured(columns, names)


def values_of(metric: Metric, chunk: Chunk) -> Values:
    """The values of one metric for a chunk."""
    if metric.batch is not None:
        return metric.batch(chunk, **metric.params)
    found = [metric.of(example).value for example in chunk.examples]
    return Values.of(metric.kind, found, metric.labels)


def adapter_tag(adapter: Adapter) -> str:
    """The 16 hex digits under which values are kept that were measured through an adapter."""
    return Digest.of(adapter_id(adapter).encode()).hex[:16]


def holds(file: ColumnFile, metric: Metric, rows: int) -> bool:
    """Whether a file can be one with the values of a metric for so many rows."""
    columns = Values.missing(metric.kind, 0).columns(metric.id)
    names = file.meta.get("names")
    return (
        file.rows == rows
        and file.has({name: column.dtype.str for name, column in columns.items()})
        and isinstance(names, dict)
        and all(_CODE.fullmatch(code) and type(name) is str for code, name in names.items())
    )


def values_in(
    metric: Metric, columns: Mapping[str, NDArray[Any]], names: Mapping[str, str]
) -> Values:
    """The values of a metric from the columns in which they are kept."""
    whole = columns[whole_of(metric.id)] if metric.kind is Kind.RATE else None
    known = (
        {int(code): name for code, name in names.items()} if metric.kind is Kind.CATEGORY else {}
    )
    return Values(metric.kind, columns[metric.id], whole, known)
