"""A population over a list of examples in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.adapters.base import Adapter
from dslineage.adapters.detect import detect
from dslineage.canonical.jcs import canonical_bytes
from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example
from dslineage.quality.metric import Metric
from dslineage.quality.setmetric import Ragged
from dslineage.quality.values import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

Fields = Mapping[str, Any]


class MemoryPopulation:
    """Some examples; what is computed of their texts is kept by row, and how often is counted.

    Args:
        examples: the examples, equal ones included.
        adapter: what is detected unless given.
        chunk: examples in a chunk.
    """

    def __init__(
        self, examples: Sequence[Fields], adapter: Adapter | None = None, chunk: int = 1000
    ) -> None:
        self.adapter = adapter or detect(examples[:1000]).adapter
        self.fields = list(examples)
        self.rows = np.arange(len(self.fields))
        self._chunk = chunk
        self._kept: dict[tuple[str, int], NDArray[np.uint64]] = {}
        self.computed: dict[str, int] = {}

    @cached_property
    def of_all(self) -> Sequence[Example]:
        return [Example.of(fields, self.adapter) for fields in self.fields]

    def conversations(self) -> NDArray[np.uint64]:
        return self._conversations

    @cached_property
    def _conversations(self) -> NDArray[np.uint64]:
        digests = (
            hashlib.sha256(canonical_bytes(example.conversation)).digest()[:8]
            for example in self.of_all
        )
        return np.frombuffer(b"".join(digests), "<u8")

    def values(self, metric: Metric) -> Values:
        assert metric.batch is not None
        chunks = [metric.batch(chunk, **metric.params) for chunk in self._chunks(self.rows)]
        return Values.joined(chunks or [Values.missing(metric.kind, 0)])

    def ragged(
        self, name: str, compute: Callable[[Chunk], Ragged], rows: NDArray[np.int64]
    ) -> Ragged:
        assert len(np.unique(rows)) == len(rows)
        new = np.array([row for row in rows.tolist() if (name, row) not in self._kept], np.int64)
        self.computed[name] = self.computed.get(name, 0) + len(new)
        begin = 0
        for chunk in self._chunks(new):
            values, offsets = compute(chunk)
            for place in range(len(chunk)):
                row = int(new[begin + place])
                self._kept[name, row] = values[offsets[place] : offsets[place + 1]]
            begin += len(chunk)
        arrays = [self._kept[name, row] for row in rows.tolist()]
        lengths = np.array([len(one) for one in arrays], np.int64)
        values = np.concatenate(arrays) if arrays else np.zeros(0, np.uint64)
        return Ragged(values, np.concatenate(([0], np.cumsum(lengths))).astype(np.int64))

    def examples(self, rows: NDArray[np.int64]) -> Iterator[Example]:
        return (self.of_all[row] for row in rows.tolist())

    def _chunks(self, rows: NDArray[np.int64]) -> Iterator[Chunk]:
        for begin in range(0, len(rows), self._chunk):
            yield Chunk([self.of_all[row] for row in rows[begin : begin + self._chunk].tolist()])


def read(path: Path) -> list[dict[str, Any]]:
    """The examples of a real file, as JSON or JSON lines."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        found: list[dict[str, Any]] = json.loads(text)
        return found
    return [json.loads(line) for line in text.splitlines()]
