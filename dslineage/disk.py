"""Files that take the place of others: whole and on the disk, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dslineage.errors import IntegrityError


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


def regular_bytes(path: Path) -> bytes:
    """The bytes of a file that came with a repository.

    Raises:
        IntegrityError: it is a device or a pipe, or a link to one, and may never end.
        OSError: it is not there, or cannot be read.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise IntegrityError(f"{path} is no regular file", kind="not-a-file", hint="git status")
    return path.read_bytes()


@contextmanager
def beside(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`, whole and on the disk when the block ends well."""
    temporary = path.with_name(f"{beginning(path)}{secrets.token_hex(6)}.tmp")
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


def beginning(path: Path) -> str:
    """How the names of the temporary files of `path` begin; names have at most 255 bytes."""
    return f".{os.fsdecode(os.fsencode(path.name)[:80])}."
