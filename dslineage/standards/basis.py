"""What a document is made of: a node, all that it rests on, and what is not known of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from dslineage.lineage.gaps import NodeGap
from dslineage.lineage.node import Edge, Node, node_of
from dslineage.lineage.paths import reached
from dslineage.records import ClaimRecord, Evidence, Gap, Record

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph

R = TypeVar("R", bound=Record)

_ACTIVITIES = {"step", "run"}


@dataclass(frozen=True)
class Basis:
    """A node with all that it rests on: nodes, records, edges, claims and gaps, each sorted.

    A node that is named and whose record is not there has no record. Files of records that cannot
    be read, and might belong here, are gaps of `focus`.
    """

    focus: Node
    nodes: Mapping[str, Node]
    records: Mapping[str, Record]
    edges: tuple[Edge, ...]
    claims: tuple[ClaimRecord, ...]
    gaps: tuple[NodeGap, ...]
    _above: Mapping[str, list[Edge]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, graph: Graph, focus: Node) -> Basis:
        """Read what a node rests on.

        Raises:
            IntegrityError: a record of it was edited.
        """
        ids = [focus.id, *graph.up(focus.id)]
        nodes = sorted(graph.nodes_of(ids).values(), key=_place)
        edges = tuple(edge for edge in graph.edges_up(ids) if edge.role != "about")
        above = defaultdict(list)
        for edge in edges:
            above[edge.child].append(edge)
        claims = (one for some in graph.claims_of(ids).values() for one in some)
        unread = (NodeGap(focus, _unread(one.path)) for one in graph.damaged)
        return cls(
            focus,
            {node.id: node for node in nodes},
            {node.id: graph.record(node.id) for node in nodes if not node.missing},
            edges,
            tuple(_claim(graph, one) for one in sorted(claims, key=_place)),
            (*graph.gaps_of(ids), *unread),
            above,
        )

    def every(self, kind: type[R]) -> Iterator[tuple[Node, R]]:
        """The nodes of one kind of record, with their records."""
        for id_, record in self.records.items():
            if isinstance(record, kind):
                yield self.nodes[id_], record

    def record(self, id_: str, kind: type[R]) -> R | None:
        """The record of a node, if it is there and of a kind."""
        record = self.records.get(id_)
        return record if isinstance(record, kind) else None

    def above(self, id_: str, *roles: str) -> tuple[Edge, ...]:
        """The edges from a node to what it rests on directly, in some roles or in all."""
        return tuple(edge for edge in self._above.get(id_, ()) if not roles or edge.role in roles)

    def gaps_of(self, id_: str) -> tuple[Gap, ...]:
        """What is not known about a node."""
        return tuple(gap for node, gap in self.gaps if node.id == id_)

    def claims_about(self, id_: str, type_: str | None = None) -> tuple[ClaimRecord, ...]:
        """What is claimed about a node, the oldest first."""
        return tuple(one for one in self.claims if one.subject == id_ and type_ in {None, one.type})

    def things_above(self, id_: str) -> tuple[str, ...]:
        """The nearest nodes above that are no steps and no runs, by id."""
        return tuple(sorted(one for one in self._nearest(id_) if not self.is_activity(one)))

    def makers(self, id_: str) -> tuple[str, ...]:
        """The steps and runs between a node and the things above it, by id."""
        return tuple(sorted(one for one in self._nearest(id_) if self.is_activity(one)))

    def is_activity(self, id_: str) -> bool:
        """Whether a node is a step or a run: something that happened."""
        return self.nodes[id_].kind in _ACTIVITIES

    def evidence(self) -> dict[str, Evidence]:
        """How strongly `focus` is known to rest on each node above it.

        It is the weakest edge on the path whose weakest edge is the strongest.
        """
        found: dict[str, Evidence] = {}
        for floor in sorted(Evidence, key=lambda one: -one.strength):
            for id_ in reached(self.focus.id, None, partial(self._up, floor)):
                found.setdefault(id_, floor)
        return found

    def _nearest(self, id_: str) -> set[str]:
        """The nodes above, up to the first that is no step and no run on each path."""
        found: set[str] = set()
        front = [id_]
        while front:
            parents = {edge.parent for edge in self.above(front.pop())} - found
            front += [one for one in parents if self.is_activity(one)]
            found |= parents
        return found

    def _up(self, floor: Evidence, ids: Iterable[str]) -> list[str]:
        return [
            edge.parent
            for id_ in ids
            for edge in self.above(id_)
            if edge.evidence.strength >= floor.strength
        ]


def _place(node: Node) -> tuple[str, str, str, str]:
    return node.kind, node.name, node.created_at, node.id


def _unread(path: str) -> Gap:
    return Gap("damaged-record", f"{path} cannot be read, and might say more")


def _claim(graph: Graph, node: Node) -> ClaimRecord:
    record = graph.record(node.id)
    if not isinstance(record, ClaimRecord):
        raise TypeError(f"{node_of(record).ref} is no claim")
    return record
