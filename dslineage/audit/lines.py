"""The lines of an audit about trainings and their data, and how well each is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from dslineage.lineage.node import Node
from dslineage.members import known
from dslineage.records import Base, Consumed, Evidence, Prepared, SourceRecord, StepRecord
from dslineage.records.code import Code

Relation = Literal["own", "earlier", "base", "same"]
"""Of a training to the audited model: its own, one that it went on from, that of what it was made
from, or that of a model with the same tensors."""


def ref(node: Node) -> dict[str, str]:
    """A node as a JSON object."""
    return {"ref": node.ref, "id": node.id}


def counted(count: int, noun: str) -> str:
    """A number of things, as `1 version` and `1,204 versions`."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


@dataclass(frozen=True, slots=True)
class Ground:
    """How well a line is known.

    `linked` is the weakest link between the audited model and what the line says, as it was
    recorded; `weak` names that link. `held` says that whatever stands on the way was hashed again
    just now, and was what is recorded; what somebody only declared is no stronger for that.
    """

    linked: Evidence
    weak: str = ""
    held: bool = False

    @property
    def evidence(self) -> Evidence:
        """How strongly the line is known, in one word."""
        if self.held and self.linked is not Evidence.DECLARED:
            return Evidence.VERIFIED
        return self.linked

    def to_dict(self) -> dict[str, Any]:
        """The ground as members of a line."""
        return {
            "evidence": str(self.evidence),
            "linked": str(self.linked),
            **known(weakest_link=self.weak),
        }


@dataclass(frozen=True, slots=True)
class BaseLine:
    """A model that a training started from, or that a model was made of.

    `node` is None where no record of it is here.
    """

    of: Node
    named: Base
    node: Node | None
    ground: Ground

    def to_dict(self) -> dict[str, Any]:
        """The base as a JSON object."""
        return {
            "of": self.of.ref,
            **self.named.to_dict(),
            "recorded": ref(self.node) if self.node else None,
            **self.ground.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Part:
    """The place of a version in a mixture."""

    mixture: Node
    weight: float | None
    cap: int | None
    repeats: float

    def to_dict(self) -> dict[str, Any]:
        """The place as a JSON object."""
        return {
            "mixture": ref(self.mixture),
            **known(weight=self.weight, cap=self.cap),
            "repeats": self.repeats,
        }


@dataclass(frozen=True, slots=True)
class Use:
    """Data that a training was given.

    `versions` are those with this content, none where no version is known to have it. `whys` say
    why not every example of it may have been used.
    """

    role: str
    versions: tuple[Node, ...]
    examples: int | None
    ground: Ground
    weight: float | None = None
    epochs: float | None = None
    split: str | None = None
    uri: str | None = None
    content_hash: str | None = None
    part: Part | None = None
    prepared: Prepared | None = None
    whys: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The use as a JSON object."""
        return {
            "role": self.role,
            "versions": [ref(node) for node in self.versions],
            **known(
                examples=self.examples,
                weight=self.weight,
                epochs=self.epochs,
                split=self.split,
                uri=self.uri,
                content_hash=self.content_hash,
                part=self.part.to_dict() if self.part else None,
                prepared=self.prepared.to_dict() if self.prepared else None,
            ),
            "may_be_less_because": list(self.whys),
            **self.ground.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """One training on the way to the model: a run, or a model whose data was declared.

    `consumed` is how much of the data the model that it led to had seen; `whys` say why that may
    not be all of it.
    """

    node: Node
    relation: Relation
    uses: tuple[Use, ...]
    ground: Ground
    consumed: Consumed | None = None
    whys: tuple[str, ...] = ()
    status: str | None = None
    steps: int | None = None
    epochs: float | None = None
    seed: int | None = None
    code: Code | None = None
    started_at: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The training as a JSON object."""
        return {
            **ref(self.node),
            "relation": self.relation,
            "uses": [use.to_dict() for use in self.uses],
            **known(
                consumed=self.consumed.to_dict() if self.consumed else None,
                status=self.status,
                steps=self.steps,
                epochs=self.epochs,
                seed=self.seed,
                code=self.code.to_dict() if self.code else None,
                started_at=self.started_at,
            ),
            "may_be_less_because": list(self.whys),
            **self.ground.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step that data of the training went through, and the versions that it made."""

    node: Node
    record: StepRecord
    made: tuple[Node, ...]
    ground: Ground

    def to_dict(self) -> dict[str, Any]:
        """The step as a JSON object."""
        record = self.record
        return {
            **ref(self.node),
            "operation": record.operation,
            "made": [ref(node) for node in self.made],
            "inputs": list(record.inputs),
            "message": record.message,
            "counts": dict(record.counts),
            **known(
                command=list(record.command),
                dropped=dict(record.dropped or {}),
                code=record.code.to_dict() if record.code else None,
                seed=record.seed,
                exit_status=record.exit_status,
            ),
            "created_at": record.created_at,
            **self.ground.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source that rows of the training came from."""

    node: Node
    record: SourceRecord
    ground: Ground

    def to_dict(self) -> dict[str, Any]:
        """The source as a JSON object."""
        record = self.record
        return {
            **ref(self.node),
            "uri": record.uri,
            "revision": record.revision,
            "licence": record.license.to_dict() if record.license else None,
            "category": record.category,
            "consent": record.consent,
            "acquired_at": record.acquired_at,
            "generator": record.generator,
            "personal_data": record.personal_data,
            **self.ground.to_dict(),
        }
