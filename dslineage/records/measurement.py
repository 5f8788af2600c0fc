"""The record of what was measured: the figures of one version under one profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dslineage.members import instant, matching, member
from dslineage.records.dataset import LABEL
from dslineage.records.form import checked_name, ids
from dslineage.records.record import Record


@dataclass(frozen=True, slots=True)
class MeasurementRecord(Record):
    """Metric values of one version, a child of it, so that a new profile never changes its id.

    `metrics` maps each metric's id to what was measured: the tally of a metric of examples, or
    `figure` and `detail` of a metric of the whole set; `unmeasured` maps the names of metrics that
    could not be measured to the reason.
    """

    kind: ClassVar[str] = "measurement"
    schema: ClassVar[str] = "dslineage.measurement/1"

    dataset: str
    version: str
    subject: str
    profile: str
    metrics: Mapping[str, Mapping[str, Any]]
    unmeasured: Mapping[str, str]
    created_at: str
    tool: str

    @property
    def stem(self) -> str:
        """`DATASET/VERSION`."""
        return f"{self.dataset}/{self.version}"

    def _members(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "version": self.version,
            "subject": self.subject,
            "profile": self.profile,
            "metrics": {id_: dict(measured) for id_, measured in self.metrics.items()},
            "unmeasured": dict(self.unmeasured),
            "created_at": self.created_at,
            "tool": self.tool,
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        metrics = member(document, "metrics", dict)
        return cls(
            dataset=checked_name(member(document, "dataset", str)),
            version=matching(document, "version", LABEL),
            subject=ids([document["subject"]], "dataset")[0],
            profile=member(document, "profile", str),
            metrics={id_: member(metrics, id_, dict) for id_ in metrics},
            unmeasured={k: str(v) for k, v in member(document, "unmeasured", dict).items()},
            created_at=instant(document, "created_at"),
            tool=member(document, "tool", str),
        )
