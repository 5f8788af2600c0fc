"""What a verification found, and which part of everything it was asked to hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dslineage.errors import UsageError
from dslineage.versions.sample import Sample, Sampled


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects are hashed: by default all of them.

    With `resume`, those that the verification had not reached which was interrupted last; with
    `max_age_days`, those that were not hashed in so many days or were touched since; with `sample`,
    those that are drawn.

    Raises:
        UsageError: a sample of what is left to do would say nothing of the whole.
    """

    sample: Sample | None = None
    resume: bool = False
    max_age_days: float | None = None

    def __post_init__(self) -> None:
        if self.sample is not None and (self.resume or self.max_age_days is not None):
            raise UsageError(
                "a sample is drawn of all objects: it cannot go on with another verification",
                kind="options",
            )


ALL = Scope()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: what it is, its name, and what hangs on it.

    `stored_as` is where an object is in the store, such as `packs/<64 hex>.rows`; empty for what is
    none.
    """

    kind: str
    name: str
    message: str
    needed_by: tuple[str, ...]
    stored_as: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The problem as a JSON object."""
        return {
            "kind": self.kind,
            "name": self.name,
            "message": self.message,
            "needed_by": list(self.needed_by),
        }


@dataclass(frozen=True, slots=True)
class Repaired:
    """An object that is right again: its name, such as `packs/<64 hex>.rows`, and how.

    `source` is what the whole object came from, empty where it was set aside only: no version needs
    it, or it is computed again.
    """

    name: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {"name": self.name, "from": self.source or None}


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """How much was hashed, and what was found.

    `where` is the remote that was read, empty for this repository. `objects` and `bytes` were
    hashed now, `passed` objects had been hashed before. `unread` are files behind URLs that nobody
    read; `unsent` versions of which a remote has nothing; `notices` are odd, and no faults.
    """

    records: int
    objects: int
    bytes: int
    problems: tuple[Problem, ...]
    unread: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    where: str = ""
    passed: int = 0
    sampled: Sampled | None = None
    unsent: tuple[str, ...] = ()
    repaired: tuple[Repaired, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON document `dslineage.verify/1`."""
        return {
            "schema": "dslineage.verify/1",
            "where": self.where or None,
            "records": self.records,
            "objects": self.objects,
            "bytes": self.bytes,
            "passed": self.passed,
            "sample": self.sampled.to_dict() if self.sampled else None,
            "problems": [problem.to_dict() for problem in self.problems],
            "repaired": [one.to_dict() for one in self.repaired],
            "unread": list(self.unread),
            "unsent": list(self.unsent),
            "notices": list(self.notices),
        }
