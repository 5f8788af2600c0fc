"""How many examples of two versions are equal, edited, removed and added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dslineage.diff.recorded import RecordedDiff

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult
    from dslineage.records import DatasetRecord

Compare = Callable[["DatasetRecord", "DatasetRecord"], "DiffResult | RecordedDiff"]
"""Compares two versions; where the examples are not there, by their records alone."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many examples of two versions are equal, and how the others differ."""

    unchanged: int
    edited: int
    removed: int
    added: int
    edits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, result: DiffResult | RecordedDiff) -> Counts | None:
        """The counts of a diff; None where no record has them."""
        found = result.change if isinstance(result, RecordedDiff) else result
        if found is None:
            return None
        return cls(found.unchanged, found.edited, found.removed, found.added, found.edits)

    def to_dict(self) -> dict[str, Any]:
        """The counts as a JSON object."""
        return {
            "unchanged": self.unchanged,
            "edited": self.edited,
            "removed": self.removed,
            "added": self.added,
            "edits": dict(self.edits),
        }
