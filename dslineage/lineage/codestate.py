"""Which code is checked out: the commit, what differs from it, and the script that runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.codeof import public_url
from dslineage.ids import Digest
from dslineage.records import Code, Gap, NamedFile
from dslineage.versions.worktree import hash_file

if TYPE_CHECKING:
    from pathlib import Path

    from dslineage.versions.git import Git


def code_state(git: Git, script: Path | None = None) -> tuple[Code, tuple[Gap, ...]]:
    """The code of a work tree as it is now, and what is not known of it.

    `dirty` leaves out what dslineage itself writes: records and pointers.

    Args:
        git: the work tree.
        script: the file that runs; it is named only where it is in the work tree.
    """
    head = git.head()
    changes = git.changes() if head else b""
    code = Code(
        commit=head,
        dirty=Digest.of(changes) if changes else None,
        repository=public_url(git.remote()),
        script=script.relative_to(git.root).as_posix() if script else None,
    )
    return code, () if head else (
        Gap("code", "nothing is committed yet, so no commit says which code ran"),
    )


def script_of(words: Sequence[str], here: Path, git: Git, data: frozenset[str]) -> Path | None:
    """The script that a command runs: the first of its words that is a file of the work tree.

    Args:
        words: the command.
        here: the folder in which it runs.
        git: the work tree.
        data: paths that are data, relative to the work tree, and so no scripts.
    """
    for word in words:
        path = here / word
        try:
            inside = path.is_file() and path.is_relative_to(git.root)
        except (OSError, ValueError):
            continue
        if inside and ".." not in path.parts and path.relative_to(git.root).as_posix() not in data:
            return path
    return None


def named_file(git: Git, path: Path) -> NamedFile:
    """A file of the work tree as a record names it."""
    return NamedFile(path.relative_to(git.root).as_posix(), path.stat().st_size, hash_file(path))
