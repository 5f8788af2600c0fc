"""Changing a file of git's own, such as the index, so that no kill leaves it locked.

Git locks a file by making `FILE.lock` beside it, and a process that is killed leaves that behind
for people to remove. Ours is a second name of a file of ours, and who makes it holds a lock of the
kernel on `FILE.dslineage`: whoever gets that one knows that the holder is gone, and removes the
other.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dslineage.errors import LockedError
from dslineage.store.files import resource_errors

_POLL_SECONDS = 0.05
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


def change(path: Path, edit: Callable[[Path], object], wait_seconds: float) -> None:
    """Have a copy of a file of git's changed, which takes its place while nobody else writes it.

    Args:
        path: the file, whether it is there or not.
        edit: changes a copy; its time is the file's, by which git knows what it has to read again.
        wait_seconds: how long to wait for whoever writes the file.

    Raises:
        LockedError: somebody else still does.
        ResourceError: no space or no permission.
    """
    copy = path.with_name(f"{path.name}.dslineage-{secrets.token_hex(6)}")
    ready = copy.with_name(f"{copy.name}-ready")
    with resource_errors(path), _locked(path, time.monotonic() + wait_seconds) as lock:
        try:
            if path.exists():
                shutil.copy2(path, copy)
            edit(copy)
            _second_name(copy, ready)
            ready.replace(lock)
            lock.replace(path)
        except BaseException:
            lock.unlink(missing_ok=True)
            raise
        finally:
            copy.unlink(missing_ok=True)
            ready.unlink(missing_ok=True)


def is_left(path: Path) -> bool:
    """Whether something of ours is beside a file of git's: a killed process's, or one's at work."""
    ours = [*path.parent.glob(f"{path.name}.dslineage*")]
    lock = path.with_name(f"{path.name}.lock")
    return len(ours) > 1 or any(_is(lock, one) for one in ours)


@contextmanager
def _locked(path: Path, deadline: float) -> Iterator[Path]:
    """Make git's lock of a file; what killed processes left beside it is swept first."""
    lock = path.with_name(f"{path.name}.lock")
    own = path.with_name(f"{path.name}.dslineage")
    with own.open("ab") as handle:
        _until(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB), lock, deadline)
        for left in path.parent.glob(f"{path.name}.dslineage*"):
            if _is(lock, left):
                lock.unlink()
            if left != own:
                left.unlink()
        _until(lambda: _second_name(own, lock), lock, deadline)
        yield lock


def _is(lock: Path, ours: Path) -> bool:
    """Whether a lock is another name of a file of ours; git may remove its own at any time."""
    try:
        return lock.samefile(ours)
    except FileNotFoundError:
        return False


def _second_name(path: Path, name: Path) -> None:
    """Give a file a second name; where the file system knows none, make a file of its own.

    Raises:
        FileExistsError: there is one.
    """
    try:
        os.link(path, name)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with name.open("xb") as handle:
            handle.write(path.read_bytes())
        shutil.copymode(path, name)


def _until(take: Callable[[], object], lock: Path, deadline: float) -> None:
    """Try to take a lock until it is had.

    Raises:
        LockedError: it took too long.
    """
    while True:
        try:
            take()
        except (BlockingIOError, FileExistsError) as error:
            if time.monotonic() > deadline:
                raise locked(lock) from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def locked(lock: Path) -> LockedError:
    """The error that says that a file of git's stays locked."""
    return LockedError(
        f"another git process holds {lock}",
        kind="index-locked" if lock.name == "index.lock" else "git-locked",
        hint=f"wait for it; if there is none: rm {lock}",
    )
