"""The pointer: the small file next to the data that says which version belongs there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import orjson

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.members import count, digest, matching, member
from dslineage.records.dataset import LABEL, DatasetRecord
from dslineage.records.fileentry import FileEntry, file_entries
from dslineage.records.form import checked_name, ids, newer, pretty, read_document, understood
from dslineage.suffixes import POINTER_SUFFIX

POINTER_SCHEMA = "dslineage.pointer/1"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version of a data set belongs next to this file."""

    dataset: str
    version: str
    id: str
    content_hash: Digest
    examples: int
    files: tuple[FileEntry, ...]

    @classmethod
    def to(cls, record: DatasetRecord) -> Pointer:
        """The pointer to a version."""
        return cls(
            record.dataset,
            record.label,
            record.id,
            record.content_hash,
            record.examples,
            record.files,
        )

    def to_bytes(self) -> bytes:
        """The pointer's file."""
        return pretty(
            {
                "schema": POINTER_SCHEMA,
                "dataset": self.dataset,
                "version": self.version,
                "id": self.id,
                "content_hash": str(self.content_hash),
                "examples": self.examples,
                "files": [entry.to_dict() for entry in self.files],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Pointer:
        """Read a pointer's file.

        Raises:
            IntegrityError: it is no pointer, of a newer schema, or has merge markers in it.
        """
        if data.startswith(b"<<<<<<<") or b"\n<<<<<<<" in data or b"\n>>>>>>>" in data:
            file = shlex.quote(name.removesuffix(POINTER_SUFFIX))
            raise IntegrityError(
                f"{name} has merge markers: two branches changed this data set",
                kind="conflicted-pointer",
                hint="dslineage merge; or to keep one side: git checkout --ours -- "
                f"{shlex.quote(name)} (or --theirs), and dslineage add {file}",
            )
        document = read_document(data, name, POINTER_SCHEMA)
        with understood(name):
            pointer = cls(
                checked_name(member(document, "dataset", str)),
                matching(document, "version", LABEL),
                ids([document["id"]], "dataset")[0],
                digest(document, "content_hash"),
                count(document, "examples"),
                file_entries(document),
            )
        if document.keys() != orjson.loads(pointer.to_bytes()).keys():
            raise newer(name, document, "has members that this release does not know")
        return pointer
