"""What an import of runs brought: the runs, what they were trained on, and their checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dslineage.errors import UsageError
from dslineage.lineage.node import node_of
from dslineage.records import Evidence, ModelRecord, RunInput, RunRecord, checked_name, name_like


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A checkpoint of a run; `verified` says that its files were here and hashed again just now."""

    record: ModelRecord
    verified: bool
    new: bool

    def to_dict(self) -> dict[str, Any]:
        """The checkpoint as a JSON object."""
        return {
            "id": self.record.id,
            "model": node_of(self.record).ref,
            "evidence": str(Evidence.VERIFIED if self.verified else self.record.evidence),
            "new": self.new,
        }


@dataclass(frozen=True, slots=True)
class ImportedInput:
    """An input of a run, and the versions that have its rows, by their titles."""

    entry: RunInput
    versions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The input as a JSON object."""
        return {**self.entry.to_dict(), "versions": list(self.versions)}


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """A run, what it was trained on, and its checkpoints."""

    record: RunRecord
    new: bool
    inputs: tuple[ImportedInput, ...]
    models: tuple[ImportedModel, ...]

    def to_dict(self) -> dict[str, Any]:
        """The run as a JSON object."""
        return {
            "id": self.record.id,
            "run": self.record.name,
            "status": self.record.status,
            "continues": self.record.continues,
            "new": self.new,
            "inputs": [entry.to_dict() for entry in self.inputs],
            "models": [model.to_dict() for model in self.models],
        }


@dataclass(frozen=True, slots=True)
class RunImport:
    """What an import found, the oldest run first; `notices` are sentences for people."""

    runs: tuple[ImportedRun, ...]
    notices: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The import as a JSON object."""
        return {
            "schema": "dslineage.run-import/1",
            "runs": [run.to_dict() for run in self.runs],
            "notices": list(self.notices),
        }


def free_name(given: str | None, told: str, taken: set[str]) -> str:
    """The name of a run: the one that was given, or one like what it is called elsewhere.

    Raises:
        UsageError: the name that was given is none, or that of another run.
    """
    name = checked_name(given or name_like(told))
    if name not in taken:
        return name
    if given is not None:
        raise UsageError(
            f"another run is called {name}", kind="name-taken", hint="take another --name"
        )
    numbered = (f"{name[:90]}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in numbered if one not in taken)
