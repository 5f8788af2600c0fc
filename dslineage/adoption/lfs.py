"""Git LFS: the pointers that git keeps, and the objects that they name.

The format of a pointer is that of github.com/git-lfs/git-lfs/blob/main/docs/spec.md; objects are in
`lfs/objects` of git's common folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dslineage.adoption.state import Content, Missing, placed
from dslineage.versions.worktree import hash_file

if TYPE_CHECKING:
    from dslineage.versions.git import Git

POINTER_BYTES = 1024
"""A pointer is shorter than that."""

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-\S+ .*\n)*"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\nsize [0-9]+\n?"
)


@dataclass(frozen=True, slots=True)
class LfsObject(Content):
    """A file that Git LFS keeps, by the SHA-256 of its bytes."""

    keeper: ClassVar[str] = "git-lfs"

    def unpack(self, git: Git, target: Path) -> None:
        """Put the object there, if it is on this machine and whole."""
        path = self._path(git)
        if not path.is_file() or hash_file(path).hex != self.id:
            raise self._missing.error
        placed(path, target)

    def missing(self, git: Git) -> Iterator[Missing]:
        """The object."""
        if not self._path(git).is_file():
            yield self._missing

    @property
    def _missing(self) -> Missing:
        return Missing(f"the Git LFS object {self.id[:12]}", "git lfs fetch --all")

    def _path(self, git: Git) -> Path:
        return git.common_dir / "lfs" / "objects" / self.id[:2] / self.id[2:4] / self.id


def lfs_object(pointer: bytes) -> LfsObject | None:
    """The object that a pointer names; None where the bytes are no pointer."""
    match = _POINTER.fullmatch(pointer)
    return LfsObject(match["oid"].decode()) if match else None


def is_pointer(path: Path) -> bool:
    """Whether a pointer stands where a file should be."""
    small = path.is_file() and path.stat().st_size < POINTER_BYTES
    return small and lfs_object(path.read_bytes()) is not None
