"""Which trainings led to a model, and which data each of them was given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeVar

from dslineage.audit.lines import BaseLine, Ground, Part, Relation, Stage, Use
from dslineage.audit.reading import Reader
from dslineage.lineage import doubts
from dslineage.lineage.node import Edge, Node
from dslineage.records import (
    Base,
    Component,
    Consumed,
    DatasetRecord,
    Evidence,
    MixtureRecord,
    ModelRecord,
    RunInput,
    RunRecord,
    weakest,
)

R = TypeVar("R", ModelRecord, RunRecord)


class Way(NamedTuple):
    """The way from the audited model to a node; see `Ground`."""

    to: Node
    linked: Evidence
    weak: str
    held: bool

    @property
    def ground(self) -> Ground:
        """How well the node at its end is known to belong to the model."""
        return Ground(self.linked, self.weak, self.held)

    def on(self, node: Node, evidence: Evidence, held: Collection[str]) -> Way:
        """The way over one more link; `held` are the ids of what was hashed again."""
        linked = weakest((self.linked, evidence))
        weakens = linked is not self.linked or (linked is evidence and not self.weak)
        weak = f"{self.to.ref} → {node.ref}" if weakens else self.weak
        return Way(node, linked, weak, self.held and node.id in held)


@dataclass
class Walk:
    """Goes from a model back through its trainings; `stages` and `bases` grow, the nearest first.

    `held` are the ids of the nodes that were hashed again, and were what is recorded.
    """

    reader: Reader
    held: Collection[str] = ()
    stages: list[Stage] = field(default_factory=list)
    bases: list[BaseLine] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def begin(self, node: Node) -> None:
        """Walk from a model or a run."""
        record = self.reader.record(node.id, ModelRecord) or self.reader.record(node.id, RunRecord)
        evidence = record.evidence if record else Evidence.DECLARED
        way = Way(node, evidence, "", node.id in self.held)
        if node.kind == "run":
            self._run(way, "own", None)
        else:
            self._model(way, "own")

    def _model(self, way: Way, relation: Relation) -> None:
        model = self._new(way.to, ModelRecord)
        if model is None:
            return
        edges = self.reader.parents(model.id)
        for edge in edges:
            if edge.role == "generated-by" and edge.parent.startswith("run:"):
                self._run(self._along(way, edge), relation, model.consumed)
        if model.trained_on:
            self._declared(way, model, relation, edges)
        self._made_of(way, model, relation, edges)

    def _made_of(
        self, way: Way, model: ModelRecord, relation: Relation, edges: Sequence[Edge]
    ) -> None:
        """The models that a model names, that its step had, or that hold the same tensors."""
        self._started(way, model.derived_from, relation, edges, model)
        for edge in edges:
            if edge.role == "generated-by" and edge.parent.startswith("step:"):
                made = self._along(way, edge)
                for part in self.reader.parents(edge.parent):
                    if part.parent.startswith("model:"):
                        self._base(made, Base(self.reader.node(part.parent).ref), part, relation)
        if not (model.generated_by or model.trained_on) and model.weights_hash is not None:
            for twin in self.reader.models_with(model.weights_hash):
                if twin.id not in self._seen:
                    self._model(way.on(twin, Evidence.RECORDED, self.held), "same")

    def _run(self, way: Way, relation: Relation, consumed: Consumed | None) -> None:
        run = self._new(way.to, RunRecord)
        if run is None:
            return
        way = way._replace(linked=weakest((way.linked, run.evidence)))
        edges = self.reader.parents(run.id)
        whys = doubts.of_run(run) if consumed is None else doubts.of_model(consumed)
        self.stages.append(
            Stage(
                node=way.to,
                relation=relation,
                uses=tuple(self._uses(way, run.inputs, edges)),
                ground=way.ground,
                consumed=consumed,
                whys=tuple(whys),
                status=run.status,
                steps=run.steps,
                epochs=run.epochs,
                seed=run.seed,
                code=run.code,
                started_at=run.started_at,
            )
        )
        self._started(way, (run.base,) if run.base else (), relation, edges)
        for edge in edges:
            if edge.role == "continues":
                earlier: Relation = "earlier" if relation == "own" else relation
                seen = self._resumed(edge.parent, run.resumed_from)
                self._run(self._along(way, edge), earlier, seen)

    def _resumed(self, run: str, name: str | None) -> Consumed:
        """How much the checkpoint of a run had seen from which another went on."""
        wanted = PurePosixPath(name or "").name
        for edge in self.reader.children(run):
            if edge.role == "generated-by" and self.reader.node(edge.child).label == wanted:
                model = self.reader.record(edge.child, ModelRecord)
                if model is not None and model.consumed is not None:
                    return model.consumed
        return Consumed("unknown", why="from which checkpoint it went on is not recorded")

    def _declared(
        self, way: Way, model: ModelRecord, relation: Relation, edges: Sequence[Edge]
    ) -> None:
        self.stages.append(
            Stage(
                node=way.to,
                relation=relation,
                uses=tuple(self._uses(way, model.trained_on, edges)),
                ground=way.ground,
                consumed=model.consumed,
                whys=tuple(doubts.of_model(model.consumed)),
            )
        )

    def _started(
        self,
        way: Way,
        bases: Sequence[Base],
        relation: Relation,
        edges: Sequence[Edge],
        model: ModelRecord | None = None,
    ) -> None:
        """Each base, with the recorded models that it is; one that is nowhere recorded, too."""
        for base in bases:
            found = [edge for edge in edges if edge.role == "base" and self._is(edge, base)]
            for edge in found:
                same = model is not None and model.weights_hash == base.weights_hash
                self._base(way, base, edge, "same" if same and base.weights_hash else relation)
            if not found:
                ground = way._replace(held=False).ground
                self.bases.append(BaseLine(way.to, base, None, ground))

    def _base(self, way: Way, base: Base, edge: Edge, relation: Relation) -> None:
        along = self._along(way, edge)
        if relation != "same":
            self.bases.append(BaseLine(way.to, base, along.to, along.ground))
        self._model(along, "same" if relation == "same" else "base")

    def _is(self, edge: Edge, base: Base) -> bool:
        if base.subject is not None:
            return edge.parent == base.subject
        model = self.reader.record(edge.parent, ModelRecord)
        return model is not None and model.weights_hash == base.weights_hash

    def _uses(self, way: Way, inputs: Sequence[RunInput], edges: Sequence[Edge]) -> Iterator[Use]:
        for entry in inputs:
            found = [edge for edge in edges if edge.role == entry.role and self._has(edge, entry)]
            mixture = self.reader.record(entry.subject or "", MixtureRecord)
            if mixture is not None:
                yield from self._mixed(self._along(way, found[0]), mixture, entry)
            else:
                yield self._use(way, entry, found)

    def _has(self, edge: Edge, entry: RunInput) -> bool:
        if entry.subject is not None:
            return edge.parent == entry.subject
        version = self.reader.record(edge.parent, DatasetRecord)
        return version is not None and version.content_hash == entry.content_hash

    def _use(self, way: Way, entry: RunInput, found: Sequence[Edge]) -> Use:
        ways = [self._along(way, edge) for edge in found]
        best = max(ways, key=_worth, default=None)
        linked = weakest((way.linked, entry.evidence))
        ground = best.ground if best else Ground(linked, way.weak)
        return Use(
            versions=tuple(one.to for one in ways),
            examples=entry.examples if entry.examples is not None else self._examples(ways),
            content_hash=str(entry.content_hash) if entry.content_hash else None,
            whys=tuple(doubts.of_input(entry)),
            ground=ground,
            **_said(entry),
        )

    def _mixed(self, way: Way, mixture: MixtureRecord, entry: RunInput) -> Iterator[Use]:
        """The uses of a mixture's components."""
        whys = tuple(doubts.of_input(entry))
        for component in mixture.components:
            edge = Edge(mixture.id, component.subject, "component", Evidence.RECORDED)
            along = self._along(way, edge)
            yield Use(
                versions=(along.to,),
                examples=component.examples,
                whys=(*whys, *doubts.of_component(component)),
                part=_part(way.to, component),
                ground=along.ground,
                **_said(entry),
            )

    def _examples(self, ways: Sequence[Way]) -> int | None:
        records = (self.reader.record(one.to.id, DatasetRecord) for one in ways)
        return next((record.examples for record in records if record), None)

    def _along(self, way: Way, edge: Edge) -> Way:
        along = way.on(self.reader.node(edge.parent), edge.evidence, self.held)
        known = self.ways.get(edge.parent)
        if known is None or _worth(along) > _worth(known):
            self.ways[edge.parent] = along
        return along

    def _new(self, node: Node, kind: type[R]) -> R | None:
        if node.id in self._seen:
            return None
        self._seen.add(node.id)
        return self.reader.record(node.id, kind)


def _worth(way: Way) -> tuple[int, bool]:
    return way.linked.strength, way.held


def _part(mixture: Node, component: Component) -> Part:
    return Part(mixture, component.weight, component.cap, component.repeats)


def _said(entry: RunInput) -> dict[str, Any]:
    """What an input says of itself."""
    return {
        "role": entry.role,
        "weight": entry.weight,
        "epochs": entry.epochs,
        "split": entry.split,
        "uri": entry.uri,
        "prepared": entry.prepared,
    }
