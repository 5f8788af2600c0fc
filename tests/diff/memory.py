"""A snapshot over a list of examples, and one over arrays that were made up."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.adapters.base import Adapter, Facets
from dslineage.adapters.facets import Faceter
from dslineage.adapters.fields import Fields
from dslineage.canonical.jcs import canonical_bytes, without_nulls
from dslineage.ids import Digest
from dslineage.store.media import NO_MEDIA, MediaList
from dslineage.versions.snapshot import FacetTable, FieldStats

if TYPE_CHECKING:
    from numpy.typing import NDArray

Example = dict[str, Any]


class Space:
    """Numbers rows by their bytes, for snapshots that are to share a numbering."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.values: list[Example] = []

    def number(self, raw: bytes, value: Example) -> int:
        if raw not in self.numbers:
            self.numbers[raw] = len(self.values)
            self.values.append(value)
        return self.numbers[raw]


class MemorySnapshot:
    """A snapshot of some examples.

    Args:
        examples: in file order.
        adapter: `fields` unless given.
        key: the field that was found to be a key.
        space: shared by snapshots whose row numbers compare; one of its own unless given.
        raw: the bytes of each example, where two equal examples may have different ones.
    """

    def __init__(
        self,
        examples: Sequence[Mapping[str, Any]],
        adapter: Adapter | None = None,
        key: str | None = None,
        space: Space | None = None,
        raw: Sequence[bytes] | None = None,
        label: str = "v1",
    ) -> None:
        self.label = label
        self.dataset = "train"
        self.adapter: Adapter = adapter or Fields()
        self.key = key
        self.quarantined = 0
        self.media: MediaList = NO_MEDIA
        self._space = space or Space()
        values = [without_nulls(dict(example)) for example in examples]
        bodies = raw or [canonical_bytes(value) for value in values]
        self._numbers = np.array(
            [self._space.number(body, value) for body, value in zip(bodies, values, strict=True)],
            dtype=np.int64,
        )
        self.examples = len(values)
        self.unique = len({canonical_bytes(value) for value in values})
        self.reads = 0

    @property
    def space(self) -> object:
        return self._space

    @property
    def space_size(self) -> int:
        return len(self._space.values)

    @cached_property
    def content_hash(self) -> Digest:
        return Digest.of(b"".join(sorted(d.tobytes() for d in self.digests(self._numbers))))

    @cached_property
    def training_hash(self) -> Digest:
        table = self.facets(self._numbers).conversation
        return Digest.of(b"".join(sorted(row.tobytes() for row in table)))

    @cached_property
    def order_hash(self) -> Digest:
        return Digest.of(self.digests(self._numbers).tobytes())

    @cached_property
    def fields(self) -> Mapping[str, FieldStats]:
        counts: dict[str, Counter[str]] = {}
        for number in self._numbers.tolist():
            for name, value in self._space.values[number].items():
                counts.setdefault(name, Counter())[json_type(value)] += 1
        return {name: FieldStats(dict(kinds)) for name, kinds in sorted(counts.items())}

    def rows(self) -> NDArray[np.int64]:
        return self._numbers

    def digests(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        digests = [self._digest(number) for number in rows.tolist()]
        return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)

    def facets(self, rows: NDArray[np.int64]) -> FacetTable:
        faceter = Faceter(self.adapter, self.key)
        return table_of(
            [
                faceter.facets(self._space.values[number], self._digest(number))
                for number in rows.tolist()
            ]
        )

    def forgotten(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.zeros(len(rows), bool)

    def text_bytes(self, rows: NDArray[np.int64]) -> int:
        return sum(len(canonical_bytes(self._space.values[number])) for number in rows.tolist())

    def read(self, rows: NDArray[np.int64]) -> Iterator[Example]:
        self.reads += len(rows)
        return (self._space.values[number] for number in rows.tolist())

    def shapes(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Sequence[Mapping[str, str]]]:
        shapes = [
            {name: json_type(value) for name, value in self._space.values[number].items()}
            for number in rows.tolist()
        ]
        return np.arange(len(shapes)), shapes

    def _digest(self, number: int) -> bytes:
        return hashlib.sha256(canonical_bytes(self._space.values[number])).digest()


class ArraySnapshot(MemorySnapshot):
    """A snapshot of which every row has digests and facets but no text, however many there are.

    Args:
        numbers: row numbers, in file order.
        digests: the example digest of every row of the space, shape (n, 32).
        facets: the facets of every row of the space.
        space: the space.
    """

    def __init__(
        self,
        numbers: NDArray[np.int64],
        digests: NDArray[np.uint8],
        facets: FacetTable,
        space: Space,
        adapter: Adapter,
        key: str | None,
        fields: Mapping[str, FieldStats],
    ) -> None:
        super().__init__([], adapter, key, space)
        self._numbers = numbers
        self._all_digests = digests
        self._all_facets = facets
        self.examples = len(numbers)
        self.fields = fields
        self.content_hash = self.training_hash = self.order_hash = Digest.of(numbers.tobytes())

    @property
    def space_size(self) -> int:
        return len(self._all_digests)

    def digests(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        return self._all_digests[rows]

    def facets(self, rows: NDArray[np.int64]) -> FacetTable:
        table = self._all_facets
        columns = {name: column[rows] for name, column in table.columns.items()}
        return FacetTable(table.conversation[rows], columns)


def table_of(facets: Sequence[Facets]) -> FacetTable:
    """Facets as columns."""
    joined = {
        name: b"".join(facet[place] for facet in facets)
        for place, name in enumerate(Facets._fields)
    }
    conversation = np.frombuffer(joined.pop("conversation"), np.uint8).reshape(-1, 32)
    return FacetTable(
        conversation, {name: np.frombuffer(data, "<u8") for name, data in joined.items()}
    )


def json_type(value: Any) -> str:
    """The JSON type of a value."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")
