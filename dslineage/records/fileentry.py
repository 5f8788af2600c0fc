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
    """One file of a version: its path relative to the pointer's folder, and how it was read."""

    path: str
    size: int
    sha256: Digest
    reader: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return {
            "path": self.path,
            "bytes": self.size,
            "sha256": self.sha256.hex,
            "reader": dict(self.reader),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> FileEntry:
        """Read an entry; a path that leaves its folder is an IntegrityError."""
        reader = member(entry, "reader", dict)
        member(reader, "format", str)
        return cls(
            safe_path(member(entry, "path", str)),
            count(entry, "bytes"),
            Digest.parse(f"sha256:{member(entry, 'sha256', str)}"),
            reader,
        )


def file_entries(document: Mapping[str, Any]) -> tuple[FileEntry, ...]:
    """The files of a document; a ValueError where there are none, or one twice."""
    entries = tuple(FileEntry.from_dict(entry) for entry in member(document, "files", list))
    if not entries or len({entry.path for entry in entries}) != len(entries):
        raise ValueError("files names none, or one twice")
    return entries
