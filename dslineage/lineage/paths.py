"""Ways through the graph: what can be reached, and how strongly it is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dslineage.lineage.node import Edge
from dslineage.records import Evidence, weakest


@dataclass(frozen=True, slots=True)
class PathEvidence:
    """How strongly a node is known to rest on another.

    `best` is the path whose weakest edge is the strongest, then the shortest, from the child;
    `evidence` is that weakest edge. `least` is the weakest edge on any path.
    """

    best: tuple[Edge, ...]
    evidence: Evidence
    least: Evidence


def reached(
    start: str, depth: int | None, further: Callable[[list[str]], Iterable[str]]
) -> dict[str, int]:
    """What can be reached from a node, without itself, and in how many steps; breadth first."""
    found = {start: 0}
    front = [start]
    while front and (depth is None or found[front[0]] < depth):
        away = found[front[0]] + 1
        front = [one for one in dict.fromkeys(further(front)) if one not in found]
        found |= dict.fromkeys(front, away)
    del found[start]
    return found


def path_evidence(edges: Sequence[Edge], child: str, parent: str) -> PathEvidence | None:
    """The evidence of all paths between two nodes, of which `edges` are the edges."""
    best = _best_path(edges, child, parent)
    if not best:
        return None
    return PathEvidence(
        best,
        weakest(edge.evidence for edge in best),
        weakest(edge.evidence for edge in edges),
    )


def _best_path(edges: Iterable[Edge], child: str, parent: str) -> tuple[Edge, ...]:
    """The shortest of the paths whose weakest edge is the strongest; none where there is none."""
    for floor in sorted(Evidence, key=lambda one: -one.strength):
        resting = defaultdict(list)
        for edge in sorted(edges):
            if edge.evidence.strength >= floor.strength:
                resting[edge.child].append(edge)
        path = _shortest(resting, child, parent)
        if path:
            return path
    return ()


def _shortest(resting: Mapping[str, list[Edge]], child: str, parent: str) -> tuple[Edge, ...]:
    came: dict[str, tuple[Edge, ...]] = {child: ()}
    front = [child]
    while front and parent not in came:
        following = []
        for one in front:
            for edge in resting.get(one, ()):
                if edge.parent not in came:
                    came[edge.parent] = (*came[one], edge)
                    following.append(edge.parent)
        front = following
    return came.get(parent, ())
