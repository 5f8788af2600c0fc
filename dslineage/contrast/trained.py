"""On what a model was trained, and how often each example was shown: versions with their doses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dslineage.errors import NotFoundError
from dslineage.lineage.mixtureplan import plan
from dslineage.lineage.node import Node, node_of
from dslineage.records import (
    DatasetRecord,
    Evidence,
    MixtureRecord,
    ModelRecord,
    RunInput,
    RunRecord,
)

if TYPE_CHECKING:
    from dslineage.ids import Digest
    from dslineage.lineage.graph import Graph
    from dslineage.records import Record


@dataclass(frozen=True, slots=True)
class Dose:
    """One version that a model was trained on, or data that is no version here.

    `version` is None where only a hash or a place is known; `name` is what it is called. `weight`
    and `epochs` are as recorded, None where they are not; `drawn` is how many examples a mixture
    takes for each one that the version has. `through` is the mixture.
    """

    name: str
    version: DatasetRecord | None
    content_hash: Digest | None
    examples: int | None
    weight: float | None
    epochs: float | None
    evidence: Evidence
    drawn: float = 1.0
    through: str = ""

    @property
    def times(self) -> float:
        """How often an example was shown, on average; an unknown number of epochs counts as one."""
        epochs = 1.0 if self.epochs is None else self.epochs
        return epochs * (1.0 if self.weight is None else self.weight) * self.drawn

    @property
    def shown(self) -> float:
        """How many examples were shown in all."""
        return (self.examples or 0) * self.times

    def to_dict(self) -> dict[str, Any]:
        """The dose as a JSON object."""
        return {
            "version": self.name,
            "id": self.version.id if self.version else None,
            "content_hash": str(self.content_hash) if self.content_hash else None,
            "examples": self.examples,
            "weight": self.weight,
            "epochs": self.epochs,
            "times": self.times,
            "through": self.through or None,
            "evidence": str(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Training:
    """A model or a run, with the runs that led to it, the last one first.

    `doses` is the training data; `unknown` says what of it is not known.
    """

    node: Node
    model: ModelRecord | None
    runs: tuple[RunRecord, ...]
    doses: tuple[Dose, ...]
    unknown: tuple[str, ...]

    @property
    def run(self) -> RunRecord | None:
        """The last run."""
        return self.runs[0] if self.runs else None

    @property
    def shown(self) -> float:
        """How many examples were shown in all, as far as is known."""
        return sum(dose.shown for dose in self.doses)


def training_of(graph: Graph, record: ModelRecord | RunRecord) -> Training:
    """What is known of the training of a model, or of a run."""
    return _Reader(graph).training(record)


@dataclass(frozen=True)
class _Reader:
    graph: Graph

    def training(self, record: ModelRecord | RunRecord) -> Training:
        node = node_of(record)
        model = record if isinstance(record, ModelRecord) else None
        run = record if isinstance(record, RunRecord) else self._run_of(record)
        runs = tuple(self._chain(run)) if run else ()
        doses = list(self._of(model.id, model.trained_on, None)) if model else []
        resumed = None
        for one in runs:
            epochs = _epochs(model if one is run else self._checkpoint(one, resumed), one)
            resumed = one.resumed_from
            # A resumed run counts epochs on: what both runs had is told by the later one.
            told = {dose.content_hash or dose.name for dose in doses}
            found = self._of(one.id, one.inputs, epochs)
            doses += [dose for dose in found if (dose.content_hash or dose.name) not in told]
        unknown = [_unknown(dose) for dose in doses if dose.version is None]
        if not doses:
            unknown.append(f"on what {node.ref} was trained is not recorded")
        return Training(node, model, runs, tuple(doses), tuple(unknown))

    def _of(self, child: str, inputs: Sequence[RunInput], epochs: float | None) -> Iterator[Dose]:
        """The training data among the inputs of a run or a model."""
        for entry in inputs:
            if entry.role == "train":
                known = epochs if entry.epochs is None else entry.epochs
                yield from self._doses(child, entry, known)

    def _run_of(self, model: ModelRecord) -> RunRecord | None:
        """The run that made a model, or the one that it is a quantisation or merge of."""
        seen: set[str] = set()
        todo = [model.id]
        while todo:
            id_ = todo.pop(0)
            if id_ in seen:
                continue
            seen.add(id_)
            record = self._record(id_)
            if not isinstance(record, ModelRecord):
                continue
            made = self._record(record.generated_by or "")
            if isinstance(made, RunRecord):
                return made
            if not record.trained_on:
                todo += [edge.parent for edge in self.graph.parents(id_) if edge.role == "base"]
        return None

    def _checkpoint(self, run: RunRecord, name: str | None) -> ModelRecord | None:
        """The checkpoint of a run that another run went on from."""
        label = PurePosixPath(name or "").name
        for edge in self.graph.children(run.id) if label else ():
            record = self._record(edge.child)
            if isinstance(record, ModelRecord) and record.label == label:
                return record
        return None

    def _chain(self, run: RunRecord) -> Iterator[RunRecord]:
        seen: set[str] = set()
        one: Record | None = run
        while isinstance(one, RunRecord) and one.id not in seen:
            seen.add(one.id)
            yield one
            one = self._record(one.continues or "")

    def _doses(self, child: str, entry: RunInput, epochs: float | None) -> Iterator[Dose]:
        subject = self._record(entry.subject or "")
        if isinstance(subject, MixtureRecord):
            yield from self._mixed(subject, entry, epochs)
            return
        version = subject if isinstance(subject, DatasetRecord) else self._linked(child, entry)
        content = version.content_hash if version else entry.content_hash
        yield Dose(
            name=node_of(version).ref if version else _called(entry),
            version=version,
            content_hash=content,
            examples=version.examples if version else entry.examples,
            weight=entry.weight,
            epochs=epochs,
            evidence=entry.evidence,
        )

    def _mixed(
        self, mixture: MixtureRecord, entry: RunInput, epochs: float | None
    ) -> Iterator[Dose]:
        drawn = plan(mixture.components).drawn
        for component, count in zip(mixture.components, drawn, strict=True):
            version = self._record(component.subject)
            known = version if isinstance(version, DatasetRecord) else None
            yield Dose(
                name=node_of(known).ref if known else component.subject[:23],
                version=known,
                content_hash=known.content_hash if known else None,
                examples=component.examples,
                weight=entry.weight,
                epochs=epochs,
                evidence=entry.evidence,
                drawn=count / max(1, component.examples),
                through=node_of(mixture).ref,
            )

    def _linked(self, child: str, entry: RunInput) -> DatasetRecord | None:
        """The newest version that has the content that a run received."""
        if entry.content_hash is None:
            return None
        found = [
            record
            for edge in self.graph.parents(child)
            if edge.role == entry.role and edge.parent.startswith("dataset:")
            if isinstance(record := self._record(edge.parent), DatasetRecord)
            and record.content_hash == entry.content_hash
        ]
        return max(found, key=lambda one: (one.created_at, one.id), default=None)

    def _record(self, id_: str) -> Record | None:
        try:
            return self.graph.record(id_) if id_ else None
        except NotFoundError:
            return None


def _epochs(model: ModelRecord | None, run: RunRecord) -> float | None:
    """How often a model had seen its data: by what it consumed, else by its run."""
    if model is not None:
        if model.consumed is not None and model.consumed.epochs is not None:
            return model.consumed.epochs
        if model.epoch is not None:
            return model.epoch
    return run.epochs


def _called(entry: RunInput) -> str:
    if entry.uri:
        return entry.uri
    if entry.content_hash is not None:
        return f"content {entry.content_hash.short}"
    return (entry.subject or "unnamed data")[:40]


def _unknown(dose: Dose) -> str:
    if dose.through:
        return f"{dose.name}, a part of {dose.through}, is not in this work tree"
    return f"{dose.name} is no version that is recorded here"
