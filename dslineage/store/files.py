"""Writing files so that a crash leaves the old state or the new one, never half of either."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator, Sequence
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
    errno.EIO: "the disk failed to read or write",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
}


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, *, durable: bool = True) -> None:
    """Make a folder and those above it, their names durable."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in new if durable else ():
        sync_directory(one.parent)


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that takes its place when the block ends well.

    Where the block fails, the temporary file is removed and `path` is as it was. A file that
    takes the place of another keeps its permissions.

    Raises:
        ResourceError: no space, no permission, or a read-only disk.
    """
    with resource_errors(path):
        with beside(path, durable=durable) as handle:
            yield handle
        take_places([(Path(handle.name), path)], durable=durable)


@contextmanager
def beside(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`, whole and on the disk when the block ends well."""
    temporary = path.with_name(f"{_beginning(path)}{secrets.token_hex(6)}.tmp")
    make_folder(path.parent, durable=durable)
    try:
        with temporary.open("xb") as handle:
            if path.exists():
                os.fchmod(handle.fileno(), stat.S_IMODE(path.stat().st_mode))
            yield handle
            handle.flush()
            if durable:
                os.fsync(handle.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def take_places(files: Sequence[tuple[Path, Path]], *, durable: bool = True) -> None:
    """Rename temporary files to the files whose places they take; none is left behind."""
    try:
        for temporary, path in files:
            temporary.replace(path)
    except BaseException:
        for temporary, _ in files:
            temporary.unlink(missing_ok=True)
        raise
    for folder in {path.parent for _, path in files} if durable else ():
        sync_directory(folder)


def write_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a whole file by temporary file, fsync and rename; see `replacing`."""
    with replacing(path, durable=durable) as handle:
        handle.write(data)


def sweep(path: Path) -> None:
    """Remove temporary files that a killed writer of `path` left beside it.

    Only for a caller that holds the lock under which `path` is written.
    """
    pattern = re.compile(re.escape(_beginning(path)) + r"[0-9a-f]{12}\.tmp")
    with resource_errors(path):
        for one in path.parent.iterdir() if path.parent.is_dir() else ():
            if pattern.fullmatch(one.name):
                one.unlink(missing_ok=True)


def _beginning(path: Path) -> str:
    """How the names of the temporary files of `path` begin; names have at most 255 bytes."""
    return f".{os.fsdecode(os.fsencode(path.name)[:80])}."


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
            f"{reason}: {where} (errno {error.errno}); the versions recorded before are whole, "
            "and your data files were not touched",
            kind=errno.errorcode.get(error.errno, "oserror").lower(),
            hint="make room or change the permissions, then run the same command again",
        ) from error
