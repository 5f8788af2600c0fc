"""What merging gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dslineage.results import VersionInfo


@dataclass(frozen=True, slots=True)
class Merged:
    """One data set that was merged, or whose conflicts wait in the file at `path`.

    `ours` and `theirs` count what each side did to the base; `combined` counts examples of which
    the two sides changed different fields; `conflicts` wait for a decision, and `decided` counts
    the decisions that were made. `names` are what git calls the two sides, where it is at work.
    """

    dataset: str
    titles: tuple[str, str, str]
    ours: Mapping[str, int]
    theirs: Mapping[str, int]
    combined: int
    conflicts: Mapping[str, str]
    path: str = ""
    decided: Mapping[str, int] = field(default_factory=dict)
    version: VersionInfo | None = None
    notices: tuple[str, ...] = ()
    names: tuple[str, str] = ("", "")

    def to_dict(self) -> dict[str, Any]:
        """The merge as a JSON object."""
        base, ours, theirs = self.titles
        return {
            "dataset": self.dataset,
            "base": base,
            "ours": {"version": ours, "name": self.names[0], **self.ours},
            "theirs": {"version": theirs, "name": self.names[1], **self.theirs},
            "combined": self.combined,
            "conflicts": [{"id": id_, "why": why} for id_, why in self.conflicts.items()],
            "conflict_file": self.path or None,
            "decided": dict(self.decided),
            "version": self.version.to_dict() if self.version else None,
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class MergeResult:
    """Every data set that was merged, or the conflict files of merges that were given up.

    `undone` says that a merge that was killed while it wrote was undone; `ending` is the command
    that ends what git is in the middle of.
    """

    merges: tuple[Merged, ...]
    given_up: tuple[str, ...] = ()
    undone: bool = False
    ending: str = "git commit"

    @property
    def conflicts(self) -> int:
        """How many conflicts wait for a decision."""
        return sum(len(one.conflicts) for one in self.merges)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.merge/1`."""
        return {
            "schema": "dslineage.merge/1",
            "merges": [one.to_dict() for one in self.merges],
            "given_up": list(self.given_up),
            "undone": self.undone,
            "next": "dslineage merge --continue" if self.conflicts else self.ending,
        }
