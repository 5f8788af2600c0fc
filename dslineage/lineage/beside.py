"""What stands beside versions: the sources they come from, and scores of what they trained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.disk import regular_bytes
from dslineage.errors import IntegrityError
from dslineage.members import known
from dslineage.records import ClaimRecord, SourceRecord

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.node import Edge
    from dslineage.lineage.registry import Registry

_EVALUATION = "evaluation"
_ONWARD = {"generated-by", "continues", "component"}


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """A score that somebody claims; `of` is the reference of the model or run that was scored."""

    evaluation: str
    metric: str
    of: str
    score: float
    harness: str
    claim: str

    def to_dict(self) -> dict[str, Any]:
        """The score as a JSON object."""
        return {
            "evaluation": self.evaluation,
            **known(metric=self.metric, harness=self.harness),
            "score": self.score,
            "of": self.of,
            "claim": self.claim,
        }


@dataclass(frozen=True, slots=True)
class Beside:
    """References of the sources that a version comes from, and scores of what it trained."""

    sources: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()


def beside(registry: Registry, ids: Iterable[str]) -> dict[str, Beside]:
    """What stands beside some versions, by their ids; nothing is read where there is nothing."""
    root = registry.catalog.git.root
    claims = list(_evaluations(registry))
    if not claims and not any((root / SourceRecord.folder()).glob("*/*.json")):
        return {}
    graph = registry.graph()
    wanted = list(ids)
    sources: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges_up(wanted):
        if edge.parent.startswith("source:") and graph.has(edge.parent):
            sources[edge.child].add(graph.node(edge.parent).ref)
    scores: dict[str, list[Score]] = defaultdict(list)
    for claim in claims:
        if graph.has(claim.subject) and (score := _score(claim, graph.node(claim.subject).ref)):
            for version in trained_on(graph, claim.subject):
                scores[version].append(score)
    return {id_: Beside(tuple(sorted(sources[id_])), tuple(sorted(scores[id_]))) for id_ in wanted}


def trained_on(graph: Graph, id_: str) -> set[str]:
    """The versions on which a model or a run was trained, directly or through mixtures.

    Those of a model that was made of another without training are those of the other.
    """
    found: set[str] = set()
    front, seen = [id_], {id_}
    while front:
        edges = [edge for one in front for edge in _training(graph.parents(one))]
        front = list(dict.fromkeys(edge.parent for edge in edges if edge.parent not in seen))
        seen.update(front)
        found.update(one for one in front if one.startswith("dataset:"))
        front = [one for one in front if not one.startswith("dataset:")]
    return found


def _training(edges: tuple[Edge, ...]) -> list[Edge]:
    own = [
        edge
        for edge in edges
        if edge.role == "train" or (edge.role in _ONWARD and not edge.parent.startswith("step:"))
    ]
    return own or [
        edge for edge in edges if edge.role == "base" and edge.child.startswith("model:")
    ]


def _evaluations(registry: Registry) -> Iterator[ClaimRecord]:
    """The claims of scores; `verify` names those that cannot be read."""
    folder = registry.catalog.git.root / ClaimRecord.folder()
    for path in sorted(folder.glob(f"*/{_EVALUATION}-*.json")):
        with suppress(IntegrityError):
            claim = ClaimRecord.from_bytes(regular_bytes(path), path.name)
            if claim.type == _EVALUATION:
                yield claim


def _score(claim: ClaimRecord, of: str) -> Score | None:
    """The score that a claim says; None where it says none."""
    body = claim.body
    value = body.get("score")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return Score(
        str(body.get(_EVALUATION, "")), str(body.get("metric", "")), of, float(value),
        str(body.get("harness", "")), claim.id,
    )  # fmt: skip
