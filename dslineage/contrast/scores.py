"""Scores of evaluations, as people claimed them of two models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.records import ClaimRecord

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph

_TERMS = ("set", "harness", "shots")
"""What has to be the same for two scores of one evaluation to be comparable."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The newest scores of one evaluation; None where nobody claimed one.

    `reason` says why the two cannot be compared, empty where they can.
    """

    evaluation: str
    metric: str
    before: float | None
    after: float | None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The scores as a JSON object."""
        return {
            "evaluation": self.evaluation,
            "metric": self.metric or None,
            "from": self.before,
            "to": self.after,
            "comparable": not self.reason and None not in (self.before, self.after),
            **({"reason": self.reason} if self.reason else {}),
        }


def scores(graph: Graph, before: str, after: str) -> tuple[Scored, ...]:
    """The evaluations of two nodes, beside each other."""
    sides = _newest(graph, before), _newest(graph, after)
    return tuple(_scored(*key, *(side.get(key) for side in sides))
                 for key in sorted({*sides[0], *sides[1]}))  # fmt: skip


def _newest(graph: Graph, id_: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for node in graph.claims(id_, "evaluation"):
        claim = graph.record(node.id)
        if isinstance(claim, ClaimRecord):
            found[str(claim.body["evaluation"]), str(claim.body.get("metric", ""))] = claim.body
    return found


def _scored(
    evaluation: str, metric: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Scored:
    older, newer = (float(one["score"]) if one else None for one in (before, after))
    other = [name for name in _TERMS if before and after and before.get(name) != after.get(name)]
    return Scored(
        evaluation, metric, older, newer, f"another {' and '.join(other)}" if other else ""
    )
