"""The record of a step: a transformation that made a version out of others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.members import count, matching, member
from dslineage.records.form import (
    check_id,
    checked_name,
    ids,
    pretty,
    read_document,
    record_id,
    understood,
)

STEP_SCHEMA = "dslineage.step/1"
_OPERATION = re.compile(r"[a-z][a-z0-9-]{0,40}")
_DIGITS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One transformation that ran. The version that it made names it, never the other way.

    `parents` maps the digest of an example that the step made to the digests of those that it
    was made from, as 64 hex digits; what is not there came through unchanged, or is gone.
    `parameters` are JSON values, none of them null.
    """

    dataset: str
    operation: str
    inputs: tuple[str, ...]
    parameters: Mapping[str, Any]
    parents: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    message: str
    author: str
    created_at: str
    tool: str

    @property
    def id(self) -> str:
        """`step:sha256:<hex>` of the canonical JSON without the id."""
        return record_id("step", self._body())

    @property
    def digests(self) -> dict[bytes, tuple[bytes, ...]]:
        """`parents` as bytes."""
        return {
            bytes.fromhex(child): tuple(bytes.fromhex(parent) for parent in of)
            for child, of in self.parents.items()
        }

    @property
    def file_name(self) -> str:
        """The record's file name."""
        return f"{self.operation}-{self.id[12:24]}.json"

    def to_bytes(self) -> bytes:
        """The record's file, for people and machines."""
        return pretty({"id": self.id, **self._body()})

    def _body(self) -> dict[str, Any]:
        return {
            "schema": STEP_SCHEMA,
            "dataset": self.dataset,
            "operation": self.operation,
            "inputs": list(self.inputs),
            "message": self.message,
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
            "counts": dict(self.counts),
            "parameters": dict(self.parameters),
            "parents": {child: list(of) for child, of in self.parents.items()},
        }

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> StepRecord:
        """Read a record's file and check its id.

        Raises:
            IntegrityError: it is no record, of a newer schema, or was edited.
        """
        document = read_document(data, name, STEP_SCHEMA)
        with understood(name):
            counts = member(document, "counts", dict)
            record = cls(
                dataset=checked_name(member(document, "dataset", str)),
                operation=matching(document, "operation", _OPERATION),
                inputs=ids(member(document, "inputs", list), "(?:dataset|source)"),
                parameters=member(document, "parameters", dict),
                parents=_parents(member(document, "parents", dict)),
                counts={what: count(counts, what) for what in counts},
                message=member(document, "message", str),
                author=member(document, "author", str),
                created_at=member(document, "created_at", str),
                tool=member(document, "tool", str),
            )
            check_id(name, document, record.id, record._body())
        return record


def _parents(parents: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        matching({"child": child}, "child", _DIGITS): tuple(
            matching({"parent": parent}, "parent", _DIGITS)
            for parent in member(parents, child, list)
        )
        for child in parents
    }
