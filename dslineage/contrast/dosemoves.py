"""How the quality of training data moved: tallies of versions, each as often as it was shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, Any

from dslineage.quality.metric import Better, name_of
from dslineage.quality.tally import Tally

if TYPE_CHECKING:
    from dslineage.contrast.dosechange import DoseChange
    from dslineage.contrast.trained import Dose
    from dslineage.records import MeasurementRecord

_UNIT = 1_000_000
"""Tallies hold whole numbers, so a dose is taken in millionths."""

_SUMS = ("rows", "applicable", "part", "whole", "squares", "crossed", "wholes", "nonzero")


@dataclass(frozen=True, slots=True)
class DoseMove:
    """One metric of all the data of two trainings.

    `reason` says why there is no figure. `behind` are commands that show the examples that moved
    it, those of the largest change first; none where only the amounts changed.
    """

    metric: str
    unit: str
    better: Better
    before: float | None = None
    after: float | None = None
    deviation: float | None = None
    reason: str = ""
    behind: tuple[str, ...] = ()

    @property
    def delta(self) -> float | None:
        """By how much it moved."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def size(self) -> float:
        """How far it moved, in standard deviations of an example where there are any."""
        return abs(self.delta or 0.0) / (self.deviation or 1.0)

    @property
    def verdict(self) -> str:
        """`better` or `worse`, where the metric has a direction and moved; else nothing."""
        if not self.delta or self.better == "neutral":
            return ""
        return "better" if (self.delta > 0) == (self.better == "higher") else "worse"

    def to_dict(self) -> dict[str, Any]:
        """The movement as a JSON object."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "better": self.better,
            "from": self.before,
            "to": self.after,
            "delta": self.delta,
            **({"reason": self.reason} if self.reason else {}),
            "commands": list(self.behind),
        }


Measured = Mapping[str, Sequence["MeasurementRecord"]]
"""What was measured of versions, by their ids, the newest first."""


def dose_moves(
    before: Sequence[Dose],
    after: Sequence[Dose],
    changes: Sequence[DoseChange],
    measured: Measured,
) -> tuple[DoseMove, ...]:
    """How each metric with a value for each example moved, over all data of two trainings.

    Versions count as often as their examples were shown. What moved furthest comes first.
    """
    doses = [dose for dose in (*before, *after) if dose.version is not None]
    moves = [
        _move(name, ids, before, after, changes, measured)
        for name, ids in _names(doses, measured).items()
    ]
    return tuple(sorted(moves, key=lambda one: (bool(one.reason), -one.size, one.metric)))


def _names(doses: Sequence[Dose], measured: Measured) -> dict[str, list[str]]:
    """The metrics that have a figure for each example, with their ids, the newest first."""
    found: dict[str, list[str]] = {}
    for dose in doses:
        for record in measured.get(dose.version.id if dose.version else "", ()):
            for id_, told in record.metrics.items():
                if "kind" in told and Tally.from_dict(told).figure is not None:
                    ids = found.setdefault(name_of(id_), [])
                    if id_ not in ids:
                        ids.append(id_)
    return found


def _move(
    name: str,
    ids: Sequence[str],
    before: Sequence[Dose],
    after: Sequence[Dose],
    changes: Sequence[DoseChange],
    measured: Measured,
) -> DoseMove:
    doses = (*before, *after)
    for id_ in ids:
        told = [_told(dose, id_, measured) for dose in doses]
        if all(one is not None for one in told):
            found = [one for one in told if one is not None]
            older = _whole(before, found[: len(before)])
            newer = _whole(after, found[len(before) :])
            return DoseMove(
                metric=name,
                unit=str(found[0].get("unit", "")),
                better=found[0].get("better", "neutral"),
                before=older.figure,
                after=newer.figure,
                deviation=older.deviation or newer.deviation,
                behind=tuple(_behind(name, changes)),
            )
    lacking = [dose.name for dose in doses if _told(dose, ids[0], measured) is None]
    why = f"not measured in the same way: {', '.join(dict.fromkeys(lacking))}"
    first = next(one for one in (_told(dose, ids[0], measured) for dose in doses) if one)
    unit, better = str(first.get("unit", "")), first.get("better", "neutral")
    return DoseMove(name, unit, better, reason=why)


def _told(dose: Dose, id_: str, measured: Measured) -> Mapping[str, Any] | None:
    if dose.version is None:
        return None
    records = measured.get(dose.version.id, ())
    return next((one.metrics[id_] for one in records if id_ in one.metrics), None)


def _whole(doses: Sequence[Dose], told: Sequence[Mapping[str, Any]]) -> Tally:
    """One tally of several versions, each as often as its examples were shown."""
    tallies = [Tally.from_dict(one) for one in told]
    whole = Tally(tallies[0].kind)
    for dose, tally in zip(doses, tallies, strict=True):
        times = round(dose.times * _UNIT)
        sums = {name: getattr(tally, name) * times for name in _SUMS}
        whole += replace(tally, **sums, buckets={}, counts={})
    return whole


def _behind(name: str, changes: Sequence[DoseChange]) -> Iterator[str]:
    """The commands that show which examples of two versions moved a metric."""
    for change in sorted(changes, key=lambda one: -(one.share or 0.0)):
        if change.diff is None or change.before is None or change.after is None:
            continue
        if any(one.metric == name and one.delta for one in change.diff.metrics):
            yield f"dslineage diff {change.before.name} {change.after.name} --why {quote(name)}"
