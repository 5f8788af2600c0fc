"""Metrics of a whole set, such as the share of duplicates: no value belongs to one example."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.quality.example import TEXTS
from dslineage.quality.metric import Better, Metric, code_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example
    from dslineage.quality.values import Values

    Places = NDArray[np.int64] | NDArray[np.bool_] | slice
    """Some of a population's examples: indices into its rows, a mask, or a slice."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a set metric; None where it does not apply.

    `detail` says on what it rests: counts, sample, error. It names no row of a store, so that it
    is the same wherever the examples are kept.
    """

    value: float | None
    detail: Mapping[str, Any] = field(default_factory=dict)


class Ragged(NamedTuple):
    """Arrays of any length, one behind another: array i is `values[offsets[i]:offsets[i + 1]]`."""

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]


class Cause(NamedTuple):
    """Why a figure is what it is: some examples, what each adds to the figure, and the reason."""

    places: tuple[int, ...]
    influence: float
    reason: str


class Population(Protocol):
    """Some examples of a store, as a multiset of rows; what is computed of them is kept."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """The row number of each example; equal rows may repeat."""

    def conversations(self) -> NDArray[np.uint64]:
        """The first eight bytes of the conversation digest of each example."""

    def values(self, metric: Metric) -> Values:
        """The values of a metric for each example."""

    def ragged(
        self, name: str, compute: Callable[[Chunk], Ragged], rows: NDArray[np.int64]
    ) -> Ragged:
        """An array for each of some rows, computed from their texts once and then kept.

        Args:
            name: the id under which they are kept; it names all that could change them.
            compute: the arrays of a chunk's examples, each a function of its example alone; it can
                be pickled.
            rows: distinct row numbers.
        """

    def examples(self, rows: NDArray[np.int64]) -> Iterator[Example]:
        """The examples of some rows, read from their texts."""


class Figures(Protocol):
    """The figures of the subsets of a population."""

    def __call__(self, places: Places, *, error: bool = False) -> Figure:
        """The figure of the examples at some places.

        Args:
            places: some of the population's examples.
            error: say the standard error of a figure that comes of a sample, which takes longer.
        """


@dataclass(frozen=True)
class SetMetric:
    """The definition of a metric of a whole set; see `Metric` for the members they share.

    `prepare` does once, for a population, what its subsets need, and returns the function that
    gives the figure of any of them: an exact split of a change, and a comparison with random
    subsets, take many figures of one union. `keys` are KEY metrics that are measured with each
    example. `why` names the examples that make the figure of a whole population, those with the
    most influence first.
    """

    name: str
    unit: str
    better: Better
    prepare: Callable[..., Figures]
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[Metric, ...] = ()
    uses: tuple[Callable[..., Any], ...] = ()
    why: Callable[..., Sequence[Cause]] | None = None
    formula: str = ""
    source: str = ""
    worked: str = ""

    def of(self, population: Population) -> Figure:
        """The figure of a population."""
        return self.over(population)(slice(None), error=True)

    def over(self, population: Population) -> Figures:
        """The figures of a population's subsets, what they share being computed once."""
        return self.prepare(population, **self.params)

    def causes(self, population: Population) -> Sequence[Cause]:
        """The examples behind the figure of a population."""
        return self.why(population, **self.params) if self.why else ()

    @cached_property
    def id(self) -> str:
        """`name@version:<16 hex digits>` over all that could change the figure."""
        identity = {
            "name": self.name,
            "version": self.version,
            "texts": TEXTS,
            "params": dict(self.params),
            "keys": [key.id for key in self.keys],
            "code": [code_of(function) for function in (self.prepare, *self.uses)],
        }
        return f"{self.name}@{self.version}:{Digest.of(canonical_bytes(identity)).hex[:16]}"
