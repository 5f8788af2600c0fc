"""One file of a version, as records and pointers name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.ids import Digest
from dslineage.members import count, member
from dslineage.records.form import safe_path


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a version: its path relative to the pointer's folder, and how it was read.

    A file on a remote has a `url`, which ends in its path; nothing stands at the path itself.
    """

    path: str
    size: int
    sha256: Digest
    reader: Mapping[str, Any]
    url: str = ""

    @property
    def base(self) -> str:
        """What the path of a file on a remote is relative to, or an empty text."""
        return self.url[: -len(self.path) - 1]

    def to_dict(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        entry = {
            "path": self.path,
            "bytes": self.size,
            "sha256": self.sha256.hex,
            "reader": dict(self.reader),
        }
        return entry | ({"url": self.url} if self.url else {})

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> FileEntry:
        """Read an entry; a path that leaves its folder is an IntegrityError."""
        reader = member(entry, "reader", dict)
        member(reader, "format", str)
        path = safe_path(member(entry, "path", str))
        url = member(entry, "url", str) if "url" in entry else ""
        if "url" in entry and not ("://" in url and url.endswith(f"/{path}")):
            raise ValueError(f"the URL {url!r} is not that of {path!r}")
        return cls(
            path,
            count(entry, "bytes"),
            Digest.parse(f"sha256:{member(entry, 'sha256', str)}"),
            reader,
            url,
        )


def file_entries(document: Mapping[str, Any]) -> tuple[FileEntry, ...]:
    """The files of a document; a ValueError where there are none, or one twice."""
    entries = tuple(FileEntry.from_dict(entry) for entry in member(document, "files", list))
    if not entries or len({entry.path for entry in entries}) != len(entries):
        raise ValueError("files names none, or one twice")
    return entries
