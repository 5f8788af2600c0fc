"""A comparison with the measures of its two sides, as far as they are known or can be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.adapters.registry import adapter_id
from dslineage.diff.changed import ChangedRows
from dslineage.diff.comparison import Comparison
from dslineage.quality.moving import Changed
from dslineage.quality.recorded import RecordedMetric
from dslineage.quality.setmetric import Figure, Population, SetMetric
from dslineage.quality.side import Quality, Side
from dslineage.quality.tally import Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.metric import Metric
    from dslineage.quality.values import Values

LIMIT = 20_000
"""Examples of a side up to which all are looked at without being asked to: a few seconds' work."""


class Unknown(NamedTuple):
    """Why there is no figure of a side, and the command that would give one."""

    reason: str
    hint: str


@dataclass(frozen=True)
class Compared:
    """A comparison with the measures of its sides, as far as they are known or can be had.

    `metrics` are those to look at; `asked` says that they were named, and may take as long as they
    take.
    """

    comparison: Comparison
    quality: Quality
    metrics: Sequence[Metric | SetMetric]
    asked: bool = False

    @cached_property
    def rows(self) -> ChangedRows:
        """What changed."""
        return ChangedRows.of(self.comparison)

    @property
    def sides(self) -> tuple[Side, Side]:
        """The older and the newer side."""
        return self.quality.before, self.quality.after

    @property
    def is_small(self) -> bool:
        """Whether both sides may be looked at as wholes."""
        return (
            self.asked
            or max(len(self.comparison.rows_before), len(self.comparison.rows_after)) <= LIMIT
        )

    @cached_property
    def is_one_space(self) -> bool:
        """Whether examples of the two sides are measured alike, under row numbers that compare."""
        older, newer = (side.snapshot for side in self.sides)
        same = adapter_id(older.adapter) == adapter_id(newer.adapter)
        return same and older.space is newer.space

    def changed(self, metric: Metric) -> Changed:
        """The values of what changed."""
        rows = self.rows
        older, newer = (
            table[metric.id] if metric.id in table else side.values(metric, own)
            for table, side, own in zip(
                self._changed, self.sides, (rows.older, rows.newer), strict=True
            )
        )
        gone, new = len(rows.removed), len(rows.added)
        return Changed(
            older.take(np.arange(gone)),
            newer.take(np.arange(new)),
            older.take(np.arange(gone, len(rows.older))),
            newer.take(np.arange(new, len(rows.newer))),
        )

    def tallies(self, metric: Metric) -> tuple[Tally, Tally] | Unknown:
        """The tallies of both sides, or why there are none.

        A side that is no recorded version is measured as it is compared: all of it, or what
        changed against a recorded version.
        """
        older, newer = (side.tally(metric) for side in self.sides)
        if reason := self._unknown(metric):
            return reason
        if self._goes_on and older is None and newer is not None:
            older = newer - self._shift(metric)
        if self._goes_on and newer is None and older is not None:
            newer = older + self._shift(metric)
        return (
            older or Tally.of(self._all_before[metric.id], metric.labels),
            newer or Tally.of(self._all_after[metric.id], metric.labels),
        )

    def figures(self, metric: SetMetric) -> tuple[Figure, Figure] | Unknown:
        """The figures of both sides, or why there are none."""
        known = [side.figure(metric) for side in self.sides]
        if reason := self._reason(metric.name, known, can_go_on=False):
            return reason
        rows = self.comparison.rows_before, self.comparison.rows_after
        older, newer = (
            figure or metric.of(self.population(side, own))
            for figure, side, own in zip(known, self.sides, rows, strict=True)
        )
        return older, newer

    def population(self, side: Side, rows: NDArray[np.int64]) -> Population:
        """Some examples of a side, with what is measured of each."""
        side.measures.fill(self.quality.profile.measured, rows, cached=True)
        return side.measures.population(rows)

    @cached_property
    def _goes_on(self) -> bool:
        """Whether what changed tells one side's tallies from the other's."""
        return self.is_one_space and not self.comparison.frame.equalises and not self.forgets

    @cached_property
    def forgets(self) -> bool:
        """Whether something that was added or removed is forgotten, and its values with it."""
        forgotten = self.sides[0].snapshot.forgotten
        return bool(forgotten(self.rows.older).any() or forgotten(self.rows.newer).any())

    @cached_property
    def _available(self) -> list[Metric]:
        """The metrics of examples of which values are known or can be measured on the way."""
        runnable = (m for m in self.metrics if not isinstance(m, SetMetric | RecordedMetric))
        return [metric for metric in runnable if self._unknown(metric) is None]

    @cached_property
    def _changed(self) -> tuple[dict[str, Values], dict[str, Values]]:
        """The values of what changed on each side, by the metrics' ids."""
        rows, (older, newer) = self.rows, self.sides
        return older.table(self._available, rows.older), newer.table(self._available, rows.newer)

    @cached_property
    def _all_before(self) -> dict[str, Values]:
        return self.quality.before.table(self._available, self.comparison.rows_before)

    @cached_property
    def _all_after(self) -> dict[str, Values]:
        return self.quality.after.table(self._available, self.comparison.rows_after)

    def _unknown(self, metric: Metric) -> Unknown | None:
        """Why there are no tallies of a metric; None where there are or can be."""
        known = [side.tally(metric) for side in self.sides]
        goes_on = self._goes_on and known != [None, None]
        return self._reason(metric.name, known, can_go_on=goes_on)

    def _shift(self, metric: Metric) -> Tally:
        """By how much the tally of the newer side is more than that of the older one."""
        removed, added, was, now = (Tally.of(one, metric.labels) for one in self.changed(metric))
        return added + now - removed - was

    def _reason(
        self, name: str, known: Sequence[Tally | Figure | None], *, can_go_on: bool
    ) -> Unknown | None:
        """Why a side has no figure and gets none; None where both have or get one."""
        lacking = [side for side, found in zip(self.sides, known, strict=True) if found is None]
        versions = list({side.snapshot.label: side for side in lacking if side.is_version}.values())
        if versions:
            return _unmeasured(name, versions)
        for side in lacking:
            label = side.snapshot.label
            if not self.is_small and not can_go_on:
                return Unknown(
                    f"{label} has more than {LIMIT:,} examples, and is no version that could have "
                    "been measured before",
                    f"dslineage diff {' '.join(side.snapshot.label for side in self.sides)} "
                    "--metric NAME",
                )
        return None


def _unmeasured(name: str, versions: Sequence[Side]) -> Unknown:
    """That a metric was not measured of one version or two, and the command for all of them."""
    labels = [side.snapshot.label for side in versions]
    whole = [
        label if "@" in label else f"{side.snapshot.dataset}@{label}"
        for label, side in zip(labels, versions, strict=True)
    ]
    were = "were" if len(labels) > 1 else "was"
    how = " in the same way" if any(side.measured_otherwise(name) for side in versions) else ""
    return Unknown(
        f"{' and '.join(labels)} {were} not measured{how}",
        f"dslineage metrics run {' '.join(whole)}",
    )
