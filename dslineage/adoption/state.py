"""A state of data in the past: who made it, when and why, and where its bytes are kept."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from dslineage.errors import BadDataError, NotFoundError
from dslineage.store.staging import copy_file

if TYPE_CHECKING:
    from dslineage.versions.git import Git


class Missing(NamedTuple):
    """An object that is not on this machine, or damaged, and the command that brings it."""

    what: str
    fetch: str

    @property
    def error(self) -> NotFoundError:
        """The error that says so."""
        said = f"{self.what} is not on this machine, or damaged"
        return NotFoundError(said, kind="missing-object", hint=self.fetch)


@dataclass(frozen=True, slots=True)
class Content(ABC):
    """The bytes of a file or folder, wherever they are kept; `id` is what the keeper calls them."""

    keeper: ClassVar[str]

    id: str

    @abstractmethod
    def unpack(self, git: Git, target: Path) -> None:
        """Put the file or folder at a path whose parent is there.

        Raises:
            NotFoundError: the bytes are not on this machine.
            IntegrityError: git does not have them.
            BadDataError: there is something else in their place.
        """

    def size(self, git: Git) -> int:
        """How many bytes `unpack` writes; 0 where that is not known at once, or it writes none."""
        return 0

    def missing(self, git: Git) -> Iterator[Missing]:
        """The objects of it that are not on this machine; git itself fetches its own."""
        yield from ()


@dataclass(frozen=True, slots=True)
class State:
    """A state of a data set in the past.

    `path` is where it stood then, relative to the repository; `commit` the commit that made it
    so, empty for a file that stands for itself.
    """

    path: str
    commit: str
    author: str
    created_at: str
    message: str
    content: Content

    @property
    def subject(self) -> str:
        """The first paragraph of the message, on one line."""
        return " ".join(self.message.partition("\n\n")[0].split())

    @property
    def place(self) -> tuple[str, str]:
        """What tells the state from others."""
        return self.commit, self.path


@dataclass(frozen=True, slots=True)
class PlainFile(Content):
    """A file outside of any history."""

    keeper: ClassVar[str] = "file"

    def unpack(self, git: Git, target: Path) -> None:
        """Put the file there, sharing its bytes where the file system can."""
        placed(Path(self.id), target)


@dataclass(frozen=True, slots=True)
class Unreadable(Content):
    """What stands in a history where the name of some bytes should be: why it is none."""

    keeper: ClassVar[str] = "none"

    def unpack(self, git: Git, target: Path) -> None:
        """Say that nothing is known of the bytes."""
        raise BadDataError(self.id, kind="unreadable")


def placed(source: Path, target: Path) -> None:
    """Put the bytes of a file at another path, by a second name where that can be."""
    try:
        os.link(source, target)
    except OSError:
        copy_file(source, target, durable=False)
