"""What comes back from working with remotes: frozen values that render as JSON documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.remotes.fetching import Fetched
from dslineage.remotes.sending import Sent
from dslineage.remotes.settings import Setting
from dslineage.results import StatusResult


@dataclass(frozen=True, slots=True)
class RemoteList:
    """The remotes of a repository."""

    remotes: tuple[Setting, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.remotes/1`."""
        return {
            "schema": "dslineage.remotes/1",
            "remotes": [one.to_dict() for one in self.remotes],
        }


@dataclass(frozen=True, slots=True)
class RemoteChange:
    """What became of a remote, and the file that says so."""

    remote: Setting
    file: str
    removed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.remote/1`."""
        return {
            "schema": "dslineage.remote/1",
            "removed": self.removed,
            "file": self.file,
            **self.remote.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class PushResult:
    """What was pushed. `partly` are versions that are not whole here, and were not looked at."""

    remote: str
    url: str
    versions: int
    sent: Sent
    partly: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.push/1`."""
        return {
            "schema": "dslineage.push/1",
            "remote": self.remote,
            "url": self.url,
            "versions": self.versions,
            "objects": self.sent.objects,
            "bytes": self.sent.bytes,
            "there": self.sent.there,
            "mended": list(self.sent.mended),
            "partly": list(self.partly),
        }


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What was fetched; by `pull`, which files were written.

    `unwritten` says of versions with forgotten examples why their files could not be.
    """

    remote: str
    url: str
    versions: int
    fetched: Fetched
    written: tuple[Path, ...] = ()
    unwritten: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.fetch/1`."""
        return {
            "schema": "dslineage.fetch/1",
            "remote": self.remote,
            "url": self.url,
            "versions": self.versions,
            "objects": self.fetched.objects,
            "stretches": self.fetched.stretches,
            "bytes": self.fetched.bytes,
            "lacking": [one.to_dict() for one in self.fetched.lacking],
            "written": [str(path) for path in self.written],
            "unwritten": list(self.unwritten),
        }


@dataclass(frozen=True, slots=True)
class VersionHeld:
    """Where a version is whole: here, there, or both; and what of it would be pushed."""

    title: str
    here: bool
    there: bool
    unsent: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The version as a JSON object."""
        return {
            "version": self.title,
            "here": self.here,
            "there": self.there,
            "unsent": list(self.unsent),
        }


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """Which versions are whole here and on a remote, and how many bytes a push would send.

    Of a version that is not whole here only the layouts are looked for on the remote. `files` and
    `held` say how many copies of objects there are in all, and their bytes; `marked` how many of
    these bytes are to be deleted.
    """

    remote: str
    url: str
    versions: tuple[VersionHeld, ...]
    bytes: int
    files: int
    held: int
    marked: int

    def to_dict(self) -> dict[str, Any]:
        """The remote as a JSON object."""
        return {
            "name": self.remote,
            "url": self.url,
            "bytes": self.bytes,
            "held": {"files": self.files, "bytes": self.held, "marked": self.marked},
            "versions": [one.to_dict() for one in self.versions],
        }


@dataclass(frozen=True, slots=True)
class WholeStatus:
    """The status of the work tree, and beside it that of a remote."""

    status: StatusResult
    remote: RemoteStatus

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of the work tree's status, with the remote in it."""
        return {**self.status.to_dict(), "remote": self.remote.to_dict()}
