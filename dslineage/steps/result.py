"""What running a step gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dslineage.records import StepRecord
from dslineage.results import AddResult


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step that ran: its record, the versions that it made, and what it left behind.

    `left` are data files that it changed and that are in no version, since it failed.
    """

    record: StepRecord
    outputs: tuple[AddResult, ...]
    left: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """Its exit status."""
        return self.record.exit_status or 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.ran/1`."""
        return {
            "schema": "dslineage.ran/1",
            "step": self.record.to_dict(),
            "exit_status": self.status,
            "outputs": [one.to_dict() for one in self.outputs],
            "left": list(self.left),
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Steps that were read from elsewhere: their records, which are new, and what was left out."""

    steps: tuple[StepRecord, ...]
    new: tuple[str, ...]
    linked: dict[str, tuple[str, ...]]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.imported-steps/1`."""
        return {
            "schema": "dslineage.imported-steps/1",
            "steps": [
                {
                    "new": step.id in self.new,
                    "versions": list(self.linked.get(step.id, ())),
                    **step.to_dict(),
                }
                for step in self.steps
            ],
            "notices": list(self.notices),
        }
