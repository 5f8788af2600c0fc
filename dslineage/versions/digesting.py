"""Second pass: the rows that were not stored before become digests, facets and frames."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from dslineage.adapters.base import Facets
from dslineage.adapters.facets import Faceter
from dslineage.adapters.stencils import Printed, Stencils
from dslineage.canonical.rows import Row, RowFault
from dslineage.formats.json_rows import JSON_CONTEXT
from dslineage.store.pack import PackPlan
from dslineage.store.view import facet_columns
from dslineage.versions.faulty import FaultySet
from dslineage.versions.stretch import read_stretch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.adapters.reading import Reading
    from dslineage.formats.base import Limits, TextFormat
    from dslineage.store.seekable import Frames
    from dslineage.versions.measurer import Measured, Measurer

TASK_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class DigestTask:
    """Some rows of a decoded file: byte ranges, and where frames begin among them.

    `cuts` is None where no text is kept, `measurer` where nothing is to be measured.
    """

    path: Path
    format: TextFormat
    limits: Limits
    adapter: Adapter
    key: str | None
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    cuts: NDArray[np.int64] | None
    measurer: Measurer | None = None


class Digested(NamedTuple):
    """What a task gives: columns of its rows, shapes they refer to, frames, and faults.

    `faulty` are the rows inside the task that are no examples, which have no place in the columns.
    """

    digests: NDArray[np.uint8]
    shape: NDArray[np.uint32]
    shapes: list[dict[str, str]]
    facets: dict[str, NDArray[Any]]
    frames: Frames | None
    faulty: FaultySet
    measures: Measured | None = None

    def none(self) -> Digested:
        """The same columns with no rows in them."""
        facets = {name: column[:0] for name, column in self.facets.items()}
        return Digested(self.digests[:0], self.shape[:0], [], facets, None, FaultySet())


def digest_rows(task: DigestTask) -> Digested:
    """Parse, digest and compress some rows: a pure function of the file's bytes."""
    stretch = read_stretch(task.path, task.start, task.stop)
    digester = Digester(task.adapter, task.key)
    faulty = FaultySet()
    values: list[dict[str, Any]] = []
    readings: list[Reading] = []
    place = 0
    for batch, text in stretch.batches():
        parsed = _parsed(task, batch, text)
        rows = [row for row in parsed if not isinstance(row, RowFault)]
        if len(rows) < len(parsed):
            found = enumerate(parsed, place)
            faulty.add((at, row) for at, row in found if isinstance(row, RowFault))
        read = digester.add(rows)
        place += len(batch)
        if task.measurer is not None:
            values += [row.value for row in rows if isinstance(row, Row)]
            readings += read
    frames = None if task.cuts is None or faulty else stretch.compressed(task.cuts)
    measures = None if task.measurer is None else task.measurer(values, readings)
    return Digested(*digester.columns(), frames, faulty, measures)


def _parsed(
    task: DigestTask, batch: Sequence[bytes], text: memoryview
) -> list[Row | Printed | RowFault]:
    """The rows of some records. What is to be measured, or has no stencil, is read by itself."""
    found: list[Row | Printed | RowFault | None] = [None] * len(batch)
    if task.measurer is None and task.format.context == JSON_CONTEXT:
        stencils = _stencils(cast("Hashable", task.adapter), task.key, task.limits.depth)
        found = list(stencils.printed(batch, text))
    left = [record for record, row in zip(batch, found, strict=True) if row is None]
    parsed = iter(task.format.parse(left, task.limits, text if len(left) == len(batch) else None))
    return [next(parsed) if row is None else row for row in found]


def digest_examples(
    rows: Sequence[Row], adapter: Adapter, key: str | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint32], list[dict[str, str]], dict[str, NDArray[Any]]]:
    """Example digests, shapes and facets of parsed rows."""
    digester = Digester(adapter, key)
    digester.add(rows)
    return digester.columns()


