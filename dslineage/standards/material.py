"""What the drafts are filled with: the data that trained a model, with how each thing is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar

from dslineage.lineage.node import Node
from dslineage.records import (
    ClaimRecord,
    DatasetRecord,
    Evidence,
    Record,
    SourceRecord,
    StepRecord,
    weakest,
)
from dslineage.standards.basis import Basis
from dslineage.standards.draft import Answer, joined, once
from dslineage.standards.uses import data_above, given, trained

R = TypeVar("R", bound=Record)

_BLIND = {"unrecorded-step", "unknown-data", "missing-record", "base-model", "damaged-record",
          "unrecorded-run"}  # fmt: skip


class Material:
    """The versions that trained a model or a run, with what they were made of."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self._evidence = basis.evidence() | {basis.focus.id: Evidence.RECORDED}

    @cached_property
    def versions(self) -> tuple[Node, ...]:
        """The versions that trained it, its base models' too where those are recorded."""
        return tuple(dict.fromkeys(use.node for use in trained(self.basis, self.basis.focus.id)))

    @cached_property
    def data(self) -> tuple[Node, ...]:
        """Those versions, and the versions, steps, mixtures and sources above them."""
        return tuple(data_above(self.basis, [node.id for node in self.versions]))

    @property
    def sources(self) -> list[tuple[Node, SourceRecord]]:
        """The sources that its data came from."""
        return list(self._every(SourceRecord))

    @property
    def steps(self) -> list[tuple[Node, StepRecord]]:
        """The steps that its data went through."""
        return list(self._every(StepRecord))

    @property
    def unsure(self) -> str:
        """That there may be more data than is recorded; empty where nothing says so."""
        blind = any(gap.kind in _BLIND for _, gap in self.basis.gaps)
        return "some data, or its making, is not recorded; see What is not known" if blind else ""

    @property
    def tokens(self) -> tuple[int, Evidence] | None:
        """The tokens of the data as trainers counted them; None where one did not.

        Data that several runs were given, one going on from the other, counts once.
        """
        inputs = (one for one in given(self.basis, self.basis.focus.id) if one.role == "train")
        by_data = {(one.subject, one.content_hash, one.uri): one for one in inputs}
        total = 0
        for one in by_data.values():
            if one.prepared is None or one.prepared.tokens is None:
                return None
            total += one.prepared.tokens
        evidence = [one.evidence for one in by_data.values()]
        return (total, weakest(evidence)) if evidence else None

    def answer(self, text: str, about: Node, said: Evidence | None = None) -> Answer:
        """An answer; `said` is the evidence of what a record says of itself, where it is weaker."""
        known = self._evidence.get(about.id, Evidence.DECLARED)
        return Answer(text, about, weakest((known, said)) if said else known)

    def per_source(self, tell: Callable[[SourceRecord], str | None]) -> tuple[Answer, ...]:
        """What is to be told of each source, of those where there is something."""
        found = ((node, one, tell(one)) for node, one in self.sources)
        return once(self.answer(text, node, one.evidence) for node, one, text in found if text)

    def per_version(self, tell: Callable[[DatasetRecord], str]) -> tuple[Answer, ...]:
        """What is to be told of each version that trained it, and whose record is here."""
        records = ((node, self.basis.record(node.id, DatasetRecord)) for node in self.versions)
        return once(self.answer(tell(one), node) for node, one in records if one is not None)

    def claims(self, type_: str, saying: str | None = None) -> tuple[Answer, ...]:
        """The claims of a type about it and its data, in words; of those that say a thing only."""
        nodes = [self.basis.focus, *self.data]
        return once(
            Answer(_said(claim), node, Evidence.DECLARED)
            for node in nodes
            for claim in self.basis.claims_about(node.id, type_)
            if saying is None or saying in claim.body
        )

    def _every(self, kind: type[R]) -> Iterator[tuple[Node, R]]:
        for node in self.data:
            record = self.basis.record(node.id, kind)
            if record is not None:
                yield node, record


def described(source: SourceRecord) -> str:
    """A source in one line: what it is, where it is, and its licence."""
    licence = source.license
    named = (
        joined(licence.name, f"as of {licence.as_of}" if licence.as_of else None)
        if licence
        else "not recorded"
    )
    return joined(
        source.title or source.name,
        source.uri,
        f"revision {source.revision}" if source.revision else None,
        f"by {', '.join(source.creators)}" if source.creators else None,
        f"licence {named}",
        f"acquired {source.acquired_at}" if source.acquired_at else None,
        f"modality {source.modality}" if source.modality else None,
    )  # fmt: skip


def stepped(step: StepRecord) -> str:
    """A step in one line: what it is called, why it was done, and its counts."""
    counts = ", ".join(f"{number:,} {what}" for what, number in step.counts.items())
    reasons = ", ".join(f"{number:,} {why}" for why, number in (step.dropped or {}).items())
    return joined(step.operation, step.message, counts, f"dropped: {reasons}" if reasons else None)


def _said(claim: ClaimRecord) -> str:
    body = ", ".join(f"{name}: {value}" for name, value in sorted(claim.body.items()))
    return f"claimed: {body}" if body else "claimed"
