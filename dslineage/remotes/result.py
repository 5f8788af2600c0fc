"""What comes back from working with remotes: frozen values that render as JSON documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.remotes.fetching import Fetched
from dslineage.remotes.sending import Sent
from dslineage.remotes.settings import Setting


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
    """What was fetched; by `pull`, which files were written."""

    remote: str
    url: str
    versions: int
    fetched: Fetched
    written: tuple[Path, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.fetch/1`."""
        return {
            "schema": "dslineage.fetch/1",
            "remote": self.remote,
            "url": self.url,
            "versions": self.versions,
            "objects": self.fetched.objects,
            "bytes": self.fetched.bytes,
            "lacking": [one.to_dict() for one in self.fetched.lacking],
            "written": [str(path) for path in self.written],
        }
