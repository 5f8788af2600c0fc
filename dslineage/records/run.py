"""The record of a training run: what went in, on what base, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, get_args

from dslineage.ids import Digest
from dslineage.members import (
    choice,
    count,
    digest,
    instant,
    integer,
    known,
    mapping,
    member,
    number,
    optional,
    text,
)
from dslineage.records.code import Code
from dslineage.records.consumption import Prepared
from dslineage.records.evidence import Evidence, evidence_of
from dslineage.records.form import checked_name, ids
from dslineage.records.gap import Gap, gaps_of
from dslineage.records.record import Record

Role = Literal["train", "eval", "reference"]
Status = Literal["started", "finished", "failed"]
_ROLES: tuple[Role, ...] = get_args(Role)
_STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class RunInput:
    """One data set that a run used.

    `subject` is the id of a version or a mixture where that is known; the hashes say what the
    trainer received, so that it can be linked to a version later. `split` is the source's own name
    of the part that was used, `uri` where it was read from.
    """

    role: Role
    evidence: Evidence
    subject: str | None = None
    content_hash: Digest | None = None
    training_hash: Digest | None = None
    order_hash: Digest | None = None
    adapter: str | None = None
    examples: int | None = None
    weight: float | None = None
    epochs: float | None = None
    split: str | None = None
    uri: str | None = None
    prepared: Prepared | None = None

    def to_dict(self) -> dict[str, Any]:
        """The input as a JSON object."""
        return {
            "role": self.role,
            "evidence": str(self.evidence),
            **known(
                subject=self.subject,
                content_hash=str(self.content_hash) if self.content_hash else None,
                training_hash=str(self.training_hash) if self.training_hash else None,
                order_hash=str(self.order_hash) if self.order_hash else None,
                adapter=self.adapter,
                examples=self.examples,
                weight=self.weight,
                epochs=self.epochs,
                split=self.split,
                uri=self.uri,
                prepared=self.prepared.to_dict() if self.prepared else None,
            ),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> RunInput:
        """Read what `to_dict` gave."""
        subject = optional(entry, "subject", text)
        return cls(
            role=choice(entry, "role", _ROLES),
            evidence=evidence_of(entry),
            subject=ids([subject], "(?:dataset|mixture)")[0] if subject else None,
            content_hash=optional(entry, "content_hash", digest),
            training_hash=optional(entry, "training_hash", digest),
            order_hash=optional(entry, "order_hash", digest),
            adapter=optional(entry, "adapter", text),
            examples=optional(entry, "examples", count),
            weight=optional(entry, "weight", number),
            epochs=optional(entry, "epochs", number),
            split=optional(entry, "split", text),
            uri=optional(entry, "uri", text),
            prepared=Prepared.from_dict(entry["prepared"]) if "prepared" in entry else None,
        )


@dataclass(frozen=True, slots=True)
class Base:
    """The model that a run started from, or that a model was made of.

    `subject` is the id of a model's record, where there is one; `weights_hash` that of its tensors.
    """

    uri: str
    subject: str | None = None
    revision: str | None = None
    weights_hash: Digest | None = None

    def to_dict(self) -> dict[str, Any]:
        """The base as a JSON object."""
        return {
            "uri": self.uri,
            **known(
                subject=self.subject,
                revision=self.revision,
                weights_hash=str(self.weights_hash) if self.weights_hash else None,
            ),
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Base:
        """Read what `to_dict` gave."""
        subject = optional(entry, "subject", text)
        return cls(
            text(entry, "uri"),
            ids([subject], "model")[0] if subject else None,
            optional(entry, "revision", text),
            optional(entry, "weights_hash", digest),
        )


@dataclass(frozen=True, slots=True)
class RunRecord(Record):
    """One training run.

    `parameters` are the trainer's settings, JSON values, none of them null; `framework` maps the
    names of libraries to their versions. `started_with` is the hash of what was written down before
    the first step, which each checkpoint of the run carries (see docs/format.md, Run files).
    `continues` is the id of the run that this one resumed; where that was not recorded yet,
    `continues_start` is the hash by which it is known, its `started_with`. `imported_from` names
    the tool and the file that the record was made from, where it was not captured.
    """

    kind: ClassVar[str] = "run"
    schema: ClassVar[str] = "dslineage.run/1"

    name: str
    inputs: tuple[RunInput, ...]
    status: Status
    evidence: Evidence
    author: str
    created_at: str
    tool: str
    base: Base | None = None
    code: Code | None = None
    parameters: Mapping[str, Any] | None = None
    environment: Mapping[str, Any] | None = None
    framework: Mapping[str, str] | None = None
    seed: int | None = None
    tokenizer_hash: Digest | None = None
    template_hash: Digest | None = None
    started_with: Digest | None = None
    continues: str | None = None
    continues_start: Digest | None = None
    resumed_from: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    epochs: float | None = None
    steps: int | None = None
    imported_from: str | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def stem(self) -> str:
        """`NAME/NAME`."""
        return f"{self.name}/{self.name}"

    def _members(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "inputs": [entry.to_dict() for entry in self.inputs],
            **known(
                base=self.base.to_dict() if self.base else None,
                code=self.code.to_dict() if self.code else None,
                parameters=dict(self.parameters or {}),
                environment=dict(self.environment or {}),
                framework=dict(self.framework or {}),
                tokenizer_hash=str(self.tokenizer_hash) if self.tokenizer_hash else None,
                template_hash=str(self.template_hash) if self.template_hash else None,
                started_with=str(self.started_with) if self.started_with else None,
                continues=self.continues,
                continues_start=str(self.continues_start) if self.continues_start else None,
                resumed_from=self.resumed_from,
                started_at=self.started_at,
                ended_at=self.ended_at,
                imported_from=self.imported_from,
                seed=self.seed,
                epochs=self.epochs,
                steps=self.steps,
                gaps=[gap.to_dict() for gap in self.gaps],
            ),
            "evidence": str(self.evidence),
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        continues = optional(document, "continues", text)
        framework = optional(document, "framework", mapping) or {}
        return cls(
            name=checked_name(text(document, "name")),
            inputs=tuple(map(RunInput.from_dict, member(document, "inputs", list))),
            status=choice(document, "status", _STATUSES),
            evidence=evidence_of(document),
            author=text(document, "author"),
            created_at=instant(document, "created_at"),
            tool=text(document, "tool"),
            base=Base.from_dict(document["base"]) if "base" in document else None,
            code=Code.from_dict(document["code"]) if "code" in document else None,
            parameters=optional(document, "parameters", mapping),
            environment=optional(document, "environment", mapping),
            framework={name: text(framework, name) for name in framework} or None,
            seed=optional(document, "seed", integer),
            tokenizer_hash=optional(document, "tokenizer_hash", digest),
            template_hash=optional(document, "template_hash", digest),
            started_with=optional(document, "started_with", digest),
            continues=ids([continues], "run")[0] if continues else None,
            continues_start=optional(document, "continues_start", digest),
            resumed_from=optional(document, "resumed_from", text),
            started_at=optional(document, "started_at", instant),
            ended_at=optional(document, "ended_at", instant),
            epochs=optional(document, "epochs", number),
            steps=optional(document, "steps", count),
            imported_from=optional(document, "imported_from", text),
            gaps=gaps_of(document),
        )
