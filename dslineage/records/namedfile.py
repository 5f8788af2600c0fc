"""A file by name and content, and one hash over several of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.members import count, digest, known, member, optional
from dslineage.records.form import safe_path


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file below some folder: its relative path with slashes, size in bytes, and SHA-256.

    The size is None where somebody else named the file and did not say it.
    """

    path: str
    size: int | None
    sha256: Digest

    def to_dict(self) -> dict[str, Any]:
        """The file as a JSON object."""
        return {"path": self.path, **known(bytes=self.size), "sha256": str(self.sha256)}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> NamedFile:
        """Read a file; a path that leaves its folder is an IntegrityError."""
        path = safe_path(member(entry, "path", str))
        return cls(path, optional(entry, "bytes", count), digest(entry, "sha256"))


def named_files(document: Mapping[str, Any]) -> tuple[NamedFile, ...]:
    """The files of a document, none where it names none; one twice is a ValueError."""
    files = tuple(NamedFile.from_dict(entry) for entry in document.get("files", []))
    if len({file.path for file in files}) != len(files):
        raise ValueError("files names one twice")
    return files


def files_hash(files: Iterable[NamedFile]) -> Digest:
    """One hash over files with their names: SHA-256 of the canonical JSON of path to SHA-256."""
    return Digest.of(canonical_bytes({file.path: file.sha256.hex for file in files}))
