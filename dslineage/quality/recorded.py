"""Metrics that are known from records alone: a team's own, whose code a comparison never runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.quality.metric import Kind, Metric, Value, name_of

if TYPE_CHECKING:
    from dslineage.quality.example import Example
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


def recorded_metrics(
    records: Iterable[MeasurementRecord], known: Iterable[str]
) -> list[RecordedMetric]:
    """The metrics of examples in some records whose names are not known already, one of a name.

    Args:
        records: those whose ids count come first.
        known: names of metrics that can be run.
    """
    names = set(known)
    found = []
    for record in records:
        for id_, document in record.metrics.items():
            name = name_of(id_)
            if name not in names and "kind" in document:
                names.add(name)
                found.append(RecordedMetric.of_record(id_, document))
    return found


def _nowhere(_: Example) -> Value:
    raise TypeError("the code of a recorded metric is not here")
