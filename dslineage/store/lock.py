"""The lock that writers take when they publish a version, and who holds it.

Two things make it. A record lock of the kernel keeps the writers of one machine apart, in whatever
container: it ends with its process, however that ends, so nobody has to guess whether a process
still runs. But not every network file system takes such locks to other machines. So whoever has it
also leaves a note beside it, a link that is made at once or not at all, and that says who they are.
A note of this machine whose kernel lock is free was left by a process that is gone. One of another
machine stands until that machine, or a person, takes it away: never because of its age.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shlex
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from dslineage.errors import LockedError, NotFoundError
from dslineage.members import count, matching, text
from dslineage.store.files import resource_errors

WAIT_SECONDS = 60.0
BOOT = Path("/proc/sys/kernel/random/boot_id")
MACHINE = Path("/etc/machine-id")
_ID = re.compile(r"[0-9a-f]{16}")
_IN_PROCESS = threading.Lock()
_POLL_SECONDS = 0.02
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lock.

    `id` is new for each time that a lock is held. `boot` is of the kernel that runs the process,
    the same in all of its containers; `machine` that of the system's installation, the same after
    it was started again. Either may be empty.
    """

    id: str
    host: str
    machine: str
    boot: str
    pid: int

    @classmethod
    def here(cls) -> Self:
        """This process."""
        found = socket.gethostname(), _line(MACHINE), _line(BOOT)
        return cls(secrets.token_hex(8), *found, os.getpid())

    @classmethod
    def parse(cls, note: bytes | str) -> Self | None:
        """The holder that a note names; None where it names nobody."""
        try:
            said = orjson.loads(note)
            id_, pid = matching(said, "id", _ID), count(said, "pid")
            return cls(id_, text(said, "host"), text(said, "machine"), text(said, "boot"), pid)
        except (LookupError, TypeError, ValueError):
            return None

    def to_bytes(self) -> bytes:
        """The note."""
        return orjson.dumps(self)

    def to_dict(self) -> dict[str, Any]:
        """The process as a JSON object."""
        return {"id": self.id, "host": self.host, "pid": self.pid}

    def is_of(self, other: Holder) -> bool:
        """Whether two processes are, or were, of one machine: then its kernel knows of both."""
        if self.boot and self.boot == other.boot:
            return True
        known = self.machine or not self.boot
        return bool(known) and (self.host, self.machine) == (other.host, other.machine)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever holds it.

    Closing the file anywhere in the process would end the kernel's lock, so nothing else opens it
    here; worker processes do not inherit it.

    Raises:
        LockedError: it was held for longer than `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    if not _IN_PROCESS.acquire(timeout=wait_seconds):
        raise _locked(path, "another thread of this process")
    try:
        with resource_errors(path), path.open("ab") as handle:
            if not _by(deadline, lambda: _locked_by_kernel(handle)):
                raise _locked(path, str(holder(path) or "another process"))
            me = Holder.here()
            if not _by(deadline, lambda: _noted(path, me)):
                raise _held_elsewhere(path)
            try:
                yield
            finally:
                if holder(path) == me:
                    _note(path).unlink(missing_ok=True)
    finally:
        _IN_PROCESS.release()


def holder(path: Path) -> Holder | None:
    """Who holds a lock, or held it and is gone, as far as they left a note."""
    try:
        return Holder.parse(os.readlink(_note(path)))  # noqa: PTH115 - it is no path
    except OSError:
        return None


def unlock(path: Path, id_: str) -> Holder:
    """End the hold of a process on another machine, of which a person knows that it is gone.

    Args:
        path: the lock file.
        id_: that hold's id.

    Raises:
        NotFoundError: there is no such hold.
        LockedError: it is of this machine, and its process runs.
    """
    found = holder(path)
    if found is None or found.id != id_:
        raise NotFoundError(
            f"no process holds {path} under the id {id_}",
            kind="not-locked",
            hint="dslineage unlock",
        )
    with resource_errors(path), path.open("ab") as handle:
        if not _locked_by_kernel(handle):
            raise _locked(path, str(found))
        _note(path).unlink(missing_ok=True)
    return found


def _by(deadline: float, attempt: Callable[[], bool]) -> bool:
    """Try until it is done; False where it was not done in time."""
    while not attempt():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _locked_by_kernel(handle: BinaryIO) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _noted(path: Path, me: Holder) -> bool:
    """Leave a note, for which this process has to have the kernel's lock; False where one stands.

    A file system without links is left to the kernel: it is on a disk of this machine, or takes
    locks to the others.
    """
    left = holder(path)
    if left is not None and left.is_of(me):
        _note(path).unlink(missing_ok=True)
    try:
        _note(path).symlink_to(os.fsdecode(me.to_bytes()))
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    return True


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")


def _line(path: Path) -> str:
    """The one line of a file of the system, or an empty text."""
    with suppress(OSError):
        return path.read_text().strip()
    return ""


def _locked(path: Path, who: str) -> LockedError:
    return LockedError(
        f"{who} is writing to this repository and holds {path}",
        hint="wait until it has finished, then run the same command again",
    )


def _held_elsewhere(path: Path) -> LockedError:
    found = holder(path)
    if found is None:
        return LockedError(
            f"a process that did not say its name holds {path}",
            kind="locked-elsewhere",
            hint=f"if nothing runs on any machine: rm {shlex.quote(str(_note(path)))}",
        )
    return LockedError(
        f"{found} holds {path}, and only that machine can say whether it still runs",
        kind="locked-elsewhere",
        hint=f"wait until it has finished; where it is gone: dslineage unlock --id {found.id}",
    )
