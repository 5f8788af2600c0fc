"""How one metric moved between two states of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dslineage.quality.attribution import Split
from dslineage.quality.chance import Chance
from dslineage.quality.distance import Distance
from dslineage.quality.metric import Better
from dslineage.quality.slices import Slices
from dslineage.quality.tally import Tally

QUANTILES = (0.1, 0.5, 0.9)


class Pairs(NamedTuple):
    """Edited examples by what became of their value.

    `other` are those that cannot be put in an order: another category, or the metric applies to
    one form only.
    """

    higher: int
    lower: int
    same: int
    other: int


class Affected(NamedTuple):
    """How many examples have a value other than 0, and what changed that number."""

    before: int
    after: int
    added: int
    removed: int
    edited: int


class Sampled(NamedTuple):
    """On how many examples of each side a figure rests, and the 95 % interval of the delta.

    There is no interval where too few were judged, or all of them alike.
    """

    before: int
    after: int
    interval: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        """The sample as a JSON object."""
        document: dict[str, Any] = {"from": self.before, "to": self.after}
        if self.interval is not None:
            document["low"], document["high"] = self.interval
        return document


@dataclass(frozen=True, slots=True)
class Label:
    """How the share of one category or reason moved; `examples` counts those that have it."""

    name: str
    examples: tuple[int, int]
    before: float
    after: float
    split: Split
    chance: Chance

    def to_dict(self) -> dict[str, Any]:
        """The label as a JSON object."""
        return {
            "label": self.name,
            "examples": list(self.examples),
            "from": self.before,
            "to": self.after,
            "delta": self.after - self.before,
            **self.split._asdict(),
            "random_change": self.chance.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Movement:
    """One metric before and after, and what moved it.

    Attributes:
        metric: its name.
        id: its id; that of the newer side where the two differ.
        kind: of its values; `set` for a metric of the whole set, `judge` for a judge's.
        reason: why the two sides cannot be compared; empty where they can.
        hint: the command that would make them comparable.
        before: the figure of the older side; None where the metric applies to nothing there.
        after: the figure of the newer side.
        split: what the added, removed and edited examples did; it adds up to the delta.
        unchanged: the part of `split.edited` that comes from examples which count as unchanged,
            because a schema change gave them other values.
        chance: what a random change of the same size would have done.
        standardised: the delta in standard deviations of the older side; Cohen's h for shares.
        affected: how many examples have a value other than 0, and what changed that.
        coverage: to what share of the examples the metric applies.
        pairs: what became of the values of edited examples.
        distance: how far apart the distributions are.
        tallies: what is known of each side.
        labels: categories or reasons, those that moved furthest first.
        slices: mix or within, for each field that was asked for.
        detail: on what the figures of a set metric rest, on each side.
        sampled: on what those of a judge rest.
    """

    metric: str
    id: str
    unit: str
    better: Better
    kind: str
    reason: str = ""
    hint: str = ""
    before: float | None = None
    after: float | None = None
    split: Split | None = None
    unchanged: float = 0.0
    chance: Chance | None = None
    standardised: float | None = None
    affected: Affected | None = None
    coverage: tuple[float, float] | None = None
    pairs: Pairs | None = None
    distance: Distance | None = None
    tallies: tuple[Tally, Tally] | None = field(default=None, repr=False)
    labels: tuple[Label, ...] = ()
    slices: tuple[Slices, ...] = ()
    detail: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
    sampled: Sampled | None = None

    @property
    def comparable(self) -> bool:
        """Whether both sides were measured in the same way."""
        return not self.reason

    @property
    def delta(self) -> float | None:
        """By how much the figure moved."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def relative(self) -> float | None:
        """The delta as a share of the older figure."""
        return self.delta / self.before if self.delta is not None and self.before else None

    @property
    def verdict(self) -> str:
        """`better` or `worse`, where the metric has a direction and moved; else nothing."""
        if not self.delta or self.better == "neutral":
            return ""
        return "better" if (self.delta > 0) == (self.better == "higher") else "worse"

    @property
    def leading(self) -> Chance | None:
        """The reference of the figure, or of the category that moved furthest."""
        if self.chance is not None or not self.labels:
            return self.chance
        known = [label.chance for label in self.labels if label.examples[0]]
        return max(known, key=lambda one: abs(one.times or 0), default=None)

    @property
    def moved(self) -> bool:
        """Whether it moved more than chance; where no reference fits, as for edits, at all.

        A metric of a whole set that was not split has no reference because nobody looked. Edits
        that took away the last of what a metric counts were no chance.
        """
        touched = self.affected
        if touched and touched.edited and not touched.after:
            return True
        leading = self.leading
        if self.sampled is not None:
            interval = self.sampled.interval
            return interval is not None and not interval[0] <= 0 <= interval[1]
        if leading is None:
            return bool(self.delta and self.split)
        return leading.is_beyond

    def to_dict(self) -> dict[str, Any]:
        """The movement as a JSON object of `dslineage.diff/1`."""
        document: dict[str, Any] = {
            "metric": self.metric,
            "id": self.id,
            "comparable": self.comparable,
            "from": self.before,
            "to": self.after,
            "delta": self.delta,
            **(self.split._asdict() if self.split else dict.fromkeys(Split._fields)),
            "better": self.better,
            "unit": self.unit,
            "kind": self.kind,
        }
        if self.reason:
            return document | {"reason": self.reason, "hint": self.hint}
        document |= {"moved": self.moved, "relative": self.relative}
        return document | {name: value for name, value in self._details() if value is not None}

    def _details(self) -> Iterable[tuple[str, Any]]:
        yield "standardised", self.standardised
        yield "random_change", self.chance.to_dict() if self.chance else None
        yield "affected", self._affected
        yield "coverage", list(self.coverage) if self.coverage else None
        yield "edited_pairs", self.pairs._asdict() if self.pairs else None
        yield "distance", self.distance._asdict() if self.distance else None
        yield "quantiles", self.quantiles or None
        yield "edited_unchanged", self.unchanged or None
        yield "labels", [label.to_dict() for label in self.labels] or None
        yield "slices", [one.to_dict() for one in self.slices] or None
        yield "sample", self.sampled.to_dict() if self.sampled else None
        yield "detail", [dict(side) for side in self.detail] if self.detail else None

    @property
    def _affected(self) -> dict[str, int] | None:
        if self.affected is None:
            return None
        older, newer, *parts = self.affected
        return {"from": older, "to": newer, **dict(zip(Split._fields, parts, strict=True))}

    @property
    def quantiles(self) -> dict[str, list[float | None]]:
        """Deciles and the median on each side, where there are histograms."""
        if self.tallies is None or not any(tally.buckets for tally in self.tallies):
            return {}
        return {
            f"p{round(100 * share)}": [tally.quantile(share) for tally in self.tallies]
            for share in QUANTILES
        }
