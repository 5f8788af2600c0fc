"""Metrics that are known from records alone: a team's own, whose code a comparison never runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.quality.metric import Kind, Metric, name_of
from dslineage.quality.setmetric import SetMetric

if TYPE_CHECKING:
    from dslineage.records import MeasurementRecord


@dataclass(frozen=True)
class RecordedMetric(Metric):
    """A metric with the id, unit and direction that a record tells, and no code to run."""

    recorded_id: str = ""

    @property
    def id(self) -> str:
        """The id under which it was measured."""
        return self.recorded_id

    @classmethod
    def of_record(cls, id_: str, document: Mapping[str, Any]) -> RecordedMetric:
        """The metric behind a member of a measurement record."""
        return cls(
            name=name_of(id_),
            kind=Kind(document["kind"]),
            unit=str(document.get("unit", "")),
            better=document.get("better", "neutral"),
            function=_nowhere,
            recorded_id=id_,
        )


@dataclass(frozen=True)
class RecordedJudge(SetMetric):
    """A judge with the identity that a record tells, whom nobody asks."""

    recorded_id: str = ""
    seed: int = 0

    @property
    def id(self) -> str:
        """The id under which it was measured."""
        return self.recorded_id

    @classmethod
    def of_record(cls, id_: str, document: Mapping[str, Any]) -> RecordedJudge:
        """The judge behind a member of a measurement record."""
        return cls(
            name=name_of(id_),
            unit=str(document.get("unit", "")),
            better=document.get("better", "neutral"),
            prepare=_nowhere,
            recorded_id=id_,
            seed=int(document["judge"]["seed"]),
        )


def recorded_metrics(
    records: Iterable[MeasurementRecord], known: Iterable[str]
) -> list[RecordedMetric | RecordedJudge]:
    """The metrics in some records that need code, and are not known by name, one of a name.

    Args:
        records: those whose ids count come first.
        known: names of metrics that can be run.
    """
    names = set(known)
    found: list[RecordedMetric | RecordedJudge] = []
    for record in records:
        for id_, document in record.metrics.items():
            name = name_of(id_)
            if name in names:
                continue
            if "kind" in document:
                found.append(RecordedMetric.of_record(id_, document))
            elif "judge" in document:
                found.append(RecordedJudge.of_record(id_, document))
            names.add(name)
    return found


def _nowhere(*_: object) -> Any:
    raise TypeError("the code of a recorded metric is not here")
