"""Writing files so that a crash leaves the old state or the new one, never half of either."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dslineage.disk import beginning, beside, make_folder, take_places
from dslineage.errors import DslineageError, ResourceError
from dslineage.room import FULL, free_bytes

_RESOURCE = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is too large for this file system",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
    errno.EIO: "the disk failed to read or write",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
}


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that takes its place when the block ends well.

    Where the block fails, the temporary file is removed and `path` is as it was. A file that
    takes the place of another keeps its permissions.

    Raises:
        ResourceError: no space, no permission, or a read-only disk.
    """
    with resource_errors(path):
        make_folder(path.parent, durable=durable)
        with beside(path, durable=durable) as handle:
            yield handle
        take_places([(Path(handle.name), path)], durable=durable)


def write_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a whole file by temporary file, fsync and rename; see `replacing`."""
    with replacing(path, durable=durable) as handle:
        handle.write(data)


def sweep(path: Path) -> None:
    """Remove temporary files that a killed writer of `path` left beside it.

    Only for a caller that holds the lock under which `path` is written.
    """
    pattern = re.compile(re.escape(beginning(path)) + r"[0-9a-f]{12}\.tmp")
    with resource_errors(path):
        for one in path.parent.iterdir() if path.parent.is_dir() else ():
            if pattern.fullmatch(one.name):
                one.unlink(missing_ok=True)


@contextmanager
def resource_errors(path: Path) -> Iterator[None]:
    """Turn what the machine refuses into a ResourceError that names the path."""
    try:
        yield
    except DslineageError:
        raise
    except OSError as error:
        if error.errno is None:
            raise
        reason = _RESOURCE.get(error.errno) or os.strerror(error.errno).lower()
        where = error.filename or path
        raise ResourceError(
            f"{reason}: {where} (errno {error.errno}){_room(path, error)}; the versions recorded "
            "before are whole, and your data files were not touched",
            kind=errno.errorcode.get(error.errno, "oserror").lower(),
            hint="make room or change the permissions, then run the same command again",
        ) from error


def _room(path: Path, error: OSError) -> str:
    """How much is free, where that is what was missing."""
    return f", {free_bytes(path):,} bytes are free" if error.errno in FULL else ""
