"""What was decided about nodes because of a recall: claims of the type `decision`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.records import ClaimRecord

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a node: `retrain`, `unlearn`, `suppress` or `accept`."""

    decision: str
    reason: str
    author: str
    created_at: str

    def to_dict(self) -> dict[str, Any]:
        """The decision as a JSON object."""
        return {
            "decision": self.decision,
            "reason": self.reason,
            "author": self.author,
            "created_at": self.created_at,
        }


def decisions_about(graph: Graph, recall: str) -> dict[str, Decision]:
    """What was decided because of a recall, the last word about each node, by its id."""
    return {
        claim.subject: Decision(
            str(claim.body.get("decision", "")),
            str(claim.body.get("reason", "")),
            claim.author,
            claim.created_at,
        )
        for claim in claims_about(graph, "decision", recall)
    }


def claims_about(graph: Graph, type_: str, recall: str) -> Iterator[ClaimRecord]:
    """The claims of a type that name a recall, oldest first."""
    nodes = (node for node in graph.nodes("claim") if node.label == type_)
    for node in sorted(nodes, key=lambda one: (one.created_at, one.id)):
        record = graph.record(node.id)
        if isinstance(record, ClaimRecord) and record.body.get("recall") == recall:
            yield record
