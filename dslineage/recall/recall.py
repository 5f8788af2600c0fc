"""`recall`: what is affected by examples that must go, and what is still to decide about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.lineage.ancestry import Kind
from dslineage.lineage.rowindex import bits
from dslineage.recall.decisions import Decision, decisions_about
from dslineage.records import ClaimRecord, is_name
from dslineage.trace.trace import Tracer
from dslineage.trace.traced import Seen, Unmatched

if TYPE_CHECKING:
    from dslineage.trace.query import Found
    from dslineage.trace.threads import Reached


@dataclass(frozen=True, slots=True)
class AffectedVersion:
    """A version that has affected examples; `newest` where no later version was made of it.

    `inferred` counts those of the examples that are only guessed to be later forms.
    """

    ref: str
    id: str
    examples: int
    inferred: int
    newest: bool
    decision: Decision | None

    def to_dict(self) -> dict[str, Any]:
        """The version as a JSON object."""
        return {
            "ref": self.ref,
            "id": self.id,
            "examples": self.examples,
            "inferred": self.inferred,
            "newest": self.newest,
            "decision": self.decision and self.decision.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class AffectedTraining:
    """A run or a model that saw affected examples, and where the model is deployed."""

    seen: Seen
    deployments: tuple[str, ...]
    decision: Decision | None

    def to_dict(self) -> dict[str, Any]:
        """The run or model as a JSON object."""
        return {
            **self.seen.to_dict(),
            "deployments": list(self.deployments),
            "decision": self.decision and self.decision.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class RecallResult:
    """What a recall found. `forms` has each affected example by its digest, with how it is known.

    A decision is due about each newest version and each model.
    """

    name: str
    asked: Mapping[str, Any]
    forms: Mapping[str, Kind]
    versions: tuple[AffectedVersion, ...]
    runs: tuple[AffectedTraining, ...]
    models: tuple[AffectedTraining, ...]
    evaluated: tuple[Seen, ...]
    unmatched: tuple[Unmatched, ...]
    missing: tuple[str, ...]
    searched: int
    unsearched: Mapping[str, str]
    notices: tuple[str, ...]
    filed: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        """What is still to be decided about, by how people name it."""
        due: list[tuple[str, Decision | None]] = [
            *((one.ref, one.decision) for one in self.versions if one.newest),
            *((one.seen.ref, one.decision) for one in self.models),
        ]
        return tuple(ref for ref, decision in due if decision is None)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.recall/1`."""
        return {
            "schema": "dslineage.recall/1",
            "recall": self.name,
            "asked": dict(self.asked),
            "examples": [
                {"digest": f"sha256:{digest}", "kind": kind.label}
                for digest, kind in self.forms.items()
            ],
            "versions": [one.to_dict() for one in self.versions],
            "runs": [one.to_dict() for one in self.runs],
            "models": [one.to_dict() for one in self.models],
            "evaluated": [one.to_dict() for one in self.evaluated],
            "unmatched": [one.to_dict() for one in self.unmatched],
            "missing": list(self.missing),
            "open": list(self.open),
            "searched": self.searched,
            "unsearched": [{"version": ref, "why": why} for ref, why in self.unsearched.items()],
            "notices": list(self.notices),
            "filed": list(self.filed),
        }


def recall_name(asked: Mapping[str, Any]) -> str:
    """The name of a recall that was given none: the same whenever the same is asked."""
    return f"recall-{Digest.of(canonical_bytes(dict(asked))).hex[:12]}"


def recalled(tracer: Tracer, found: Found, name: str, asked: Mapping[str, Any]) -> RecallResult:
    """What is affected by some examples and all their later forms.

    Args:
        tracer: answers about examples.
        found: the examples.
        name: the name of the recall; decisions about it name it.
        asked: how the examples were asked for, as JSON values.

    Raises:
        UsageError: the name is none.
    """
    if not is_name(name):
        raise UsageError(f"{name!r:.100} cannot name a recall", hint="--name gdpr-17")
    later = tracer.threads.descendants(found.digests)
    decisions = decisions_about(tracer.history.graph, name)
    seen = tracer.seen(later)
    trained = [one for one in seen if one.role == "train"]
    return RecallResult(
        name=name,
        asked=asked,
        forms={digest.hex(): later[digest].kind for digest in sorted(later)},
        versions=tuple(_versions(tracer, later, decisions)),
        runs=tuple(_trainings(tracer, trained, "run", decisions)),
        models=tuple(_trainings(tracer, trained, "model", decisions)),
        evaluated=tuple(one for one in seen if one.role != "train"),
        unmatched=tracer.unmatched(seen),
        missing=tuple(found.missing),
        searched=len(tracer.history.index.number),
        unsearched=tracer.unsearched | tracer.named(found.unread),
        notices=tuple(tracer.threads.undecided),
    )


def _versions(
    tracer: Tracer, later: Mapping[bytes, Reached], decisions: Mapping[str, Decision]
) -> Iterator[AffectedVersion]:
    history = tracer.history
    size = len(history.index.ids)
    every = _counts([one.form.versions for one in later.values()], size)
    guessed = _counts([one.form.versions for one in later.values() if one.inferred], size)
    names = {number: history.node(number) for number in np.flatnonzero(every).tolist()}
    for number in sorted(names, key=lambda one: (names[one].name, int(names[one].label[1:]))):
        node = names[number]
        below = (history.node(one).name for one in bits(history.below[number]))
        yield AffectedVersion(
            node.ref,
            node.id,
            int(every[number]),
            int(guessed[number]),
            node.name not in below,
            decisions.get(node.id),
        )


def _counts(versions: Sequence[int], size: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many of some numbers have each bit."""
    width = -(-size // 8)
    raw = b"".join(one.to_bytes(width, "little") for one in versions)
    found = np.zeros(8 * width, np.int64)
    rows = np.frombuffer(raw, np.uint8).reshape(-1, width) if width else np.zeros((0, 0), np.uint8)
    for first in range(0, len(rows), 4096):
        found += np.unpackbits(rows[first : first + 4096], axis=1, bitorder="little").sum(
            axis=0, dtype=np.int64
        )
    return found


def _trainings(
    tracer: Tracer, seen: Iterable[Seen], kind: str, decisions: Mapping[str, Decision]
) -> Iterator[AffectedTraining]:
    graph = tracer.history.graph
    for one in seen:
        if one.id.startswith(f"{kind}:"):
            deployed = (graph.record(node.id) for node in graph.claims(one.id, "deployment"))
            yield AffectedTraining(
                one,
                tuple(_where(claim) for claim in deployed if isinstance(claim, ClaimRecord)),
                decisions.get(one.id),
            )


def _where(claim: ClaimRecord) -> str:
    """What a deployment says in a line: its values, else its short id."""
    said = ", ".join(f"{name} {value}" for name, value in sorted(claim.body.items()))
    return said or claim.digits[:8]
