"""The record of a version of a data set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.ids import Digest
from dslineage.members import count, digest, matching, member
from dslineage.records.fileentry import FileEntry, file_entries
from dslineage.records.form import (
    check_id,
    checked_name,
    ids,
    pretty,
    read_document,
    record_id,
    understood,
)
from dslineage.records.media import ListedMedia

DATASET_SCHEMA = "dslineage.dataset/1"
LABEL = re.compile(r"v[1-9][0-9]{0,8}")
_ORIGIN = re.compile(r"(?:step|source):sha256:[0-9a-f]{64}")
_ADAPTER = re.compile(r"[^@:]+@[0-9]{1,6}:[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """One version of a data set.

    `fields` maps each top-level field to how many examples have it, per JSON type; `change` maps
    each parent's id to the counts of the change against it. `number` is N of `vN`: a label.
    `generated_by` is the id of the step or source that made the version, where one is recorded.
    `media` is there where an example refers to media by name.
    """

    dataset: str
    number: int
    parents: tuple[str, ...]
    content_hash: Digest
    training_hash: Digest
    order_hash: Digest
    adapter: str
    mapping: Mapping[str, Any]
    key: str | None
    examples: int
    unique: int
    quarantined: int
    quarantine_hash: Digest | None
    format: str
    store: str
    files: tuple[FileEntry, ...]
    fields: Mapping[str, Mapping[str, int]]
    change: Mapping[str, Mapping[str, Any]]
    message: str
    author: str
    created_at: str
    tool: str
    generated_by: str | None = None
    media: ListedMedia | None = None

    @property
    def label(self) -> str:
        """The version's label, such as `v4`."""
        return f"v{self.number}"

    @property
    def id(self) -> str:
        """`dataset:sha256:<hex>` of the canonical JSON without the id."""
        return record_id("dataset", self._body())

    @property
    def title(self) -> str:
        """The label with the first eight hex digits of the id: `v4 (3fa2c1d9)`."""
        return f"{self.label} ({self.id[15:23]})"

    @property
    def file_name(self) -> str:
        """The record's file name."""
        return f"{self.label}-{self.id[15:27]}.json"

    def to_bytes(self) -> bytes:
        """The record's file, for people and machines."""
        return pretty({"id": self.id, **self._body()})

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "schema": DATASET_SCHEMA,
            "dataset": self.dataset,
            "version": self.label,
            "message": self.message,
            "parents": list(self.parents),
            "change": {parent: dict(change) for parent, change in self.change.items()},
            "examples": self.examples,
            "unique": self.unique,
            "content_hash": str(self.content_hash),
            "training_hash": str(self.training_hash),
            "order_hash": str(self.order_hash),
            "adapter": self.adapter,
            "mapping": dict(self.mapping),
            "format": self.format,
            "store": self.store,
            "files": [entry.to_dict() for entry in self.files],
            "fields": {name: dict(types) for name, types in self.fields.items()},
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
            "quarantined": self.quarantined,
        }
        if self.quarantine_hash:
            body["quarantine_hash"] = str(self.quarantine_hash)
        if self.key is not None:
            body["key"] = self.key
        if self.generated_by is not None:
            body["generated_by"] = self.generated_by
        if self.media is not None:
            body["media"] = self.media.to_dict()
        return body

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> DatasetRecord:
        """Read a record's file and check its id.

        Raises:
            IntegrityError: it is no record, of a newer schema, or was edited.
        """
        document = read_document(data, name, DATASET_SCHEMA)
        with understood(name):
            record = cls(
                dataset=checked_name(member(document, "dataset", str)),
                number=int(matching(document, "version", LABEL).removeprefix("v")),
                parents=ids(member(document, "parents", list), "dataset"),
                content_hash=digest(document, "content_hash"),
                training_hash=digest(document, "training_hash"),
                order_hash=digest(document, "order_hash"),
                adapter=matching(document, "adapter", _ADAPTER),
                mapping=member(document, "mapping", dict),
                key=member(document, "key", str) if "key" in document else None,
                examples=count(document, "examples"),
                unique=count(document, "unique"),
                quarantined=count(document, "quarantined"),
                quarantine_hash=(
                    digest(document, "quarantine_hash") if "quarantine_hash" in document else None
                ),
                format=member(document, "format", str),
                store=member(document, "store", str),
                files=file_entries(document),
                fields=_counts_by_field(member(document, "fields", dict)),
                change=_changes(member(document, "change", dict)),
                message=member(document, "message", str),
                author=member(document, "author", str),
                created_at=member(document, "created_at", str),
                tool=member(document, "tool", str),
                generated_by=(
                    matching(document, "generated_by", _ORIGIN)
                    if "generated_by" in document
                    else None
                ),
                media=(
                    ListedMedia.from_dict(member(document, "media", dict))
                    if "media" in document
                    else None
                ),
            )
            check_id(name, document, record.id, record._body())
        return record


def _counts_by_field(fields: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {
        field: {kind: count(types, kind) for kind in types}
        for field in fields
        for types in [member(fields, field, dict)]
    }


def _changes(changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {parent: member(changes, parent, dict) for parent in ids(list(changes), "dataset")}
