"""Room on a disk: how much there is, how much a piece of work needs, and what is said of both."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from dslineage.errors import ResourceError

Bound = Literal["", "up to ", "about "]

FULL = {errno.ENOSPC: "enospc", errno.EDQUOT: "edquot"}
"""What a disk answers that is full, and the kind of the error that is made of it."""
_MOUNTS = Path("/proc/self/mountinfo")
_UNCOMPRESSED = frozenset({"ext2", "ext3", "ext4", "tmpfs", "xfs"})
"""File systems on which bytes that are written take at least as much room."""


def free_bytes(path: Path) -> int:
    """How many bytes can be written where something is, or is to be.

    No number is too large for a file system without a size, such as a tmpfs without a bound, which
    says 0 of everything.
    """
    usage = shutil.disk_usage(_there(path))
    return usage.free if usage.total else sys.maxsize


@contextmanager
def needing(folder: Path, size: int, bound: Bound = "") -> Iterator[None]:
    """Have an error of a full disk say how much room the work in the block needs.

    Args:
        folder: where it writes, whether the folder is there or not.
        size: how many bytes it writes, beside what is there; 0 where nobody knows.
        bound: what kind of figure that is. Of one that is exact, nothing is begun where it is
            certain that there is not so much room.

    Raises:
        ResourceError: there is not enough room.
    """
    if not bound and _cannot_hold(_there(folder), size):
        raise ResourceError(
            f"no space left on the disk: {_said(folder, size, bound)}; nothing was written",
            kind="enospc",
            hint="make room, then run the same command again",
        )
    try:
        yield
    except ResourceError as error:
        explained = isinstance(error.__cause__, ResourceError)  # of a part of this work
        if explained or not size or error.kind not in FULL.values():
            raise
        raise ResourceError(
            f"{error.message}; {_said(folder, size, bound)} now", kind=error.kind, hint=error.hint
        ) from error


def _said(folder: Path, size: int, bound: Bound) -> str:
    return f"{bound}{size:,} bytes are needed in {folder}, where {free_bytes(folder):,} are free"


def _cannot_hold(folder: Path, size: int) -> bool:
    """Whether so many bytes do not fit for certain: they are not compressed, nor is room kept."""
    status = os.statvfs(folder)
    if not status.f_blocks or size <= status.f_bfree * status.f_frsize:  # with what is root's alone
        return False
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = _MOUNTS.read_text().splitlines() if _MOUNTS.exists() else []
    kinds = (line.partition(" - ")[2].split()[0] for line in mounts if line.split()[2] == number)
    return next(kinds, "") in _UNCOMPRESSED


def _there(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())
