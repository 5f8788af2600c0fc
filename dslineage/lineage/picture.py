"""A part of the graph, to be drawn or written: nodes with what is known of them, and edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from dslineage.lineage.graph import Graph
from dslineage.lineage.node import Edge, Node
from dslineage.records import Gap

Scope = Literal["all", "around", "up", "down", "between"]


class Remark(NamedTuple):
    """A claim about a node: what kind of claim it is, and by whom and when it was made."""

    id: str
    type: str
    author: str
    created_at: str

    def to_dict(self) -> dict[str, Any]:
        """The remark as a JSON object."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Figure:
    """One node of a picture, with what is known and said of it, and what is not known."""

    node: Node
    facts: Mapping[str, Any]
    claims: tuple[Remark, ...]
    gaps: tuple[Gap, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figure as a JSON object."""
        node = self.node
        return {
            "id": node.id,
            "kind": node.kind,
            "ref": node.ref,
            "name": node.name,
            "label": node.label,
            "created_at": node.created_at,
            "missing": node.missing,
            "facts": dict(self.facts),
            "claims": [claim.to_dict() for claim in self.claims],
            "gaps": [gap.to_dict() for gap in self.gaps],
        }


@dataclass(frozen=True, slots=True)
class Picture:
    """Some nodes and the edges among them.

    `focus` is what was asked about, none for the whole graph. `figures` are in the order of their
    distance from it, those of the whole graph the youngest first. `beyond` counts the nodes that
    would belong here and lie further away than was asked for. `damaged` names files of records
    that could not be read: what they said is not in the picture.
    """

    scope: Scope
    focus: tuple[Node, ...]
    figures: tuple[Figure, ...]
    edges: tuple[Edge, ...]
    beyond: int
    damaged: tuple[str, ...]

    @property
    def by_id(self) -> dict[str, Figure]:
        """The figures by the ids of their nodes."""
        return {figure.node.id: figure for figure in self.figures}

    @property
    def plain_edges(self) -> tuple[Edge, ...]:
        """The edges, without one from a version to its parent where a step between them says it."""
        inputs: dict[str, set[str]] = {}
        for edge in self.edges:
            if edge.role == "input":
                inputs.setdefault(edge.child, set()).add(edge.parent)
        stepped = {
            (edge.child, parent)
            for edge in self.edges
            if edge.role == "generated-by"
            for parent in inputs.get(edge.parent, ())
        }
        return tuple(
            edge
            for edge in self.edges
            if edge.role != "parent" or (edge.child, edge.parent) not in stepped
        )

    def nearest(self, most: int) -> Picture:
        """At most so many figures, the nearest, with the edges among them."""
        kept = self.figures[:most]
        ids = {figure.node.id for figure in kept}
        edges = tuple(edge for edge in self.edges if edge.child in ids and edge.parent in ids)
        beyond = self.beyond + len(self.figures) - len(kept)
        return replace(self, figures=kept, edges=edges, beyond=beyond)

    def to_dict(self) -> dict[str, Any]:
        """The picture as a JSON object."""
        return {
            "schema": "dslineage.lineage/1",
            "scope": self.scope,
            "focus": [node.id for node in self.focus],
            "nodes": [figure.to_dict() for figure in self.figures],
            "edges": [
                {
                    "child": edge.child,
                    "parent": edge.parent,
                    "role": edge.role,
                    "evidence": str(edge.evidence),
                }
                for edge in self.edges
            ],
            "beyond": self.beyond,
            "damaged": list(self.damaged),
        }


def around(
    graph: Graph, node: Node, *, up: bool = True, down: bool = True, depth: int | None = None
) -> Picture:
    """A node with what it rests on and what rests on it, so many edges far at most."""
    above, below = (graph.up(node.id) if up else {}), (graph.down(node.id) if down else {})
    distances = {node.id: 0} | above | below
    near = {id_: away for id_, away in distances.items() if depth is None or away <= depth}
    nodes = graph.nodes_of(near)
    order = sorted(near, key=lambda id_: (near[id_], *_place(nodes[id_])))
    scope: Scope = "around" if up and down else "up" if up else "down"
    return _drawn(graph, scope, (node,), order, len(distances) - len(near))


def between(graph: Graph, one: Node, other: Node) -> Picture:
    """All paths from one node to another, whichever is older."""
    return _drawn(graph, "between", (one, other), graph.between(one.id, other.id))


def everything(graph: Graph) -> Picture:
    """The whole graph, the youngest first, then nodes that are named and not there."""
    edges = [edge for edge in graph.edges_up(None) if edge.role != "about"]
    youngest = sorted(graph.nodes(), key=lambda node: (node.created_at, node.id), reverse=True)
    every = dict.fromkeys(node.id for node in youngest)
    every |= dict.fromkeys(id_ for edge in edges for id_ in (edge.child, edge.parent))
    return _drawn(graph, "all", (), list(every))


def _drawn(
    graph: Graph, scope: Scope, focus: tuple[Node, ...], ids: Sequence[str], beyond: int = 0
) -> Picture:
    nodes, facts, claims = graph.nodes_of(ids), graph.facts(ids), _remarks(graph, ids)
    gaps: dict[str, list[Gap]] = {}
    for about, gap in graph.gaps_of(ids):
        gaps.setdefault(about.id, []).append(gap)
    at = {id_: place for place, id_ in enumerate(ids)}
    edges = (edge for edge in graph.edges_up(ids) if edge.parent in at)
    return Picture(
        scope,
        focus,
        tuple(
            Figure(nodes[id_], facts.get(id_, {}), claims.get(id_, ()), tuple(gaps.get(id_, ())))
            for id_ in ids
        ),
        tuple(sorted(edges, key=lambda edge: (at[edge.child], at[edge.parent], edge.role))),
        beyond,
        tuple(one.path for one in graph.damaged),
    )


def _place(node: Node) -> tuple[str, ...]:
    return node.kind, node.ref, node.created_at, node.id


def _remarks(graph: Graph, ids: Iterable[str]) -> dict[str, tuple[Remark, ...]]:
    claims = graph.claims_of(ids)
    facts = graph.facts([claim.id for some in claims.values() for claim in some])
    return {
        id_: tuple(
            Remark(claim.id, claim.label, facts[claim.id].get("author", ""), claim.created_at)
            for claim in some
        )
        for id_, some in claims.items()
    }
