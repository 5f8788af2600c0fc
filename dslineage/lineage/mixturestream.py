"""The examples of a mixture, one after the other; what was handed out is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dslineage.lineage.mixturedraw import drawn_places, interleaved
from dslineage.lineage.node import node_of
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.lineage.mixtureplan import Plan
    from dslineage.lineage.mixtures import Mixture
    from dslineage.store.store import Store

Bound = Literal["exact", "upper-bound", "unknown"]
_WHY: dict[Bound, str] = {
    "exact": "",
    "upper-bound": "it was not read to its end, and not all of that may have been used: loaders "
    "read ahead",
    "unknown": "nothing was read in this process: processes of a loader may have read",
}


@dataclass(frozen=True)
class MixtureExamples:
    """The examples of a mixture in their order, the same ones each time.

    `store` opens the store that has them, for each pass anew: data loaders copy streams to other
    processes, and what is open cannot be copied.
    """

    mixture: Mixture
    store: Callable[[], Store]
    plan: Plan

    def __len__(self) -> int:
        return self.plan.total

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for _, example in self.told():
            yield example

    def told(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The examples, each with the place of its component."""
        store = self.store()
        sources = [self._of(place, store) for place in range(len(self.mixture.versions))]
        for place in interleaved(self.plan.drawn).tolist():
            yield place, next(sources[place])

    def _of(self, place: int, store: Store) -> Iterator[dict[str, Any]]:
        """The examples of one component, in the order of drawing."""
        component = self.mixture.record.components[place]
        version, count = self.mixture.versions[place], self.plan.drawn[place]
        if not count:
            return
        snapshot = open_version(store, version)
        rows: NDArray[Any] = snapshot.rows()
        places = drawn_places(
            snapshot.digests(rows),
            seed=self.mixture.record.seed,
            name=version.dataset,
            cap=component.cap,
            count=count,
        )
        yield from snapshot.read(rows[places])


@dataclass(eq=False)
class Yielded:
    """How many examples of each component were handed out, over all passes."""

    refs: tuple[str, ...]
    counts: list[int] = field(init=False)
    passes: int = 0
    begun: int = 0

    def __post_init__(self) -> None:
        self.counts = [0] * len(self.refs)

    @property
    def bound(self) -> Bound:
        """Whether it is known that all of it was used."""
        if not self.begun:
            return "unknown"
        return "exact" if self.passes == self.begun else "upper-bound"

    @property
    def why(self) -> str:
        """Why the counts are no exact ones; empty where they are."""
        return _WHY[self.bound]

    def to_dict(self) -> dict[str, Any]:
        """What a step's record has of it as a parameter."""
        return {
            "yielded": dict(zip(self.refs, self.counts, strict=True)),
            "passes": self.passes,
            "bound": self.bound,
        }


def refs_of(mixture: Mixture) -> tuple[str, ...]:
    """What the versions of a mixture are called in counts: `gsm8k@v3`."""
    names = [node_of(version).ref for version in mixture.versions]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(f"{one.dataset}@{one.digits[:8]}" for one in mixture.versions)
