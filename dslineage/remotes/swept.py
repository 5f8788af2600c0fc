"""What garbage collection of a remote is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.remotes.garbage import Holder
from dslineage.versions.garbage import GRACE_DAYS


@dataclass(frozen=True, slots=True)
class Order:
    """What garbage collection of a remote is asked to do.

    `released` are clones, by the beginning of their names, whose claims end; `unclaimed` says
    whether what nobody ever claimed goes, too; `delete` whether to do anything at all.
    """

    delete: bool
    grace_days: float
    released: tuple[str, ...] = ()
    unclaimed: bool = False

    def command(self, remote: str, *, delete: bool) -> str:
        """The command that asks the same of a remote."""
        words = ["dslineage gc --remote", remote, *(["--delete"] if delete else [])]
        words += [] if self.grace_days == GRACE_DAYS else [f"--grace {self.grace_days:g}"]
        words += [f"--release {clone}" for clone in self.released]
        return " ".join([*words, *(["--unclaimed"] if self.unclaimed else [])])


@dataclass(frozen=True, slots=True)
class RemoteGarbage:
    """What garbage a remote has, or had. Each file is a path there and a number of bytes.

    `order.delete` says whether anything was done; `dead` was deleted, or would be; `marked` was
    marked now, or would be, and `waiting` before: both are deleted once the grace time is over;
    `unclaimed` are copies of which nobody ever said whose they are.
    """

    remote: str
    url: str
    order: Order
    kept: int
    kept_bytes: int
    dead: Mapping[str, int]
    marked: Mapping[str, int]
    waiting: Mapping[str, int]
    unclaimed: Mapping[str, int]
    others: tuple[Holder, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.gc-remote/1`."""
        return {
            "schema": "dslineage.gc-remote/1",
            "remote": self.remote,
            "url": self.url,
            "deleted": self.order.delete,
            "grace_days": self.order.grace_days,
            "kept": {"files": self.kept, "bytes": self.kept_bytes},
            "dead": _listed(self.dead),
            "marked": _listed(self.marked),
            "waiting": _listed(self.waiting),
            "unclaimed": _listed(self.unclaimed),
            "others": [one.to_dict() for one in self.others],
        }


def _listed(files: Mapping[str, int]) -> dict[str, Any]:
    return {
        "count": len(files),
        "bytes": sum(files.values()),
        "files": [{"path": path, "bytes": size} for path, size in sorted(files.items())],
    }
