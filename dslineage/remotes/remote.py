"""What a remote has to be able to do: keep files by name, and give them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

Moved = Callable[[int], None]
"""Called with each number of bytes that went over the line."""


class Listed(NamedTuple):
    """A file of a remote: its name in its folder, and its size in bytes.

    `time` is when it was written, by the remote's clock (seconds since 1970); None: unknown.
    """

    name: str
    size: int
    time: float | None = None


class OldVersion(NamedTuple):
    """A version that a remote keeps of a file that was replaced or deleted.

    `name` is that of the file in its folder, `url` the address of just this version.
    """

    name: str
    url: str


class Source(Protocol):
    """A place that gives back the bytes of files."""

    @property
    def name(self) -> str:
        """What the place is called here."""

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    @property
    def jobs(self) -> int:
        """How many files may be on their way at once."""

    def get(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes of a file from some place on, in pieces; with `stop`, not many behind that."""


class Remote(Source, Protocol):
    """A place for files with names such as `packs/…`, below a folder that is ours alone.

    Every method raises a RemoteError where the remote refuses, goes away or has no room.
    """

    @property
    def reads_back(self) -> bool:
        """Whether what was written can be read again at the cost of a disk."""

    def listing(self, folder: str) -> list[Listed]:
        """The files of a folder as the remote has them now; none where there is no folder."""

    def old_versions(self, folder: str) -> list[OldVersion]:
        """What it keeps of files of a folder that are no more, as far as it can be asked."""

    def put(self, source: Path, name: str, moved: Moved) -> None:
        """Copy a file to the remote, to be seen under its name when it is there whole."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""


def taken(remote: Remote, name: str, size: int) -> bytes:
    """The bytes of a small file; not many more than its size, whatever the remote gives.

    Raises:
        RemoteError: it is not there, or the remote refuses or goes away.
    """
    data = b""
    for piece in remote.get(name):
        data += piece
        if len(data) > size:
            break
    return data
