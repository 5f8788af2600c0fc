"""What is known of one example: its forms, the versions that have them, and who saw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.lineage.ancestry import Kind
from dslineage.members import known
from dslineage.trace.threads import Link

NO_MATCH = "no exact match in what is recorded"


@dataclass(frozen=True, slots=True)
class Begin:
    """A version in which a form begins: made by which step, from which sources, out of what.

    `step` and `sources` are how people name them; `parents` the links to earlier forms. Where there
    is none of all these, it is not recorded where the form came from.
    """

    version: str
    id: str
    step: str
    message: str
    sources: tuple[str, ...]
    parents: tuple[Link, ...]

    def to_dict(self) -> dict[str, Any]:
        """The beginning as a JSON object."""
        return {
            "version": self.version,
            "id": self.id,
            "step": self.step or None,
            "message": self.message,
            "sources": list(self.sources),
            "parents": [_link(link) for link in self.parents],
        }


@dataclass(frozen=True, slots=True)
class End:
    """A version without a form that was made of one with it; why, if a step recorded that."""

    version: str
    last: str
    step: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The end as a JSON object."""
        return {
            "version": self.version,
            "last": self.last,
            "step": self.step or None,
            "reason": self.reason or None,
        }


@dataclass(frozen=True, slots=True)
class TracedForm:
    """An example in one form, and the versions that have it, by data set, oldest first.

    `kind` is how it is known to be a form of the example that was asked for, `evidence` the weakest
    on the way there, `inferred_by` the rules of the diff that guessed.
    """

    digest: str
    kind: Kind
    evidence: str
    inferred_by: tuple[str, ...]
    versions: Mapping[str, tuple[str, ...]]
    begins: tuple[Begin, ...]
    ends: tuple[End, ...]

    def to_dict(self) -> dict[str, Any]:
        """The form as a JSON object."""
        return {
            "digest": f"sha256:{self.digest}",
            "kind": self.kind.label,
            "evidence": self.evidence,
            **known(inferred_by=list(self.inferred_by)),
            "versions": {name: list(labels) for name, labels in self.versions.items()},
            "begins": [one.to_dict() for one in self.begins],
            "ends": [one.to_dict() for one in self.ends],
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """A run or a model, and whether it saw the example; see `Exposure`."""

    ref: str
    id: str
    role: str
    answer: str
    digest: str
    kind: Kind
    version: str
    evidence: str
    whys: tuple[str, ...]
    through: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer as a JSON object."""
        return {
            "ref": self.ref,
            "id": self.id,
            "role": self.role,
            "answer": self.answer,
            "form": f"sha256:{self.digest}",
            "kind": self.kind.label,
            "version": self.version,
            "evidence": self.evidence,
            "why": list(self.whys),
            "through": list(self.through),
        }


@dataclass(frozen=True, slots=True, order=True)
class Unmatched:
    """A model of which nothing says that it saw the example; what is not known of its data."""

    ref: str
    id: str
    gap: str

    def to_dict(self) -> dict[str, Any]:
        """The model as a JSON object."""
        return {"ref": self.ref, "id": self.id, "answer": NO_MATCH, "gap": self.gap or None}


@dataclass(frozen=True, slots=True)
class ExampleTrace:
    """All that is known of one example; `example` is None where its text is not kept.

    That can be because it was forgotten, as `forgotten` says.
    """

    form: TracedForm
    example: Mapping[str, Any] | None
    earlier: tuple[TracedForm, ...]
    later: tuple[TracedForm, ...]
    seen: tuple[Seen, ...]
    unmatched: tuple[Unmatched, ...]
    forgotten: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The trace as a JSON object."""
        return {
            **self.form.to_dict(),
            "example": self.example,
            **known(forgotten=self.forgotten or None),
            "earlier": [form.to_dict() for form in self.earlier],
            "later": [form.to_dict() for form in self.later],
            "seen": [seen.to_dict() for seen in self.seen],
            "unmatched": [one.to_dict() for one in self.unmatched],
        }


def _link(link: Link) -> dict[str, Any]:
    return {
        "digest": f"sha256:{link.parent.hex()}",
        "kind": link.kind.label,
        "evidence": str(link.evidence),
        **known(by=link.by),
    }
