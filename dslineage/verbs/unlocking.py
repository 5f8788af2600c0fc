"""The lock of writers: who holds it, and ending the hold of a machine that is gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.store.lock import Holder, holder, unlock

if TYPE_CHECKING:
    from dslineage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LockResult:
    """A lock, and who holds it, or held it until now.

    `here` says whether that is a process of this machine: its hold ends with it.
    """

    path: Path
    holder: Holder | None
    here: bool
    ended: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.lock/1`."""
        found = self.holder
        return {
            "schema": "dslineage.lock/1",
            "path": str(self.path),
            "holder": None if found is None else {**found.to_dict(), "here": self.here},
            "ended": self.ended,
        }


def lock_state(work: Workspace) -> LockResult:
    """Who holds the lock; see `Questions.lock_state`."""
    path = work.store.lock_path
    found = holder(path)
    return LockResult(path, found, found is not None and found.is_of(Holder.here()))


def end_hold(work: Workspace, id_: str) -> LockResult:
    """End the hold of a process that is gone; see `Repository.unlock`."""
    path = work.store.lock_path
    found = unlock(path, id_)
    return LockResult(path, found, found.is_of(Holder.here()), ended=True)
