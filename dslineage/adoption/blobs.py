"""Git's own objects: files and folders of a commit, some of them kept by Git LFS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from dslineage.adoption.lfs import POINTER_BYTES, LfsObject, lfs_object
from dslineage.adoption.state import Content, Missing, Unreadable
from dslineage.versions.filenames import SIDECARS, is_data

if TYPE_CHECKING:
    from dslineage.versions.git import Git


_NO_FILE = {"120000": "a symbolic link", "160000": "a submodule"}
"""What git's modes say of entries that are no files."""


@dataclass(frozen=True, slots=True)
class GitBlob(Content):
    """A file that git keeps."""

    keeper: ClassVar[str] = "git"

    def unpack(self, git: Git, target: Path) -> None:
        """Write the file."""
        with target.open("wb") as handle:
            for piece in git.pieces(self.id):
                handle.write(piece)

    def size(self, git: Git) -> int:
        """Those of the file."""
        return size_of(git, self.id)


@dataclass(frozen=True, slots=True)
class GitTree(Content):
    """A folder that git keeps, of which only the files of data are meant."""

    keeper: ClassVar[str] = "git"

    def unpack(self, git: Git, target: Path) -> None:
        """Write the folder."""
        target.mkdir()
        for path, content in self._files(git):
            (target / path.parent).mkdir(parents=True, exist_ok=True)
            content.unpack(git, target / path)

    def missing(self, git: Git) -> Iterator[Missing]:
        """Those of its files."""
        for _, content in self._files(git):
            yield from content.missing(git)

    def _files(self, git: Git) -> Iterator[tuple[PurePosixPath, Content]]:
        listing = git.ask(["ls-tree", "-r", "-z", self.id])
        for line in filter(None, listing.split(b"\0")):
            entry, _, name = line.partition(b"\t")
            path = PurePosixPath(os.fsdecode(name))
            if path.name in SIDECARS or is_data(path.name):
                mode, _, blob = entry.decode().split()
                yield path, blob_content(git, blob, mode, str(path))


def blob_content(git: Git, blob: str, mode: str, path: str) -> Content:
    """The file that a blob is, or that it points to; `mode` says whether it is one."""
    if mode in _NO_FILE:
        return Unreadable(f"{path} was {_NO_FILE[mode]}")
    return _pointed(git, blob) or GitBlob(blob)


@lru_cache(maxsize=1 << 16)
def _pointed(git: Git, blob: str) -> LfsObject | None:
    """The object that a blob points to. Most states of a folder share most of their blobs."""
    if size_of(git, blob) >= POINTER_BYTES:
        return None
    return lfs_object(git.ask(["cat-file", "blob", blob]))


def size_of(git: Git, blob: str) -> int:
    """The size of a blob in bytes."""
    return int(git.ask(["cat-file", "-s", blob]))
