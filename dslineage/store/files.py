"""Writing files so that a crash leaves the old state or the new one, never half of either."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dslineage.errors import DslineageError, ResourceError

_RESOURCE = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is too large for this file system",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
}


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that takes its place when the block ends well.

    Where the block fails, the temporary file is removed and `path` is as it was.

    Raises:
        ResourceError: no space, no permission, or a read-only disk.
    """
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.tmp")
    with resource_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as handle:
                yield handle
                handle.flush()
                if durable:
                    os.fsync(handle.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if durable:
            sync_directory(path.parent)


def write_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a whole file by temporary file, fsync and rename; see `replacing`."""
    with replacing(path, durable=durable) as handle:
        handle.write(data)


@contextmanager
def resource_errors(path: Path) -> Iterator[None]:
    """Turn what the machine refuses into a ResourceError that names the path."""
    try:
        yield
    except DslineageError:
        raise
    except OSError as error:
        reason = _RESOURCE.get(error.errno or 0)
        if reason is None:
            raise
        where = error.filename or path
        raise ResourceError(
            f"{reason}: {where} (errno {error.errno}); the versions recorded before are whole, "
            "and your data files were not touched",
            kind=errno.errorcode[error.errno or 0].lower(),
            hint="make room or change the permissions, then run the same command again",
        ) from error
