"""What sampling, reviewing and applying give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.errors import Fault
from dslineage.results import VersionInfo
from dslineage.reviewing.opinion import Opinion


@dataclass(frozen=True, slots=True)
class SampleResult:
    """The sheet that was written. `strata` says how many of how many were drawn from each."""

    path: Path
    format: str
    dataset: str
    from_version: str
    version: str
    sample: str
    seed: int
    blind: bool
    rows: int
    strata: Mapping[str, tuple[int, int]]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.sample/1`."""
        return {
            "schema": "dslineage.sample/1",
            "path": str(self.path),
            "format": self.format,
            "dataset": self.dataset,
            "from_version": self.from_version or None,
            "version": self.version,
            "sample": self.sample,
            "seed": self.seed,
            "blind": self.blind,
            "rows": self.rows,
            "strata": {
                name: {"drawn": drawn, "of": size} for name, (drawn, size) in self.strata.items()
            },
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class ReviewImport:
    """Verdicts that were kept: how many new ones by reviewer, and the paths of their claims."""

    dataset: str
    verdicts: Mapping[str, int]
    known: int
    claims: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.review-import/1`."""
        return {
            "schema": "dslineage.review-import/1",
            "dataset": self.dataset,
            "verdicts": dict(self.verdicts),
            "known": self.known,
            "claims": list(self.claims),
        }


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """What reviewers say; `titles` are versions by id, as people name them.

    `asked` is the title of the only version that was asked about; empty for all of them.
    """

    opinions: tuple[Opinion, ...]
    titles: Mapping[str, str]
    asked: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.reviews/1`."""
        return {
            "schema": "dslineage.reviews/1",
            "reviews": [opinion.to_dict() for opinion in self.opinions],
        }


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What an edited sheet did.

    `version` is None where there was nothing to do. `done` counts rows that had been applied
    before; `left` are the rows that could not be.
    """

    dataset: str
    version: VersionInfo | None
    edited: int
    dropped: int
    done: int
    editors: tuple[str, ...]
    left: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.apply/1`."""
        return {
            "schema": "dslineage.apply/1",
            "dataset": self.dataset,
            "version": None if self.version is None else self.version.to_dict(),
            "edited": self.edited,
            "dropped": self.dropped,
            "done": self.done,
            "editors": list(self.editors),
            "left": [fault.to_dict() for fault in self.left],
            "notices": list(self.notices),
        }
