"""What an audit checked: what was hashed again, what is not as recorded, and what was required."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dslineage.records import Evidence


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was recorded: its kind and name, and what hangs on it."""

    kind: str
    name: str
    message: str
    hangs: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "kind": self.kind,
            "name": self.name,
            "message": self.message,
            "hangs_on_it": list(self.hangs),
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """What was hashed again just now, and was what is recorded; and what could not be hashed."""

    records: int
    versions: int
    examples: int
    files: int
    unchecked: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The verification as a JSON object."""
        return {
            "records": self.records,
            "versions": self.versions,
            "examples": self.examples,
            "files": self.files,
            "not_checked": list(self.unchecked),
        }


@dataclass(frozen=True, slots=True)
class Requirement:
    """Whether the data of the training is known as well as was asked for.

    `failed` are claims that forbid it; `missed` are lines that are known less well than `bar`, and
    gaps that leave it undecided. `accepted` are gaps of the kinds that were accepted.
    """

    bar: Evidence
    failed: tuple[str, ...]
    missed: tuple[str, ...]
    accepted: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["met", "failed", "undecided"]:
        """`failed` goes before `undecided`."""
        return "failed" if self.failed else "undecided" if self.missed else "met"

    def to_dict(self) -> dict[str, Any]:
        """The requirement as a JSON object."""
        return {
            "bar": str(self.bar),
            "verdict": self.verdict,
            "failed": list(self.failed),
            "missed": list(self.missed),
            "accepted": list(self.accepted),
        }
