"""The record of a version of a data set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dslineage.ids import Digest
from dslineage.members import choice, count, digest, instant, matching, member
from dslineage.records.fileentry import FileEntry, file_entries
from dslineage.records.form import checked_name, ids
from dslineage.records.media import ListedMedia
from dslineage.records.record import Record

LABEL = re.compile(r"v[1-9][0-9]{0,8}")
_ORIGIN = re.compile(r"(?:step|source):sha256:[0-9a-f]{64}")
_STORES = ("auto", "rows", "index")
_ADAPTER = re.compile(r"[^@:]+@[0-9]{1,6}:[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class DatasetRecord(Record):
    """One version of a data set.

    `fields` maps each top-level field to how many examples have it, per JSON type; `change` maps
    each parent's id to the counts of the change against it. `number` is N of `vN`: a label.
    `generated_by` is the id of the step or source that made the version, where one is recorded.
    `media` is there where an example refers to media by name.
    """

    kind: ClassVar[str] = "dataset"
    schema: ClassVar[str] = "dslineage.dataset/1"

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
    def title(self) -> str:
        """The label with the first eight hex digits of the id: `v4 (3fa2c1d9)`."""
        return f"{self.label} ({self.digits[:8]})"

    @property
    def stem(self) -> str:
        """`DATASET/LABEL`."""
        return f"{self.dataset}/{self.label}"

    def _members(self) -> dict[str, Any]:
        body: dict[str, Any] = {
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
    def _of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
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
            store=choice(document, "store", _STORES),
            files=file_entries(document),
            fields=_counts_by_field(member(document, "fields", dict)),
            change=_changes(member(document, "change", dict)),
            message=member(document, "message", str),
            author=member(document, "author", str),
            created_at=instant(document, "created_at"),
            tool=member(document, "tool", str),
            generated_by=(
                matching(document, "generated_by", _ORIGIN) if "generated_by" in document else None
            ),
            media=(
                ListedMedia.from_dict(member(document, "media", dict))
                if "media" in document
                else None
            ),
        )


def _counts_by_field(fields: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {
        field: {kind: count(types, kind) for kind in types}
        for field in fields
        for types in [member(fields, field, dict)]
    }


def _changes(changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {parent: member(changes, parent, dict) for parent in ids(list(changes), "dataset")}
