"""What an audit of a model says: its lines, each with how well it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from dslineage.audit.checks import Finding, Requirement, Verification
from dslineage.audit.lines import BaseLine, Ground, SourceLine, Stage, StepLine, ref
from dslineage.lineage.node import Node
from dslineage.members import known
from dslineage.records import Evidence, Gap


class _Line(Protocol):
    def to_dict(self) -> dict[str, Any]:
        """The line as a JSON object."""


L_co = TypeVar("L_co", bound=_Line, covariant=True)


@dataclass(frozen=True, slots=True)
class Section(Generic[L_co]):
    """Lines of one subject; what was checked to write them, and what was not."""

    lines: tuple[L_co, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The section as a JSON object."""
        return {
            "lines": [line.to_dict() for line in self.lines],
            "checked": list(self.checked),
            "not_checked": list(self.unchecked),
        }


@dataclass(frozen=True, slots=True)
class Recognised:
    """A folder that was hashed, and by what the model in it was known: its files, or its tensors.

    `others` are further records of the same; `changed` are files that are not as they were
    recorded, where it was known by its tensors.
    """

    path: str
    by: Literal["files", "weights"]
    others: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The recognition as a JSON object."""
        return {
            "path": self.path,
            "by": self.by,
            "others": list(self.others),
            "changed": list(self.changed),
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """What is audited: a model, or a run."""

    node: Node
    form: str | None = None
    files: int = 0
    files_hash: str | None = None
    weights_hash: str | None = None
    licence: str | None = None
    uri: str | None = None
    recognised: Recognised | None = None

    def to_dict(self) -> dict[str, Any]:
        """The subject as a JSON object."""
        return {
            **ref(self.node),
            "kind": self.node.kind,
            "created_at": self.node.created_at,
            **known(
                form=self.form,
                files=self.files or None,
                files_hash=self.files_hash,
                weights_hash=self.weights_hash,
                licence=self.licence,
                uri=self.uri,
                recognised=self.recognised.to_dict() if self.recognised else None,
            ),
        }


@dataclass(frozen=True, slots=True)
class GapLine:
    """Something that is not known."""

    node: Node
    gap: Gap

    def to_dict(self) -> dict[str, Any]:
        """The gap as a JSON object."""
        return {**ref(self.node), **self.gap.to_dict()}


@dataclass(frozen=True, slots=True)
class QualityLine:
    """What was measured of a version that trained the model; nothing where nothing was.

    `figures` are those of all metrics, as `show` has them; `late` says that it was measured after
    the training had begun.
    """

    version: Node
    profile: str | None = None
    measured_at: str | None = None
    late: bool = False
    figures: Mapping[str, Mapping[str, Any]] | None = None
    unmeasured: Mapping[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The measurement as a JSON object."""
        return {
            **ref(self.version),
            "profile": self.profile,
            "measured_at": self.measured_at,
            "measured_after_training_began": self.late,
            "metrics": {name: dict(found) for name, found in (self.figures or {}).items()},
            "unmeasured": dict(self.unmeasured or {}),
        }


@dataclass(frozen=True, slots=True)
class OverlapLine:
    """What an evaluation set and a version of the training share.

    `examples` and `conversations` count those of the evaluation set that the other has, too;
    None where that could not be told. `named` are the digests of the first shared ones.
    """

    evaluation: Node
    of: int
    training: Node
    examples: int | None
    conversations: int | None
    named: tuple[str, ...]
    configured: bool
    ground: Ground

    def to_dict(self) -> dict[str, Any]:
        """The overlap as a JSON object."""
        return {
            "evaluation": ref(self.evaluation),
            "of": self.of,
            "training": ref(self.training),
            "examples": self.examples,
            "conversations": self.conversations,
            "named": [f"sha256:{digest}" for digest in self.named],
            "from": "dslineage.toml" if self.configured else "run",
            **self.ground.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """What somebody said about a node; `decision` is what was decided about it, where that is due.

    `open` says that a decision is due and there is none.
    """

    about: Node
    id: str
    type: str
    body: Mapping[str, Any]
    author: str
    created_at: str
    open: bool = False
    decision: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The claim as a JSON object."""
        return {
            "claim": self.id,
            "about": ref(self.about),
            "type": self.type,
            "open": self.open,
            "decision": self.decision,
            "body": dict(self.body),
            "author": self.author,
            "created_at": self.created_at,
            "evidence": str(Evidence.DECLARED),
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """Which data trained a model, as far as records and bytes tell.

    `findings` are what is not as it was recorded; `damaged` are further records that cannot be
    read, and might say more.
    """

    subject: Subject
    gaps: Section[GapLine]
    bases: Section[BaseLine]
    training: Section[Stage]
    steps: Section[StepLine]
    sources: Section[SourceLine]
    quality: Section[QualityLine]
    overlaps: Section[OverlapLine]
    claims: Section[ClaimLine]
    findings: tuple[Finding, ...] = ()
    damaged: tuple[str, ...] = ()
    verification: Verification | None = None
    requirement: Requirement | None = None

    @property
    def weakest(self) -> Ground | None:
        """The ground of the data of the training that is known least well; None without any."""
        grounds = [
            use.ground for stage in self.training.lines for use in stage.uses if use.role == "train"
        ]
        return min(grounds, key=lambda one: one.evidence.strength, default=None)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.audit/1`."""
        weakest = self.weakest
        return {
            "schema": "dslineage.audit/1",
            "subject": self.subject.to_dict(),
            "training_data_evidence": weakest.to_dict() if weakest else None,
            "gaps": self.gaps.to_dict(),
            "base_models": self.bases.to_dict(),
            "training": self.training.to_dict(),
            "steps": self.steps.to_dict(),
            "sources": self.sources.to_dict(),
            "quality": self.quality.to_dict(),
            "evaluation_sets": self.overlaps.to_dict(),
            "claims": self.claims.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
            "damaged": list(self.damaged),
            "verification": self.verification.to_dict() if self.verification else None,
            "requirement": self.requirement.to_dict() if self.requirement else None,
        }
