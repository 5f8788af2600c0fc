"""The graph at a glance: how much there is, its youngest ends, and what stands alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.lineage.gaps import NodeGap
from dslineage.lineage.graph import AGE, Graph
from dslineage.lineage.impact import Impact
from dslineage.lineage.node import Node

_NEWEST = f"""
SELECT k.text, r.kind, r.name, r.label, r.created, p.states FROM (
  SELECT n, count(*) OVER (PARTITION BY name) AS states,
    lead(n) OVER (PARTITION BY name ORDER BY {AGE}) AS later
  FROM record WHERE kind = ?
) p JOIN record r ON r.n = p.n JOIN key k ON k.n = p.n WHERE p.later IS NULL ORDER BY r.name
"""  # noqa: S608 - our own words
_UNCONNECTED = """
SELECT id FROM head h WHERE kind != 'claim'
AND NOT EXISTS (SELECT 1 FROM link l JOIN record r ON r.n = l.target WHERE l.child = h.n)
AND NOT EXISTS (SELECT 1 FROM link l WHERE l.target = h.n AND l.role != 'about')
"""
_KINDS = ("source", "step", "dataset", "mixture", "run", "model", "claim")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest state of a name, of how many; and how many nodes it rests on, or rest on it."""

    node: Node
    states: int
    parents: int
    children: int

    def to_dict(self) -> dict[str, Any]:
        """The head as a JSON object."""
        return {
            "id": self.node.id,
            "ref": self.node.ref,
            "states": self.states,
            "parents": self.parents,
            "children": self.children,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole graph: nodes by kind, heads, what is unconnected, gaps by kind, damaged files."""

    counts: Mapping[str, int]
    datasets: tuple[Head, ...]
    models: tuple[Head, ...]
    unconnected: tuple[Node, ...]
    gaps: Mapping[str, int]
    damaged: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return {
            "schema": "dslineage.lineage-summary/1",
            "nodes": dict(self.counts),
            "datasets": [head.to_dict() for head in self.datasets],
            "models": [head.to_dict() for head in self.models],
            "unconnected": [{"id": node.id, "ref": node.ref} for node in self.unconnected],
            "gaps": dict(self.gaps),
            "damaged": list(self.damaged),
        }


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is not known about a node and all that it rests on, or about anything."""

    of: Node | None
    gaps: tuple[NodeGap, ...]
    damaged: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The gaps as a JSON object."""
        return {
            "schema": "dslineage.gaps/1",
            "of": self.of.id if self.of else None,
            "gaps": [{"id": node.id, "ref": node.ref, **gap.to_dict()} for node, gap in self.gaps],
            "damaged": list(self.damaged),
        }


@dataclass(frozen=True, slots=True)
class Reach:
    """What rests on a node; `damaged` are files that could not be read, and might belong here."""

    impact: Impact
    damaged: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The reach as a JSON object."""
        impact = self.impact
        return {
            "schema": "dslineage.impact/1",
            "of": impact.of.id,
            **{
                name: [{"id": node.id, "ref": node.ref} for node in getattr(impact, name)]
                for name in ("versions", "steps", "mixtures", "runs", "models")
            },
            "deployments": [
                {"model": one.model.id, "ref": one.model.ref, "claim": one.claim.id}
                for one in impact.deployments
            ],
            "damaged": list(self.damaged),
        }


def summary(graph: Graph) -> Summary:
    """The whole graph at a glance."""
    counts = dict(graph.entries.ask("SELECT kind, count(*) FROM record GROUP BY kind"))
    return Summary(
        {kind: counts.get(kind, 0) for kind in _KINDS},
        tuple(_heads(graph, "dataset")),
        tuple(_heads(graph, "model")),
        tuple(_unconnected(graph)),
        graph.gap_counts(),
        tuple(one.path for one in graph.damaged),
    )


def gaps(graph: Graph, of: Node | None) -> Gaps:
    """What is not known about a node and all that it rests on, or about anything."""
    return Gaps(of, graph.gaps(of.id if of else None), tuple(one.path for one in graph.damaged))


def reach(graph: Graph, node: Node) -> Reach:
    """What rests on a node."""
    return Reach(graph.impact(node.id), tuple(one.path for one in graph.damaged))


def _heads(graph: Graph, kind: str) -> Iterator[Head]:
    """The newest of each name, by name."""
    newest = [(Node(*head), states) for *head, states in graph.entries.ask(_NEWEST, kind)]
    ids = [node.id for node, _ in newest]
    up = Counter(edge.child for edge in graph.edges_up(ids))
    down = Counter(edge.parent for edge in graph.edges_down(ids))
    for node, states in newest:
        yield Head(node, states, up[node.id], down[node.id])


def _unconnected(graph: Graph) -> list[Node]:
    """The nodes that rest on nothing and that nothing rests on, but for claims."""
    alone = {id_ for (id_,) in graph.entries.ask(_UNCONNECTED)}
    linked = {edge.child for edge in graph.edges_up(alone)}
    linked |= {edge.parent for edge in graph.edges_down(alone)}
    nodes = graph.nodes_of(alone - linked).values()
    return sorted(nodes, key=lambda one: (one.kind, one.name, *one.age))
