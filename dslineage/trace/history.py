"""The versions of a work tree, numbered, and which of them were made of which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self

from dslineage.lineage.rowindex import RowIndex, bits
from dslineage.records import DatasetRecord, StepRecord

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.node import Edge, Node
    from dslineage.store.store import Store


@dataclass(frozen=True, eq=False)
class History:
    """Versions by the numbers of the index; a set of versions is a number with their bits.

    `above` has, for each version, those that it was made of: its parents, and the inputs of its
    step. Where a version could not be read, those that it was made of take its place. `edges` are
    all edges of the graph, by the child.
    """

    graph: Graph
    index: RowIndex
    nodes: Mapping[str, Node]
    edges: Mapping[str, Sequence[Edge]]
    above: Sequence[int]

    @classmethod
    def of(cls, graph: Graph, store: Store) -> Self:
        """The history that a graph tells of the versions whose rows are in a store."""
        nodes = {node.id: node for node in graph.nodes()}
        edges = defaultdict(list)
        for edge in graph.edges_up(None):
            edges[edge.child].append(edge)
        versions = [id_ for id_, node in nodes.items() if node.kind == "dataset"]
        made_of = {id_: _made_of(id_, nodes, edges) for id_ in versions}

        index = RowIndex.over(store, list(in_lines(made_of)), partial(_version, graph))
        above = [0 if id_ is None else _numbers(id_, made_of, index) for id_ in index.ids]
        return cls(graph, index, nodes, edges, above)

    @cached_property
    def below(self) -> Sequence[int]:
        """For each version, those that were made of it."""
        found = [0] * len(self.above)
        for number, sources in enumerate(self.above):
            for source in bits(sources):
                found[source] |= 1 << number
        return found

    @cached_property
    def _next(self) -> int:
        """The versions that were made of the one with the number before theirs."""
        return sum(1 << i for i, above in enumerate(self.above) if i and above >> (i - 1) & 1)

    @cached_property
    def _forks(self) -> int:
        """The versions of which another one was made than that with the next number."""
        return sum(1 << i for i, below in enumerate(self.below) if below & ~(1 << (i + 1)))

    @cached_property
    def steps(self) -> Mapping[str, StepRecord]:
        """All steps by id."""
        ids = [id_ for id_, node in self.nodes.items() if node.kind == "step"]
        records = ((id_, self.graph.record(id_)) for id_ in ids)
        return {id_: record for id_, record in records if isinstance(record, StepRecord)}

    def id(self, number: int) -> str:
        """The id of a version by its number."""
        found = self.index.ids[number]
        if found is None:
            raise KeyError(number)
        return found

    def record(self, number: int) -> DatasetRecord:
        """The whole record of a version."""
        return _version(self.graph, self.id(number))

    def node(self, number: int) -> Node:
        """A version by its number."""
        return self.nodes[self.id(number)]

    def step(self, number: int) -> StepRecord | None:
        """The step that made a version, where one is recorded."""
        return next(
            (
                self.steps[edge.parent]
                for edge in self.edges.get(self.id(number), ())
                if edge.role == "generated-by" and edge.parent in self.steps
            ),
            None,
        )

    def sources(self, number: int) -> Iterator[Edge]:
        """The edges to the sources of a version: its own, and the inputs of its step."""
        for edge in self.edges.get(self.id(number), ()):
            if edge.parent.startswith("source:"):
                yield edge
            elif edge.role == "generated-by":
                inputs = self.edges.get(edge.parent, ())
                yield from (one for one in inputs if one.parent.startswith("source:"))

    def begins(self, versions: int) -> Iterator[int]:
        """Those of some versions that were made of none of the others."""
        for number in bits(versions & ~((versions << 1) & self._next)):
            if not versions & self.above[number]:
                yield number

    def ends(self, versions: int) -> Iterator[tuple[int, int]]:
        """Pairs of one of some versions and one that was made of it and is none of them."""
        for number in bits(versions & (~((versions & self._next) >> 1) | self._forks)):
            for child in bits(self.below[number] & ~versions):
                yield number, child

    def latest(self, versions: int) -> Iterator[int]:
        """Those of some versions of which none of the others was made."""
        for number in bits(versions):
            if not versions & self.below[number]:
                yield number


def _version(graph: Graph, id_: str) -> DatasetRecord:
    record = graph.record(id_)
    if not isinstance(record, DatasetRecord):
        raise TypeError(f"{id_} is no version")
    return record


def in_lines(made_of: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """All versions, each after those that it was made of; those of one line together."""
    children: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for child, parents in made_of.items():
        waiting[child] = 0
        for parent in parents:
            children.setdefault(parent, []).append(child)
            waiting[child] += 1
    ready = [id_ for id_, count in sorted(waiting.items(), reverse=True) if not count]
    while ready:
        one = ready.pop()
        yield one
        for child in sorted(children.get(one, ()), reverse=True):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)


def _made_of(
    id_: str, nodes: Mapping[str, Node], edges: Mapping[str, Sequence[Edge]]
) -> tuple[str, ...]:
    """The versions that a version names, or its step, or a mixture that went into that."""
    found: dict[str, None] = {}
    todo = [id_]
    while todo:
        for edge in edges.get(todo.pop(), ()):
            kind = edge.parent.partition(":")[0]
            if kind == "dataset" and edge.parent in nodes and edge.parent != id_:
                found[edge.parent] = None
            elif kind in {"step", "mixture"}:
                todo.append(edge.parent)
    return tuple(found)


def _numbers(id_: str, made_of: Mapping[str, Sequence[str]], index: RowIndex) -> int:
    """The bits of what a version was made of, passing over versions that could not be read."""
    found, seen = 0, set()
    todo = list(made_of[id_])
    while todo:
        one = todo.pop()
        if one in index.number:
            found |= 1 << index.number[one]
        elif one not in seen:
            seen.add(one)
            todo += made_of[one]
    return found
