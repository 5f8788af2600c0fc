"""What adoption did, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dslineage.adoption.state import State
from dslineage.errors import Fault
from dslineage.results import VersionInfo


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of one state of the past.

    `version` is what was made of it; None where it could not be read, which `problem` and `hint`
    tell, or where its data files are those of the state before. `faults` are of records that were
    put aside.
    """

    state: State
    version: VersionInfo | None = None
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The state as a JSON object."""
        return {
            "path": self.state.path,
            "commit": self.state.commit or None,
            "keeper": self.state.content.keeper,
            "author": self.state.author,
            "created_at": self.state.created_at,
            "message": self.state.message,
            "version": self.version.to_dict() if self.version else None,
            "faults": [fault.to_dict() for fault in self.faults],
            "notices": list(self.notices),
            "problem": self.problem,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class AdoptResult:
    """What `adopt` did with each state, oldest first; `before` counts those it had done before."""

    dataset: str
    pointer: str
    before: int
    states: tuple[Adopted, ...]
    notices: tuple[str, ...]

    @property
    def made(self) -> tuple[VersionInfo, ...]:
        """The new versions, oldest first."""
        return tuple(one.version for one in self.states if one.version is not None)

    @property
    def skipped(self) -> tuple[Adopted, ...]:
        """The states that could not be read, oldest first."""
        return tuple(one for one in self.states if one.problem)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.adopt/1`."""
        return {
            "schema": "dslineage.adopt/1",
            "dataset": self.dataset,
            "pointer": self.pointer,
            "before": self.before,
            "states": [one.to_dict() for one in self.states],
            "notices": list(self.notices),
        }
