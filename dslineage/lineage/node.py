"""Nodes and edges of the lineage graph, as records tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from dslineage.records import (
    Base,
    ClaimRecord,
    DatasetRecord,
    Evidence,
    MeasurementRecord,
    MixtureRecord,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
)


@dataclass(frozen=True, slots=True)
class Node:
    """One record, as the graph shows it. `label` tells states of one name apart, or is empty.

    A node is `missing` where others name it and it is not there: only its id is known.
    """

    id: str
    kind: str
    name: str
    label: str
    created_at: str
    missing: bool = False

    @classmethod
    def absent(cls, id_: str) -> Node:
        """The node of a record that is named and not there."""
        kind, _, digest = id_.partition(":")
        return cls(id_, kind, digest.removeprefix("sha256:")[:12], "", "", missing=True)

    @property
    def short(self) -> str:
        """The first eight hex digits of the id."""
        return self.id.rpartition(":")[2][:8]

    @property
    def ref(self) -> str:
        """How a person names it: `train@v4`, `tiny@checkpoint-20`, `source:gsm8k`.

        Of a step, that is what it did: `step:dedupe`.
        """
        if self.kind in {"dataset", "model"} and self.label:
            return f"{self.name}@{self.label}"
        if self.kind == "step" and self.label:
            return f"step:{self.label}"
        return f"{self.kind}:{self.name}"

    @property
    def age(self) -> tuple[str, bool, int, str, str]:
        """A key that sorts the states of one name, oldest first.

        Those of one second go by their labels: `v9`, `v10`; `checkpoint-9`, `checkpoint-10`,
        `final`.
        """
        return self.created_at, self.label == "final", len(self.label), self.label, self.id

    @property
    def title(self) -> str:
        """The reference with the first hex digits of the id."""
        return f"{self.ref} ({self.short})"


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """That one record rests on another, older one.

    `role` is `parent`, `generated-by`, `input`, `component`, `train`, `eval`, `reference`, `base`,
    `continues`, `origin` (a version and its source, or the imported step that made it) or `about`.
    """

    child: str
    parent: str
    role: str
    evidence: Evidence


def node_of(record: Record) -> Node:
    """The node of a record."""
    name, _, label = record.stem.partition("/")
    match record:
        case DatasetRecord():
            return Node(record.id, "dataset", record.dataset, record.label, record.created_at)
        case ModelRecord():
            return Node(record.id, "model", record.name, record.label, record.created_at)
        case StepRecord() | ClaimRecord() | MeasurementRecord():
            return Node(record.id, record.kind, name, label, record.created_at)
        case SourceRecord() | MixtureRecord() | RunRecord():
            return Node(record.id, record.kind, record.name, "", record.created_at)
        case _:
            raise TypeError(f"{type(record).__name__} is no node")


@singledispatch
def edges_of(record: Record) -> Iterator[Edge]:
    """The edges that a record tells by the ids of older ones."""
    raise TypeError(f"{type(record).__name__} is no node")


@edges_of.register
def _(record: SourceRecord) -> Iterator[Edge]:
    yield from ()


@edges_of.register
def _(record: DatasetRecord) -> Iterator[Edge]:
    for parent in record.parents:
        yield Edge(record.id, parent, "parent", Evidence.RECORDED)
    if record.generated_by is not None:
        yield Edge(record.id, record.generated_by, "generated-by", Evidence.RECORDED)


@edges_of.register
def _(record: MeasurementRecord) -> Iterator[Edge]:
    yield Edge(record.id, record.subject, "about", Evidence.RECORDED)


@edges_of.register
def _(record: StepRecord) -> Iterator[Edge]:
    for input_ in record.inputs:
        yield Edge(record.id, input_, "input", record.evidence)


@edges_of.register
def _(record: MixtureRecord) -> Iterator[Edge]:
    for component in record.components:
        yield Edge(record.id, component.subject, "component", Evidence.RECORDED)


@edges_of.register
def _(record: RunRecord) -> Iterator[Edge]:
    yield from _inputs(record.id, record.inputs)
    if record.base is not None:
        yield from _bases(record.id, (record.base,), record.evidence)
    if record.continues is not None:
        yield Edge(record.id, record.continues, "continues", record.evidence)


@edges_of.register
def _(record: ModelRecord) -> Iterator[Edge]:
    if record.generated_by is not None:
        yield Edge(record.id, record.generated_by, "generated-by", record.evidence)
    yield from _bases(record.id, record.derived_from, record.evidence)
    yield from _inputs(record.id, record.trained_on)


@edges_of.register
def _(record: ClaimRecord) -> Iterator[Edge]:
    yield Edge(record.id, record.subject, "about", Evidence.DECLARED)


def _inputs(child: str, inputs: tuple[RunInput, ...]) -> Iterator[Edge]:
    for entry in inputs:
        if entry.subject is not None:
            yield Edge(child, entry.subject, entry.role, entry.evidence)


def _bases(child: str, bases: tuple[Base, ...], evidence: Evidence) -> Iterator[Edge]:
    for base in bases:
        if base.subject is not None:
            yield Edge(child, base.subject, "base", evidence)
