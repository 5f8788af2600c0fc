"""The record of a step: a transformation that ran, and made versions out of others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dslineage.ids import Digest
from dslineage.members import (
    count,
    digest,
    instant,
    integer,
    known,
    mapping,
    matching,
    member,
    optional,
    text,
    texts,
)
from dslineage.records.code import Code
from dslineage.records.evidence import Evidence, evidence_of
from dslineage.records.form import checked_name, ids
from dslineage.records.gap import Gap, gaps_of
from dslineage.records.namedfile import NamedFile, named_files
from dslineage.records.record import Record

_OPERATION = re.compile(r"[a-z][a-z0-9-]{0,40}")
_DIGITS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StepRecord(Record):
    """One transformation that ran. The versions that it made name it, never the other way.

    `parents` maps the digest of an example that the step made to the digests of those that it
    was made from, as 64 hex digits; what is not there came through unchanged, or is gone. Where
    there are many, `links` names the object that has them all, and what was dropped, and why.
    `dropped` counts the examples that were dropped, by reason. `parameters` and `environment` are
    JSON values, none of them null. `files` are inputs that are no data sets, such as scripts and
    settings. A command that failed leaves a step, too, with its exit status and nothing made.
    """

    kind: ClassVar[str] = "step"
    schema: ClassVar[str] = "dslineage.step/1"

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
    command: tuple[str, ...] = ()
    exit_status: int | None = None
    code: Code | None = None
    environment: Mapping[str, Any] | None = None
    seed: int | None = None
    dropped: Mapping[str, int] | None = None
    links: Digest | None = None
    files: tuple[NamedFile, ...] = ()
    imported_from: str | None = None
    evidence: Evidence = Evidence.RECORDED
    gaps: tuple[Gap, ...] = ()

    @property
    def digests(self) -> dict[bytes, tuple[bytes, ...]]:
        """`parents` as bytes."""
        return {
            bytes.fromhex(child): tuple(bytes.fromhex(parent) for parent in of)
            for child, of in self.parents.items()
        }

    @property
    def stem(self) -> str:
        """`DATASET/OPERATION`."""
        return f"{self.dataset}/{self.operation}"

    def _members(self) -> dict[str, Any]:
        return {
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
            **known(
                command=list(self.command),
                exit_status=self.exit_status,
                code=self.code.to_dict() if self.code else None,
                environment=dict(self.environment or {}),
                seed=self.seed,
                dropped=dict(self.dropped or {}),
                links=str(self.links) if self.links else None,
                files=[file.to_dict() for file in self.files],
                imported_from=self.imported_from,
                evidence=None if self.evidence is Evidence.RECORDED else str(self.evidence),
                gaps=[gap.to_dict() for gap in self.gaps],
            ),
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        counts = member(document, "counts", dict)
        dropped = optional(document, "dropped", mapping)
        return cls(
            dataset=checked_name(member(document, "dataset", str)),
            operation=matching(document, "operation", _OPERATION),
            inputs=ids(member(document, "inputs", list), "(?:dataset|source|mixture|model)"),
            parameters=member(document, "parameters", dict),
            parents=_parents(member(document, "parents", dict)),
            counts={what: count(counts, what) for what in counts},
            message=member(document, "message", str),
            author=member(document, "author", str),
            created_at=instant(document, "created_at"),
            tool=member(document, "tool", str),
            command=texts(document, "command"),
            exit_status=optional(document, "exit_status", integer),
            code=Code.from_dict(document["code"]) if "code" in document else None,
            environment=optional(document, "environment", mapping),
            seed=optional(document, "seed", integer),
            dropped={why: count(dropped, why) for why in dropped} if dropped else None,
            links=optional(document, "links", digest),
            files=named_files(document),
            imported_from=optional(document, "imported_from", text),
            evidence=optional(document, "evidence", evidence_of) or Evidence.RECORDED,
            gaps=gaps_of(document),
        )


def _parents(parents: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        matching({"child": child}, "child", _DIGITS): tuple(
            matching({"parent": parent}, "parent", _DIGITS)
            for parent in member(parents, child, list)
        )
        for child in parents
    }
