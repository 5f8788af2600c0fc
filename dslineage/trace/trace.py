"""Tracing one example: where it came from, where it went, and which models saw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Self

from dslineage.lineage.ancestry import Kind
from dslineage.lineage.rowindex import bits
from dslineage.trace.exposure import Exposure, Trainings
from dslineage.trace.history import History
from dslineage.trace.threads import Reached, Threads
from dslineage.trace.traced import Begin, End, ExampleTrace, Seen, TracedForm, Unmatched

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.node import Node
    from dslineage.store.store import Store


class Tracer:
    """Answers about examples, from all that a work tree has recorded.

    Args:
        history: the versions and the graph.
        infer: whether the diff is asked for the parents of which nothing is recorded.
    """

    def __init__(self, history: History, *, infer: bool = True) -> None:
        self.history = history
        self.threads = Threads(history, infer=infer)
        self.trainings = Trainings(history)

    @classmethod
    def of(cls, graph: Graph, store: Store, *, infer: bool = True) -> Self:
        """A tracer over the records and the store of a repository."""
        return cls(History.of(graph, store), infer=infer)

    @property
    def unsearched(self) -> dict[str, str]:
        """The versions whose examples could not be looked at, by how people name them, and why."""
        failed = self.history.index.unsearched
        return {self.history.nodes[id_].ref: why for id_, why in sorted(failed.items())}

    def named(self, numbers: Mapping[int, str]) -> dict[str, str]:
        """What is said of versions by their numbers, by how people name them."""
        return {self.history.node(number).ref: numbers[number] for number in sorted(numbers)}

    def trace(self, digest: bytes) -> ExampleTrace:
        """All that is known of the example with a digest."""
        later = self.threads.descendants([digest])
        earlier = self.threads.ancestors([digest])
        seen = self.seen(later)
        ends: dict[bytes, list[End]] = {}
        for form, last, version in self.threads.ends(later):
            ends.setdefault(form, []).append(self._end(form, last, version))
        return ExampleTrace(
            form=self._traced(later[digest], ends),
            example=self.history.index.example(self.threads.form(digest)),
            earlier=tuple(self._traced(earlier[one], {}) for one in _others(earlier, digest)),
            later=tuple(
                self._traced(later[one], ends)
                for one in _others(later, digest)
                if one not in earlier
            ),
            seen=seen,
            unmatched=self.unmatched(seen),
            forgotten=self.history.index.is_forgotten(self.threads.form(digest)),
        )

    def seen(self, later: Mapping[bytes, Reached]) -> tuple[Seen, ...]:
        """Runs and models that saw any of some forms, or may have; and who was evaluated on it."""
        exposures = self.trainings.exposures(later)
        found = [
            *(self._seen(id_, "train", one) for id_, one in exposures.trained.items()),
            *(self._seen(id_, "eval", one) for id_, one in exposures.evaluated.items()),
        ]
        nodes = self.history.nodes
        return tuple(
            sorted(
                found, key=lambda one: (one.role != "train", nodes[one.id].ref, nodes[one.id].age)
            )
        )

    def unmatched(self, seen: Iterable[Seen]) -> tuple[Unmatched, ...]:
        """The models that are not among those that saw an example."""
        ids = {one.id for one in seen if one.role == "train"}
        left = (self.history.nodes[id_] for id_ in self.trainings.models if id_ not in ids)
        found = (Unmatched(node.ref, node.id, self.trainings.gap(node.id)) for node in left)
        return tuple(sorted(found))

    def _traced(self, reached: Reached, ends: Mapping[bytes, list[End]]) -> TracedForm:
        digest, versions = reached.form
        by_dataset: dict[str, list[tuple[int, str]]] = {}
        for number in bits(versions):
            node = self.history.node(number)
            by_dataset.setdefault(node.name, []).append((int(node.label[1:]), node.label))
        return TracedForm(
            digest=digest.hex(),
            kind=reached.kind,
            evidence=str(reached.evidence),
            inferred_by=tuple(link.by for link in reached.path if link.kind is Kind.INFERRED),
            versions={
                name: tuple(label for _, label in sorted(labels))
                for name, labels in sorted(by_dataset.items())
            },
            begins=tuple(self._begin(digest, one) for one in self.history.begins(versions)),
            ends=tuple(ends.get(digest, ())),
        )

    def _begin(self, digest: bytes, version: int) -> Begin:
        node, step = self.history.node(version), self.history.step(version)
        sources = {edge.parent: None for edge in self.history.sources(version)}
        return Begin(
            version=node.ref,
            id=node.id,
            step=self.history.nodes[step.id].ref if step else "",
            message=step.message if step else "",
            sources=tuple(self.history.nodes[id_].ref for id_ in sorted(sources)),
            parents=tuple(self.threads.parents_in(digest, version)),
        )

    def _end(self, digest: bytes, last: int, version: int) -> End:
        step = self.history.step(version)
        return End(
            self.history.node(version).ref,
            self.history.node(last).ref,
            self.history.nodes[step.id].ref if step else "",
            self.threads.dropped(digest, version),
        )

    def _seen(self, id_: str, role: str, exposure: Exposure) -> Seen:
        nodes = self.history.nodes
        return Seen(
            ref=self._ref(nodes[id_]),
            id=id_,
            role=role,
            answer=exposure.answer if role == "train" else "was evaluated on it",
            digest=exposure.digest.hex(),
            kind=exposure.kind,
            version=self.history.node(exposure.version).ref,
            evidence=str(exposure.evidence),
            whys=exposure.whys,
            through=tuple(self._ref(nodes[one]) for one in exposure.through),
        )

    def _ref(self, node: Node) -> str:
        """What a run or a model is called, with the digits of its id where others are, too."""
        return node.title if self._called[node.ref] > 1 else node.ref

    @cached_property
    def _called(self) -> Counter[str]:
        return Counter(node.ref for node in self.history.nodes.values())


def _others(reached: Mapping[bytes, Reached], digest: bytes) -> list[bytes]:
    """What was reached beyond the start, the surest and the nearest first."""
    found = (one for one in reached if one != digest)
    return sorted(found, key=lambda one: (reached[one].kind, len(reached[one].path), one))
