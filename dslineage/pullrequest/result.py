"""What a pull request does to data sets, as one result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dslineage.diff.recorded import RecordedChange, RecordedDiff

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange
    from dslineage.lineage.impact import Impact
    from dslineage.lineage.node import Node
    from dslineage.pullrequest.ends import Ends
    from dslineage.pullrequest.gateedits import GateEdit, JudgedGate
    from dslineage.records import DatasetRecord, Pointer, Record

How = Literal["changed", "added", "deleted", "renamed", "moved"]
"""What becomes of a data set; `moved` is one whose pointer alone is elsewhere."""


class State(NamedTuple):
    """A data set in one commit: its pointer, where that is, and its record if that is there."""

    path: str
    pointer: Pointer
    record: DatasetRecord | None

    @property
    def ref(self) -> str:
        """How a command names the version, whatever other versions are called."""
        return f"{self.pointer.dataset}@{self.pointer.id.rpartition(':')[2][:8]}"

    def to_dict(self) -> dict[str, Any]:
        """The state as a JSON object."""
        return {
            "dataset": self.pointer.dataset,
            "version": self.pointer.version,
            "id": self.pointer.id,
            "pointer": self.path,
            "examples": self.pointer.examples,
            "content_hash": str(self.pointer.content_hash),
        }


class VersionStep(NamedTuple):
    """A version that is new, and its change against its first parent, where it has one."""

    record: DatasetRecord
    change: RecordedChange | None

    def to_dict(self) -> dict[str, Any]:
        """The version as a JSON object."""
        record = self.record
        return {
            "version": record.label,
            "id": record.id,
            "parents": list(record.parents),
            "examples": record.examples,
            "message": record.message,
            "author": record.author,
            "change": {parent: dict(change) for parent, change in record.change.items()},
        }


@dataclass(frozen=True, slots=True)
class DatasetChange:
    """What becomes of one data set.

    Attributes:
        before: its state at the merge base; None for a new one.
        after: its state at the head; None for one that is deleted.
        how: which of the two, or what else became of it.
        versions: the versions that the pull request adds on the way there, oldest first.
        diff: what changed; without the objects, as far as records know it.
        rows: some of the changed examples. Texts are in them only where both ends ask for that.
        gates: what the gates of both ends say of the version at the head.
        affected: what rests on the state before, and was made without this change.
        problem: why its records say nothing of it; empty where they do.
    """

    before: State | None
    after: State | None
    how: How
    versions: tuple[VersionStep, ...] = ()
    diff: DiffResult | RecordedDiff | None = None
    rows: tuple[RowChange, ...] = ()
    gates: tuple[JudgedGate, ...] = ()
    affected: Impact | None = None
    problem: str = ""

    @property
    def state(self) -> State:
        """The newer of the two."""
        state = self.after or self.before
        if state is None:
            raise ValueError("a data set that is in neither tree")
        return state

    @property
    def name(self) -> str:
        """What the data set is called."""
        return self.state.pointer.dataset

    @property
    def without_examples(self) -> bool:
        """Whether the objects are not here, so that only records were compared."""
        return isinstance(self.diff, RecordedDiff)

    @property
    def failed(self) -> bool:
        """Whether a gate of either end fails, or nothing could be judged."""
        return bool(self.problem) or any(gate.result.verdict == "fail" for gate in self.gates)

    def to_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        return {
            "dataset": self.name,
            "how": self.how,
            "from": self.before.to_dict() if self.before else None,
            "to": self.after.to_dict() if self.after else None,
            "versions": [version.to_dict() for version in self.versions],
            "diff": self.diff.to_dict() if self.diff else None,
            "rows": [_row(row) for row in self.rows],
            "gates": [gate.to_dict() for gate in self.gates],
            "affected": _affected(self.affected) if self.affected else None,
            "problem": self.problem or None,
        }


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What a pull request does to data sets.

    Attributes:
        ends: the commits.
        datasets: those that differ between merge base and head, by path.
        gate_edits: how it changes the gates; those of both ends are applied.
        settings: what else it changes in `dslineage.toml`, by key.
        added: the sources, mixtures, runs, models and claims that it records.
        removed: the records that it takes away, by path: history that is lost.
        broken_settings: why the `dslineage.toml` of the head is not understood.
        notices: sentences for people about what is not known.
    """

    ends: Ends
    datasets: tuple[DatasetChange, ...]
    gate_edits: tuple[GateEdit, ...] = ()
    settings: tuple[str, ...] = ()
    added: tuple[Record, ...] = ()
    removed: tuple[str, ...] = ()
    broken_settings: str = ""
    notices: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a gate fails, or the settings are not understood."""
        return bool(self.broken_settings) or any(one.failed for one in self.datasets)

    @property
    def undecided(self) -> bool:
        """Whether a gate could not be judged."""
        gates = (gate for one in self.datasets for gate in one.gates)
        return any(gate.result.verdict == "not comparable" for gate in gates)

    def to_dict(self) -> dict[str, Any]:
        """What the JSON document `dslineage.ci/1` says of data sets."""
        return {
            "base": self.ends.base,
            "merge_base": self.ends.start,
            "head": self.ends.head,
            "datasets": [one.to_dict() for one in self.datasets],
            "gates_changed": [edit.to_dict() for edit in self.gate_edits],
            "settings_changed": list(self.settings),
            "settings_broken": self.broken_settings or None,
            "records_added": [
                {"kind": record.kind, "path": record.path, **record.to_dict()}
                for record in self.added
            ],
            "records_removed": list(self.removed),
            "notices": list(self.notices),
        }


def _row(row: RowChange) -> dict[str, Any]:
    """A changed example; without a text, its place is all that is said of it."""
    document = row.to_dict()
    for side in ("before", "after"):
        if side in document and not document[side]["example"]:
            del document[side]["example"]
    return document


def _affected(impact: Impact) -> Mapping[str, Any]:
    def named(nodes: tuple[Node, ...]) -> list[dict[str, str]]:
        return [{"ref": node.ref, "id": node.id} for node in nodes]

    return {
        "runs": named(impact.runs),
        "models": named(impact.models),
        "deployed": named(tuple(one.model for one in impact.deployments)),
    }
