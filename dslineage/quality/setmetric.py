"""Metrics of a whole set, such as the share of duplicates: no value belongs to one example."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.quality.metric import Better, Metric, code_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.quality.example import Example
    from dslineage.quality.values import Values


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a set metric. `detail` says on what it rests: counts, sample, error."""

    value: float | None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Ragged(Protocol):
    """Arrays of any length, one for each of some rows: all of them, and where each begins."""

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]


class Population(Protocol):
    """Some examples of a store, as a multiset of rows; what is computed of them is kept."""

    rows: NDArray[np.int64]
    """The row number of each example; equal rows may repeat."""

    def take(self, places: NDArray[Any]) -> Population:
        """The examples at some places of `rows` (indices or a mask)."""

    def conversations(self) -> NDArray[np.uint64]:
        """The first eight bytes of the conversation digest of each example."""

    def values(self, metric: Metric) -> Values:
        """The values of a metric for each example."""

    def ragged(
        self,
        name: str,
        compute: Callable[[Example], NDArray[np.uint64]],
        rows: NDArray[np.int64],
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """An array for each of some rows, computed from their texts once and then kept.

        Args:
            name: the id under which they are kept; it must name all that could change them.
            compute: a picklable pure function.
            rows: distinct row numbers.

        Returns:
            all arrays behind one another, and len(rows) + 1 offsets.
        """

    def examples(self, rows: NDArray[np.int64]) -> Iterator[Example]:
        """The examples of some rows, read from their texts."""


@dataclass(frozen=True)
class SetMetric:
    """The definition of a metric of a whole set; see `Metric` for the members they share.

    `figure` computes it. `keys` are KEY metrics that are measured with each example, `additive`
    says that there is an exact split of a change without evaluating subsets.
    """

    name: str
    unit: str
    better: Better
    figure: Callable[..., Figure]
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[Metric, ...] = ()
    uses: tuple[Callable[..., Any], ...] = ()
    why: Callable[..., Mapping[str, Any]] | None = None
    formula: str = ""
    source: str = ""
    worked: str = ""

    def of(self, population: Population) -> Figure:
        """The figure of a population."""
        return self.figure(population, **self.params)

    @cached_property
    def id(self) -> str:
        """`name@version:<16 hex digits>` over all that could change the figure."""
        identity = {
            "name": self.name,
            "version": self.version,
            "params": dict(self.params),
            "keys": [key.id for key in self.keys],
            "code": [code_of(function) for function in (self.figure, *self.uses)],
        }
        return f"{self.name}@{self.version}:{Digest.of(canonical_bytes(identity)).hex[:16]}"
