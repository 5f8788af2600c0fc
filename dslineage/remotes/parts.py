"""What came of a large copy before the line broke: the next fetch goes on behind it.

A part is no object, and stands where no reader looks for one. Only when all of it is there, and has
the hash that the copy's name says, it is moved away.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dslineage.disk import make_folder
from dslineage.errors import IntegrityError
from dslineage.remotes.copies import Copy

if TYPE_CHECKING:
    from dslineage.store.folder import ObjectFolder

LEAST = 1 << 20
"""Smaller copies come anew: that is no more work than finding out how much of them there is."""
_KEPT_SECONDS = 14 * 86_400.0


@contextmanager
def gathering(folder: ObjectFolder, copy: Copy, target: Path) -> Iterator[BinaryIO]:
    """A file for the bytes of a copy, with those that came before.

    When the block ends well, the file is `target`. Where it ends with an IntegrityError, what came
    is of no use and gone; with another error, it stays for the next time.
    """
    part = _place(folder) / _part_name(copy)
    ours = _opened(part) if copy.size >= LEAST else None
    with ours or target.open("w+b") as handle:
        try:
            yield handle
        except IntegrityError:
            if ours:
                part.unlink()
            raise
        if ours:
            part.replace(target)


def gathered(folder: ObjectFolder, copies: Iterable[Copy]) -> int:
    """How many bytes of some copies came before."""
    parts: dict[str, int] = {}
    for part in _place(folder).glob("*"):
        with suppress(FileNotFoundError):  # another process has just moved it to its place
            parts[part.name] = part.stat().st_size
    return sum(min(parts.get(_part_name(copy), 0), copy.size) for copy in copies)


def sweep_parts(folder: ObjectFolder) -> None:
    """Remove the parts of objects that are here now, and those that nobody went on with."""
    for part in _place(folder).glob("*"):
        kind, _, name = part.name.partition(".")
        with suppress(FileNotFoundError), part.open("rb") as handle:
            copy = Copy.parse(kind, name)
            here = copy is not None and (folder.root / copy.name).exists()
            old = part.stat().st_mtime < time.time() - _KEPT_SECONDS
            if (here or old) and _is_ours(handle, part):
                part.unlink()
    with suppress(OSError):
        _place(folder).rmdir()


def _place(folder: ObjectFolder) -> Path:
    return folder.temporary_folder / "parts"


def _part_name(copy: Copy) -> str:
    return copy.path.replace("/", ".", 1)


def _opened(part: Path) -> BinaryIO | None:
    """A part that nobody else writes, or None."""
    make_folder(part.parent)
    try:
        handle = part.open("a+b")
    except FileNotFoundError:  # the folder was swept, just now
        return None
    if _is_ours(handle, part):
        return handle
    handle.close()
    return None


def _is_ours(handle: BinaryIO, part: Path) -> bool:
    """Lock a part; False where another process writes it, or has just moved it to its place."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(handle.fileno()), part.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
