"""Lineage as GraphML, which networkx, Gephi and yEd read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dslineage_cli.sanitise import visible

if TYPE_CHECKING:
    from dslineage.lineage.picture import Picture


_NOT_XML = re.compile("[\ufffe\uffff]")


def text(picture: Picture) -> str:
    """The graph: nodes by id, edges from what is rested on to what rests on it, keyed by role."""
    from networkx import MultiDiGraph, generate_graphml

    graph: MultiDiGraph[str] = MultiDiGraph()
    for figure in picture.figures:
        node = figure.node
        graph.add_node(
            node.id,
            kind=node.kind,
            ref=safe(node.ref),
            created_at=safe(node.created_at),
            missing=node.missing,
            claims=safe(", ".join(claim.type for claim in figure.claims)),
            gaps=safe("; ".join(f"{gap.kind}: {gap.message}" for gap in figure.gaps)),
            **{
                name: safe(str(fact)) if isinstance(fact, str) else fact
                for name, fact in figure.facts.items()
                if isinstance(fact, str | int | float)
            },
        )
    for edge in picture.edges:
        graph.add_edge(edge.parent, edge.child, key=edge.role, evidence=str(edge.evidence))
    graph.graph["beyond"] = picture.beyond
    graph.graph["damaged"] = safe("; ".join(picture.damaged))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(generate_graphml(graph)) + "\n"


def safe(said: str) -> str:
    """A text that XML 1.0 can hold, and in which nothing is obeyed."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(said))
