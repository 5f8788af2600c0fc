"""What differs between two mixtures: weights, what they come to, versions, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dslineage.contrast.counts import Compare, Counts
from dslineage.errors import IntegrityError
from dslineage.lineage.ancestry import Examples
from dslineage.lineage.node import node_of
from dslineage.numbering import numbered
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.lineage.mixtures import Mixture
    from dslineage.records import Component, DatasetRecord
    from dslineage.store.store import Store


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a mixture: the version, how it is drawn, and what that comes to."""

    version: DatasetRecord
    component: Component
    drawn: int
    share: float

    @property
    def ref(self) -> str:
        """What the version is called."""
        return node_of(self.version).ref

    @property
    def rules(self) -> tuple[float | None, int | None, float]:
        """How it is drawn: weight, cap and repeats."""
        return self.component.weight, self.component.cap, self.component.repeats

    def to_dict(self) -> dict[str, Any]:
        """The part as a JSON object."""
        weight, cap, repeats = self.rules
        return {
            "version": self.ref,
            "id": self.version.id,
            "of": self.version.examples,
            "weight": weight,
            "cap": cap,
            "repeats": repeats,
            "examples": self.drawn,
            "share": self.share,
        }


@dataclass(frozen=True, slots=True)
class Shared:
    """How many different examples, and conversations, two components have in common."""

    one: str
    other: str
    examples: int
    conversations: int

    def to_dict(self) -> dict[str, Any]:
        """The pair as a JSON object."""
        return {
            "components": [self.one, self.other],
            "examples": self.examples,
            "conversations": self.conversations,
        }


@dataclass(frozen=True, slots=True)
class MixtureSide:
    """One of two mixtures. `shared` is None where the examples are not here.

    `id` is None where it is a file that is not recorded.
    """

    title: str
    id: str | None
    seed: int
    examples: int
    parts: tuple[Part, ...]
    shared: tuple[Shared, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """The side as a JSON object."""
        return {
            "mixture": self.title,
            "id": self.id,
            "seed": self.seed,
            "examples": self.examples,
            "components": [part.to_dict() for part in self.parts],
            "shared": None if self.shared is None else [one.to_dict() for one in self.shared],
        }


@dataclass(frozen=True, slots=True)
class PartChange:
    """What became of a component; `counts` are of two versions, where they are known."""

    before: Part | None
    after: Part | None
    counts: Counts | None = None

    @property
    def dataset(self) -> str:
        """The name of the data set."""
        part = self.after or self.before
        return part.version.dataset if part else ""

    @property
    def change(self) -> Literal["added", "removed", "version", "rules", "amount", "same"]:
        """What changed, the weightiest first."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.before.version.id != self.after.version.id:
            return "version"
        if self.before.rules != self.after.rules:
            return "rules"
        return "same" if self.before.drawn == self.after.drawn else "amount"

    def to_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        return {
            "dataset": self.dataset,
            "change": self.change,
            "from": self.before.to_dict() if self.before else None,
            "to": self.after.to_dict() if self.after else None,
            "counts": self.counts.to_dict() if self.counts else None,
        }


@dataclass(frozen=True, slots=True)
class MixtureDiff:
    """What differs between two mixtures."""

    from_: MixtureSide
    to: MixtureSide
    changes: tuple[PartChange, ...]
    notices: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether they draw other examples, or in another order."""
        return self.from_.seed != self.to.seed or any(one.change != "same" for one in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.mixture-diff/1`."""
        return {
            "schema": "dslineage.mixture-diff/1",
            "from": self.from_.to_dict(),
            "to": self.to.to_dict(),
            "changes": [one.to_dict() for one in self.changes],
            "notices": list(self.notices),
        }


def diff_mixtures(before: Mixture, after: Mixture, store: Store, compare: Compare) -> MixtureDiff:
    """Compare two mixtures.

    Args:
        before: the older one.
        after: the newer one.
        store: where the examples are.
        compare: compares two versions of a component.
    """
    notices: list[str] = []
    try:
        overlaps: _Overlaps | None = _Overlaps.of(store, (*before.versions, *after.versions))
    except IntegrityError as error:
        overlaps = None
        notices.append(f"what the data sets share is not known: {error.message}")
    sides = _side(before, overlaps), _side(after, overlaps)
    pairs = _matched(sides[0].parts, sides[1].parts)
    changes = tuple(PartChange(one, other, _counts(one, other, compare)) for one, other in pairs)
    return MixtureDiff(*sides, changes, tuple(notices))


@dataclass(frozen=True)
class _Overlaps:
    """The different examples and conversations of some versions, equal ones as equal numbers."""

    examples: Mapping[str, NDArray[np.int64]]
    conversations: Mapping[str, NDArray[np.int64]]

    @classmethod
    def of(cls, store: Store, versions: Sequence[DatasetRecord]) -> _Overlaps:
        found = {one.id: Examples.of(open_version(store, one)) for one in versions}
        shown = [
            one.conversations if one.has_conversations else one.digests for one in found.values()
        ]
        return cls(
            _numbers(list(found), [one.digests for one in found.values()]),
            _numbers(list(found), shown),
        )

    def shared(self, parts: Sequence[Part]) -> Iterator[Shared]:
        """The pairs of parts that share anything."""
        for one, other in combinations(parts, 2):
            ids = one.version.id, other.version.id
            counts = [
                len(np.intersect1d(numbers[ids[0]], numbers[ids[1]], assume_unique=True))
                for numbers in (self.examples, self.conversations)
            ]
            if any(counts):
                yield Shared(one.ref, other.ref, *counts)


def _numbers(ids: Sequence[str], columns: Sequence[NDArray[np.uint8]]) -> dict[str, Any]:
    ends = np.cumsum([len(column) for column in columns])[:-1]
    codes = np.split(numbered(np.concatenate(columns)).codes, ends)
    return {id_: np.unique(part) for id_, part in zip(ids, codes, strict=True)}


def _side(mixture: Mixture, overlaps: _Overlaps | None) -> MixtureSide:
    record, plan = mixture.record, mixture.plan()
    parts = tuple(
        Part(version, record.components[place], plan.drawn[place], plan.share(place))
        for place, version in enumerate(mixture.versions)
    )
    return MixtureSide(
        mixture.title,
        record.id if mixture.recorded else None,
        record.seed,
        plan.total,
        parts,
        None if overlaps is None else tuple(overlaps.shared(parts)),
    )


def _matched(
    before: Sequence[Part], after: Sequence[Part]
) -> list[tuple[Part | None, Part | None]]:
    """Components that are the same version, else of one data set; the rest came or went."""
    older, newer = list(before), list(after)
    found: list[tuple[Part | None, Part | None]] = []
    for name in ("id", "dataset"):
        for part in list(newer):
            called = getattr(part.version, name)
            twin = next((one for one in older if getattr(one.version, name) == called), None)
            if twin is not None:
                older.remove(twin)
                newer.remove(part)
                found.append((twin, part))
    found += [(None, part) for part in newer] + [(part, None) for part in older]
    order = [*after, *before]
    return sorted(found, key=lambda pair: order.index(pair[1] or pair[0]))  # type: ignore[arg-type]


def _counts(before: Part | None, after: Part | None, compare: Compare) -> Counts | None:
    if before is None or after is None or before.version.id == after.version.id:
        return None
    return Counts.of(compare(before.version, after.version))
