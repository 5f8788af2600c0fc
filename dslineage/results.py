"""What the facade returns: frozen values that render themselves as JSON documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dslineage.lineage.beside import Beside
from dslineage.notebook import table
from dslineage.records import DatasetRecord, MeasurementRecord


@dataclass(frozen=True, slots=True)
class InitResult:
    """What `init` did."""

    root: Path
    created_git: bool
    created: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.init/1`."""
        return {
            "schema": "dslineage.init/1",
            "root": str(self.root),
            "created_git": self.created_git,
            "created": self.created,
        }


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One version: its record, where that is, whether it is a draft, and what was measured.

    `beside` has the sources that it comes from, and scores of the models that it trained.
    """

    record: DatasetRecord
    path: str
    draft: bool
    measurement: MeasurementRecord | None = None
    beside: Beside = field(default_factory=Beside)

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """What was measured, by the metrics' names; see `quality.summary`."""
        if self.measurement is None:
            return {}
        from dslineage.quality.metric import name_of
        from dslineage.quality.summary import summary

        return {
            name_of(id_): {"id": id_, **summary(document)}
            for id_, document in self.measurement.metrics.items()
        }

    @property
    def title(self) -> str:
        """`train v4 (3fa2c1d9)`."""
        return f"{self.record.dataset} {self.record.title}"

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.version/1`."""
        record = self.record
        return {
            "schema": "dslineage.version/1",
            "dataset": record.dataset,
            "version": record.label,
            "id": record.id,
            "draft": self.draft,
            "parents": list(record.parents),
            "generated_by": record.generated_by,
            "sources": list(self.beside.sources),
            "scores": [score.to_dict() for score in self.beside.scores],
            "content_hash": str(record.content_hash),
            "training_hash": str(record.training_hash),
            "order_hash": str(record.order_hash),
            "adapter": record.adapter,
            "examples": record.examples,
            "unique": record.unique,
            "quarantined": record.quarantined,
            "quarantine_hash": str(record.quarantine_hash) if record.quarantine_hash else None,
            "format": record.format,
            "store": record.store,
            "record_schema": record.adapter.partition("@")[0],
            "key": record.key,
            "media": record.media.to_dict() if record.media else None,
            "files": [entry.to_dict() for entry in record.files],
            "fields": {
                name: {"types": sorted(types), "present": sum(types.values())}
                for name, types in record.fields.items()
            },
            "change": {parent: dict(change) for parent, change in record.change.items()},
            "message": record.message,
            "author": record.author,
            "created_at": record.created_at,
            "record": self.path,
            "profile": self.measurement.profile if self.measurement else None,
            "metrics": self.metrics,
            "unmeasured": dict(self.measurement.unmeasured) if self.measurement else {},
        }

    def _repr_html_(self) -> str:
        record = self.record
        aside = f", {record.quarantined:,} quarantined" if record.quarantined else ""
        return table(
            self.title + (" (draft)" if self.draft else ""),
            [
                ("examples", f"{record.examples:,}, {record.unique:,} unique{aside}"),
                ("message", record.message),
                ("content hash", str(record.content_hash)),
                ("training hash", str(record.training_hash)),
                ("schema", record.adapter),
                ("fields", ", ".join(record.fields)),
                ("files", "\n".join(f"{one.path} ({one.size:,} bytes)" for one in record.files)),
                ("recorded", f"{record.created_at} by {record.author}"),
                ("id", record.id),
            ],
        )


@dataclass(frozen=True, slots=True)
class AddResult:
    """What `add` did. `new_rows` counts rows that were not stored before."""

    version: VersionInfo
    pointer: str
    unchanged: bool
    new_rows: int
    saw: str
    notices: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.add/1`."""
        return {
            "schema": "dslineage.add/1",
            "unchanged": self.unchanged,
            "new_rows": self.new_rows,
            "saw": self.saw,
            "pointer": self.pointer,
            "notices": list(self.notices),
            "version": self.version.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """What `metrics run` did: the versions with what was measured, and which of it is new."""

    versions: tuple[VersionInfo, ...]
    new: tuple[bool, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.measure/1`."""
        return {
            "schema": "dslineage.measure/1",
            "versions": [
                {"new": new, **version.to_dict()}
                for version, new in zip(self.versions, self.new, strict=True)
            ],
        }


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What `commit` did."""

    commit: str
    versions: tuple[VersionInfo, ...]
    notices: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.commit/1`."""
        return {
            "schema": "dslineage.commit/1",
            "commit": self.commit,
            "versions": [version.to_dict() for version in self.versions],
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class DatasetStatus:
    """One data set: its version, and whether its files and their media are as recorded.

    Of one whose pointer cannot be read, or whose objects are not here, `hint` says what helps.
    `dvc_differs` are the `.dvc` files that name other data than the pointer does.
    """

    name: str
    version: str
    pointer: str
    files: tuple[str, ...]
    state: str
    draft: bool
    examples: int
    media_changed: int = 0
    hint: str = ""
    dvc_differs: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The status as a JSON object."""
        return {
            "dataset": self.name,
            "version": self.version,
            "pointer": self.pointer,
            "files": list(self.files),
            "state": self.state,
            "draft": self.draft,
            "examples": self.examples,
            "media_changed": self.media_changed,
            "hint": self.hint,
            "dvc_differs": list(self.dvc_differs),
        }


@dataclass(frozen=True, slots=True)
class StatusResult:
    """Every data set of the work tree."""

    datasets: tuple[DatasetStatus, ...]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.status/1`."""
        return {
            "schema": "dslineage.status/1",
            "datasets": [status.to_dict() for status in self.datasets],
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class LogResult:
    """Versions, the newest of each data set first, and a metric to show of each."""

    versions: tuple[VersionInfo, ...]
    metric: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.log/1`."""
        return {
            "schema": "dslineage.log/1",
            "metric": self.metric,
            "versions": [version.to_dict() for version in self.versions],
        }

    def _repr_html_(self) -> str:
        return table(
            f"{len(self.versions)} version{'s' if len(self.versions) != 1 else ''}",
            [
                (
                    version.title + (" (draft)" if version.draft else ""),
                    f"{version.record.examples:,}",
                    version.record.message,
                    version.record.created_at,
                )
                for version in self.versions
            ],
            head=("version", "examples", "message", "recorded"),
        )


@dataclass(frozen=True, slots=True)
class CheckoutResult:
    """Which files were written, and which versions are there now."""

    files: tuple[Path, ...]
    versions: tuple[VersionInfo, ...]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.checkout/1`."""
        return {
            "schema": "dslineage.checkout/1",
            "files": [str(path) for path in self.files],
            "versions": [version.to_dict() for version in self.versions],
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class TrustResult:
    """Whether the code of a file may run, and whether that is new."""

    file: str
    digest: str
    trusted: bool
    changed: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.trust/1`."""
        return {
            "schema": "dslineage.trust/1",
            "file": self.file,
            "digest": self.digest or None,
            "trusted": self.trusted,
            "changed": self.changed,
        }
