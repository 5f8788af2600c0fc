"""The record of what was measured: the figures of one version under one profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.members import matching, member
from dslineage.records.dataset import LABEL
from dslineage.records.form import (
    check_id,
    checked_name,
    ids,
    pretty,
    read_document,
    record_id,
    understood,
)

MEASUREMENT_SCHEMA = "dslineage.measurement/1"


@dataclass(frozen=True, slots=True)
class MeasurementRecord:
    """Metric values of one version, a child of it, so that a new profile never changes its id.

    `metrics` maps each metric's id to what was measured: the tally of a metric of examples, or
    `figure` and `detail` of a metric of the whole set; `unmeasured` maps the names of metrics that
    could not be measured to the reason.
    """

    dataset: str
    version: str
    subject: str
    profile: str
    metrics: Mapping[str, Mapping[str, Any]]
    unmeasured: Mapping[str, str]
    created_at: str
    tool: str

    @property
    def id(self) -> str:
        """`measurement:sha256:<hex>` of the canonical JSON without the id."""
        return record_id("measurement", self._body())

    @property
    def path(self) -> str:
        """Where the record is kept, relative to the repository."""
        name = f"{self.version}-{self.id[19:31]}.json"
        return f".dslineage/records/measurement/{self.dataset}/{name}"

    def to_bytes(self) -> bytes:
        """The record's file."""
        return pretty({"id": self.id, **self._body()})

    def _body(self) -> dict[str, Any]:
        return {
            "schema": MEASUREMENT_SCHEMA,
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
    def from_bytes(cls, data: bytes, name: str) -> MeasurementRecord:
        """Read a record's file and check its id.

        Raises:
            IntegrityError: it is no record, of a newer schema, or was edited.
        """
        document = read_document(data, name, MEASUREMENT_SCHEMA)
        with understood(name):
            metrics = member(document, "metrics", dict)
            record = cls(
                dataset=checked_name(member(document, "dataset", str)),
                version=matching(document, "version", LABEL),
                subject=ids([document["subject"]], "dataset")[0],
                profile=member(document, "profile", str),
                metrics={id_: member(metrics, id_, dict) for id_ in metrics},
                unmeasured={k: str(v) for k, v in member(document, "unmeasured", dict).items()},
                created_at=member(document, "created_at", str),
                tool=member(document, "tool", str),
            )
            check_id(name, document, record.id, record._body())
        return record
