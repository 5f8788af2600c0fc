"""Git's own objects: files and folders of a commit, some of them kept by Git LFS."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from dslineage.adoption.lfs import POINTER_BYTES, LfsObject, lfs_object
from dslineage.adoption.state import Content
from dslineage.versions.filenames import SIDECARS, is_data

if TYPE_CHECKING:
    from dslineage.versions.git import Git


@dataclass(frozen=True, slots=True)
class GitBlob(Content):
    """A file that git keeps."""

    keeper: ClassVar[str] = "git"

    def unpack(self, git: Git, target: Path) -> None:
        """Write the file."""
        with target.open("wb") as handle:
            for piece in git.pieces(self.id):
                handle.write(piece)


@dataclass(frozen=True, slots=True)
class GitTree(Content):
    """A folder that git keeps, of which only the files of data are meant."""

    keeper: ClassVar[str] = "git"

    def unpack(self, git: Git, target: Path) -> None:
        """Write the folder."""
        target.mkdir()
        listing = git.ask(["ls-tree", "-r", "-z", self.id])
        for line in filter(None, listing.split(b"\0")):
            entry, _, name = line.partition(b"\t")
            path = PurePosixPath(os.fsdecode(name))
            if path.name in SIDECARS or is_data(path.name):
                (target / path.parent).mkdir(parents=True, exist_ok=True)
                blob_content(git, entry.split()[2].decode()).unpack(git, target / path)


def blob_content(git: Git, blob: str) -> GitBlob | LfsObject:
    """The file that a blob is, or that it points to."""
    pointed = None
    if size_of(git, blob) < POINTER_BYTES:
        pointed = lfs_object(git.ask(["cat-file", "blob", blob]))
    return pointed or GitBlob(blob)


def size_of(git: Git, blob: str) -> int:
    """The size of a blob in bytes."""
    return int(git.ask(["cat-file", "-s", blob]))
