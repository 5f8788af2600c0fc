"""The record of a claim: a statement about another record, which it never edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dslineage.members import instant, matching, member
from dslineage.records.form import checked_name
from dslineage.records.record import Record

CLAIM_TYPE = re.compile(r"[a-z][a-z0-9-]{0,40}")
_SUBJECT = re.compile(
    r"(?:source|step|dataset|mixture|run|model|claim|measurement):sha256:[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class ClaimRecord(Record):
    """What somebody says about a record: a review, a waiver.

    `subject` is the id of that record, `dataset` the data set under whose name the claim is kept.
    What `body` has depends on `type`: JSON values, none of them null.
    """

    kind: ClassVar[str] = "claim"
    schema: ClassVar[str] = "dslineage.claim/1"

    subject: str
    dataset: str
    type: str
    body: Mapping[str, Any]
    author: str
    created_at: str
    tool: str

    @property
    def stem(self) -> str:
        """`DATASET/TYPE`."""
        return f"{self.dataset}/{self.type}"

    def _members(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "dataset": self.dataset,
            "type": self.type,
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
            "body": dict(self.body),
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            subject=matching(document, "subject", _SUBJECT),
            dataset=checked_name(member(document, "dataset", str)),
            type=matching(document, "type", CLAIM_TYPE),
            body=member(document, "body", dict),
            author=member(document, "author", str),
            created_at=instant(document, "created_at"),
            tool=member(document, "tool", str),
        )