class Digester:
    """Digests rows, some at a time, so that what they were parsed into can go."""

    def __init__(self, adapter: Adapter, key: str | None) -> None:
        self._faceter = _faceter(cast("Hashable", adapter), key)
        self._digests: list[bytes] = []
        self._facets: list[Facets] = []
        self._shape: list[int] = []
        self._numbers: dict[tuple[Any, ...], int] = {}

    def add(self, rows: Sequence[Row | Printed]) -> list[Reading]:
        """Take some rows in; what those say that have values."""
        readings: list[Reading] = []
        for kind, run in groupby(rows, type):
            if kind is Row:
                readings += self._read(cast("list[Row]", list(run)))
            else:
                self._take(cast("Iterable[Printed]", run))
        return readings

    def _take(self, rows: Iterable[Printed]) -> None:
        sha256, numbers = hashlib.sha256, self._numbers
        for row in rows:
            self._digests.append(sha256(row.canonical).digest())
            self._facets.append(row.facets)
            self._shape.append(numbers.setdefault(row.shape, len(numbers)))

    def _read(self, rows: Sequence[Row]) -> list[Reading]:
        sha256, numbers = hashlib.sha256, self._numbers
        digests = [sha256(row.canonical).digest() for row in rows]
        values = [row.value for row in rows]
        readings = [self._faceter.read(value) for value in values]
        self._digests += digests
        plain = [row.plain for row in rows]
        self._facets += map(self._faceter.facets_of, readings, values, digests, plain)
        self._shape += [numbers.setdefault(row.shape, len(numbers)) for row in rows]
        return readings

    def columns(
        self,
    ) -> tuple[
        NDArray[np.uint8], NDArray[np.uint32], list[dict[str, str]], dict[str, NDArray[Any]]
    ]:
        """Example digests, shapes and facets of all rows."""
        return (
            np.frombuffer(b"".join(self._digests), dtype="u1").reshape(-1, 32),
            np.array(self._shape, dtype="<u4"),
            [_shape(signature) for signature in self._numbers],
            facet_columns(self._facets, Facets._fields),
        )


def digest_tasks(
    template: DigestTask, start: NDArray[np.int64], stop: NDArray[np.int64], plan: PackPlan
) -> Iterator[DigestTask]:
    """The tasks of one pack: whole frames, a few megabytes each."""
    for begin, end, cuts in task_cuts((stop - start)[plan.first : plan.stop], plan):
        rows = slice(plan.first + begin, plan.first + end)
        yield replace(
            template,
            start=np.array(start[rows]),
            stop=np.array(stop[rows]),
            cuts=None if template.cuts is None else cuts,
        )


def task_cuts(
    lengths: NDArray[np.int64], plan: PackPlan
) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Stretches of a pack's rows for one task each: first row, last, and frames among them."""
    frame_ends = np.cumsum(lengths)[plan.cuts[1:] - 1]
    first = 0
    while first < len(frame_ends):
        done = frame_ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(frame_ends, done + TASK_BYTES)))
        last = min(last, len(frame_ends))
        begin, end = int(plan.cuts[first]), int(plan.cuts[last])
        yield begin, end, plan.cuts[first : last + 1] - begin
        first = last


class ShapeTable:
    """Numbers the shapes of a pack in the order in which they are first met."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[tuple[str, str], ...], int] = {}

    def translate(
        self, shape: NDArray[np.uint32], shapes: Iterable[Mapping[str, str]]
    ) -> NDArray[np.uint32]:
        """The pack's numbers for a chunk's numbers."""
        numbers = [
            self._numbers.setdefault(tuple(sorted(fields.items())), len(self._numbers))
            for fields in shapes
        ]
        return np.array(numbers or [0], dtype="<u4")[shape]

    @property
    def shapes(self) -> list[dict[str, str]]:
        """Every shape, by number."""
        return [dict(fields) for fields in self._numbers]


@lru_cache(maxsize=8)
def _stencils(adapter: Hashable, key: str | None, depth: int) -> Stencils:
    return Stencils(cast("Adapter", adapter), key, depth)


@lru_cache(maxsize=8)
def _faceter(adapter: Hashable, key: str | None) -> Faceter:
    return Faceter(cast("Adapter", adapter), key)


_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}


def _shape(signature: tuple[Any, ...]) -> dict[str, str]:
    half = len(signature) // 2
    return {
        field: _TYPES[kind] for field, kind in zip(signature[:half], signature[half:], strict=True)
    }
