"""The record of a claim: a statement about another record, which it never edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.members import matching, member
from dslineage.records.form import (
    check_id,
    checked_name,
    pretty,
    read_document,
    record_id,
    understood,
)

CLAIM_SCHEMA = "dslineage.claim/1"
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,40}")
_SUBJECT = re.compile(r"[a-z]+:sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """What somebody says about a record: a review, a waiver.

    `subject` is the id of that record, `dataset` the data set under whose name the claim is kept.
    What `body` has depends on `type`: JSON values, none of them null.
    """

    subject: str
    dataset: str
    type: str
    body: Mapping[str, Any]
    author: str
    created_at: str
    tool: str

    @property
    def id(self) -> str:
        """`claim:sha256:<hex>` of the canonical JSON without the id."""
        return record_id("claim", self._body())

    @property
    def file_name(self) -> str:
        """The record's file name."""
        return f"{self.type}-{self.id[13:25]}.json"

    def to_bytes(self) -> bytes:
        """The record's file, for people and machines."""
        return pretty({"id": self.id, **self._body()})

    def _body(self) -> dict[str, Any]:
        return {
            "schema": CLAIM_SCHEMA,
            "subject": self.subject,
            "dataset": self.dataset,
            "type": self.type,
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
            "body": dict(self.body),
        }

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> ClaimRecord:
        """Read a record's file and check its id.

        Raises:
            IntegrityError: it is no record, of a newer schema, or was edited.
        """
        document = read_document(data, name, CLAIM_SCHEMA)
        with understood(name):
            record = cls(
                subject=matching(document, "subject", _SUBJECT),
                dataset=checked_name(member(document, "dataset", str)),
                type=matching(document, "type", _TYPE),
                body=member(document, "body", dict),
                author=member(document, "author", str),
                created_at=member(document, "created_at", str),
                tool=member(document, "tool", str),
            )
            check_id(name, document, record.id, record._body())
        return record
