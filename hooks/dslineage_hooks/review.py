"""The review of a pull request: what it does to data sets, and what hooks would have stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage_hooks.finding import Finding
from dslineage_hooks.forgotten import UNKNOWN
from dslineage_hooks.ranges import faults_between

if TYPE_CHECKING:
    from dslineage.pullrequest.result import PullRequest
    from dslineage.questions import Questions

_JUDGED = {"gate-failed", "gate-note", "bad-config"}
"""Findings that `PullRequest` has in full, with the gates of both ends."""


@dataclass(frozen=True, slots=True)
class Review:
    """A pull request with the faults of its commits. `base` and `head` are as they were named."""

    base: str
    head: str
    change: PullRequest
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that stop it."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def failed(self) -> bool:
        """Whether a gate fails or there is a fault."""
        return self.change.failed or bool(self.faults)

    @property
    def undecided(self) -> bool:
        """Whether a gate could not be judged, or nobody knows if forgotten examples are back."""
        return self.change.undecided or any(one.kind == UNKNOWN for one in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.ci/1`."""
        return {
            "schema": "dslineage.ci/1",
            "failed": self.failed,
            "undecided": self.undecided,
            **self.change.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def review(asked: Questions, base: str, head: str, limit: int) -> Review:
    """Look at a pull request; see `Questions.pull_request` and `ranges.faults_between`."""
    change = asked.pull_request(base, head, limit=limit)
    ends = change.ends
    found = faults_between(asked.git, ends.base, ends.head, asked.time()[:10])
    return Review(base, head, change, tuple(one for one in found if one.kind not in _JUDGED))
