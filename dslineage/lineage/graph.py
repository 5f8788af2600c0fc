"""The lineage graph of a work tree: what rests on what, and what is not known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dslineage.disk import regular_bytes
from dslineage.errors import NotFoundError
from dslineage.lineage.entries import IN_GRAPH, KINDS, Damage, Entries, mark
from dslineage.lineage.entry import facts_of
from dslineage.lineage.gaps import NodeGap, gaps_in, importance
from dslineage.lineage.impact import Deployment, Impact
from dslineage.lineage.node import Edge, Node
from dslineage.lineage.paths import PathEvidence, path_evidence, reached
from dslineage.progress import Report
from dslineage.records import Evidence, Gap, Record

_HEAD = "SELECT id, kind, name, label, created FROM head"
AGE = "created, label = 'final', length(label), label"
"""As `Node.age`."""
_UP = """
SELECT l.child, coalesce(k.text, l.target), l.role, l.evidence, k.text IS NOT NULL
FROM saying l LEFT JOIN answer a ON a.key = l.t LEFT JOIN key k ON k.n = a.n WHERE {l.child}
"""
_UP_BY_CONTENT = """
SELECT l.child, k.text, l.role, l.evidence, 1
FROM answer a JOIN key k ON k.n = a.n JOIN saying l ON l.t = a.key WHERE {l.child}
"""
_DOWN = "SELECT child, target, role, evidence, 0 FROM saying WHERE {target} AND role != 'about'"
_DOWN_BY_CONTENT = """
SELECT l.child, k.text, l.role, l.evidence, 1
FROM key k JOIN answer a ON a.n = k.n JOIN saying l ON l.t = a.key WHERE {k.text}
"""
_CLAIMS = """
SELECT l.target, r.id, r.kind, r.name, r.label, r.created
FROM saying l JOIN head r ON r.n = l.c WHERE {l.target} AND l.role = 'about'
"""


@dataclass(frozen=True)
class Graph:
    """Sources, steps, versions, mixtures, runs and models, and which of them rests on which.

    Claims hang on nodes (`claims`) and are on no path; measurements are not in the graph. A node
    that is named by others and not there is in it, as a missing one. An edge by content (a run's
    input that has the content of a version) that would make a node rest on itself is left out, and
    is a gap: the edges that are left never make a circle.
    """

    entries: Entries
    _beneath: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, root: Path, cache: Path, report: Report | None = None) -> Graph:
        """The graph of a work tree; see `Entries.of`."""
        return cls(Entries.of(root, cache, report))

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The files of records that are not as they were written: what they said is not here."""
        return self.entries.damaged

    def nodes(self, kind: str | None = None) -> Iterator[Node]:
        """Every node that has a record, of one kind or of all but claims; by kind, name and age."""
        kinds = [kind] if kind else [one for one in IN_GRAPH if one != "claim"]
        for one in kinds:
            rows = self.entries.ask(f"{_HEAD} WHERE kind = ? ORDER BY name, {AGE}, id", one)
            yield from (Node(*row) for row in rows)

    def named(self, kind: str, name: str) -> list[Node]:
        """The nodes of one kind and name, oldest first."""
        question = f"{_HEAD} WHERE kind = ? AND name = ? ORDER BY {AGE}, id"
        return [Node(*row) for row in self.entries.ask(question, kind, name)]

    def labelled(self, kind: str, label: str) -> list[Node]:
        """The nodes of one kind that have a label: versions `v4`, or steps that did one thing."""
        question = f"{_HEAD} WHERE kind = ? AND label = ? ORDER BY name, id"
        return [Node(*row) for row in self.entries.ask(question, kind, label)]

    def begun(self, digits: str, kind: str | None = None) -> list[Node]:
        """The nodes whose ids begin with some hex digits."""
        question = f"{_HEAD} WHERE id >= ? AND id < ? ORDER BY id"
        kinds = [kind] if kind else list(IN_GRAPH)
        starts = [f"{one}:sha256:{digits}" for one in kinds]
        return [Node(*row) for one in starts for row in self.entries.ask(question, one, f"{one}g")]

    def has(self, id_: str) -> bool:
        """Whether the record of a node is there."""
        return bool(self.entries.ask("SELECT 1 FROM head WHERE id = ?", id_))

    def node(self, id_: str) -> Node:
        """A node by its id; a missing one where its record is not there.

        Raises:
            IntegrityError: its record is damaged.
        """
        return self.nodes_of([id_])[id_]

    def nodes_of(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by their ids, as `node` gives them."""
        wanted = list(ids)
        found = {row[0]: Node(*row) for row in self.entries.ask_of(f"{_HEAD} WHERE {{id}}", wanted)}
        for id_ in wanted:
            if id_ not in found:
                self._check_not_damaged(id_)
        return {id_: found.get(id_) or Node.absent(id_) for id_ in wanted}

    def record(self, id_: str) -> Record:
        """The whole record of a node, read anew.

        Raises:
            NotFoundError: it is not there.
            IntegrityError: it is not as it was written.
        """
        place = self.entries.ask("SELECT folder || '/' || file FROM head WHERE id = ?", id_)
        if not place:
            self._check_not_damaged(id_)
            raise NotFoundError(
                f"the record {id_} is not in this work tree",
                kind="missing-record",
                hint="dslineage verify",
            )
        [(path,)] = place
        with self.entries.believed():
            kind = KINDS[id_.partition(":")[0]]
            record = kind.from_bytes(regular_bytes(self.entries.root / path), path)
            if record.id != id_:
                raise ValueError(f"it has {id_} in {path}")
        return record

    def facts(self, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """A few facts of each node, for people; none of missing ones.

        Raises:
            IntegrityError: a record was edited since it was read.
        """
        found: dict[str, Mapping[str, Any]] = {}
        question = "SELECT id, kind, folder || '/' || file, mark, facts FROM head WHERE {id}"
        for id_, kind, path, marked, facts in self.entries.ask_of(question, ids):
            with self.entries.believed():
                found[id_] = facts_of(kind, facts)
                unchanged = mark(self.entries.root / path) == marked
            if not unchanged:
                self.record(id_)
        return found

    def parents(self, id_: str) -> tuple[Edge, ...]:
        """What a node rests on directly."""
        return tuple(self.edges_up([id_]))

    def children(self, id_: str) -> tuple[Edge, ...]:
        """What rests on a node directly; its claims are not among that."""
        return tuple(self.edges_down([id_]))

    def edges_up(self, ids: Iterable[str] | None) -> list[Edge]:
        """The edges from some nodes to what they rest on, or all edges, sorted."""
        return sorted(self._drawn(self.entries.ask_of(_UP, ids)), key=_order)

    def edges_down(self, ids: Iterable[str]) -> list[Edge]:
        """The edges to some nodes from what rests on them, sorted."""
        some = list(ids)
        rows = [
            *self.entries.ask_of(_DOWN, some),
            *self.entries.ask_of(_DOWN_BY_CONTENT, some),
        ]
        return sorted(self._drawn(rows), key=_order)

    def up(self, id_: str, depth: int | None = None) -> dict[str, int]:
        """All that a node rests on, by id, with how many edges away it is; the nearest first.

        Args:
            id_: the node.
            depth: how many edges to go at most.
        """
        return reached(id_, depth, lambda ids: [edge.parent for edge in self.edges_up(ids)])

    def down(self, id_: str, depth: int | None = None) -> dict[str, int]:
        """All that rests on a node; see `up`."""
        return reached(id_, depth, lambda ids: [edge.child for edge in self.edges_down(ids)])

    def between(self, one: str, other: str) -> tuple[str, ...]:
        """The nodes on all paths from one node to another, both with them, whichever is older.

        From the older to the younger; empty where neither rests on the other.
        """
        for child, parent in ((one, other), (other, one)):
            above = self.up(child)
            if parent in above or child == parent:
                below = self.down(parent)
                return tuple(
                    dict.fromkeys((parent, *(id_ for id_ in below if id_ in above), child))
                )
        return ()

    def roots(self, id_: str) -> tuple[Node, ...]:
        """The nodes that a node rests on and that rest on nothing; itself, if that is so of it."""
        every = [id_, *self.up(id_)]
        resting = {edge.child for edge in self.edges_up(every)}
        return self._by_name(one for one in every if one not in resting)

    def claims(self, id_: str, type_: str | None = None) -> tuple[Node, ...]:
        """The claims about a node, of one type or of all, oldest first."""
        found = self.claims_of([id_]).get(id_, ())
        return tuple(one for one in found if type_ in {None, one.label})

    def claims_of(self, ids: Iterable[str]) -> dict[str, tuple[Node, ...]]:
        """The claims about some nodes, oldest first; nodes without any are left out."""
        found: dict[str, list[Node]] = defaultdict(list)
        for about, *head in self.entries.ask_of(_CLAIMS, ids):
            found[about].append(Node(*head))
        return {
            about: tuple(sorted(claims, key=lambda one: (one.created_at, one.id)))
            for about, claims in found.items()
        }

    def impact(self, id_: str) -> Impact:
        """What rests on a node: versions, steps, mixtures, runs, models and their deployments."""
        kinds: dict[str, list[Node]] = defaultdict(list)
        for node in self._by_name(self.down(id_)):
            kinds[node.kind].append(node)
        of = self.node(id_)
        models = [*kinds["model"], *([of] if of.kind == "model" else [])]
        claims = self.claims_of(model.id for model in models)
        deployments = (
            Deployment(model, claim)
            for model in models
            for claim in claims.get(model.id, ())
            if claim.label == "deployment"
        )
        return Impact(
            of=of,
            versions=tuple(kinds["dataset"]),
            steps=tuple(kinds["step"]),
            mixtures=tuple(kinds["mixture"]),
            runs=tuple(kinds["run"]),
            models=tuple(kinds["model"]),
            deployments=tuple(deployments),
        )

    def gaps(self, id_: str | None = None) -> tuple[NodeGap, ...]:
        """What is not known about a node and all that it rests on, or about anything.

        The data of base models comes first.
        """
        return self.gaps_of(None if id_ is None else [id_, *self.up(id_)])

    def gaps_of(self, ids: Iterable[str] | None) -> tuple[NodeGap, ...]:
        """What is not known about some nodes, or about all."""
        found = self._lacking(ids)
        nodes = self.nodes_of({one for one, _ in found})
        return tuple(sorted((NodeGap(nodes[one], gap) for one, gap in found), key=importance))

    def gap_counts(self) -> dict[str, int]:
        """How many gaps there are of each kind, by kind."""
        return dict(sorted(Counter(gap.kind for _, gap in self._lacking(None)).items()))

    def _lacking(self, ids: Iterable[str] | None) -> set[tuple[str, Gap]]:
        some = None if ids is None else list(ids)
        found = set(gaps_in(self.entries, some))
        for edge in self._circular(self.entries.ask_of(_UP_BY_CONTENT, some)):
            named = self.node(edge.parent).ref
            message = f"it has the content of {named}, which was made from it: no edge is drawn"
            found.add((edge.child, Gap("circular-link", message)))
        return found

    def evidence(self, child: str, parent: str) -> PathEvidence | None:
        """How strongly a node is known to rest on another; None where it does not."""
        on_path = set(self.between(child, parent))
        edges = [edge for edge in self.edges_up(on_path) if edge.parent in on_path]
        return path_evidence(edges, child, parent)

    def _check_not_damaged(self, id_: str) -> None:
        for one in self.damaged:
            if id_.startswith(f"{one.path.split('/')[2]}:sha256:{one.digits}"):
                raise one.error

    def _by_name(self, ids: Iterable[str]) -> tuple[Node, ...]:
        nodes = self.nodes_of(ids).values()
        return tuple(sorted(nodes, key=lambda one: (one.kind, one.name, *one.age)))

    def _drawn(self, rows: Iterable[Any]) -> set[Edge]:
        """Rows of links as edges, but for keys that nothing answers to and edges that circle."""
        rows = list(rows)
        circular = set(self._circular(rows))
        return {_edge(row) for row in rows if _is_id(row[1])} - circular

    def _circular(self, rows: Iterable[Any]) -> list[Edge]:
        """The edges by content whose parent rests on their child."""
        return [
            _edge(row)
            for row in rows
            if row[4] and not row[1].startswith("source:") and row[0] in self._rests_on(row[1])
        ]

    def _rests_on(self, id_: str) -> frozenset[str]:
        """All that a node rests on, itself too, circles and all."""
        if id_ not in self._beneath:
            above = reached(
                id_, None,
                lambda ids: [row[1] for row in self.entries.ask_of(_UP, ids) if _is_id(row[1])],
            )  # fmt: skip
            self._beneath[id_] = frozenset([id_, *above])
        return self._beneath[id_]


def _edge(row: Any) -> Edge:
    child, parent, role, evidence, _ = row
    return Edge(child, parent, role, Evidence(evidence))


def _order(edge: Edge) -> tuple[str, ...]:
    """As edges compare by themselves, only faster."""
    return edge.child, edge.parent, edge.role, edge.evidence


def _is_id(text: str) -> bool:
    return text.partition(":")[0] in KINDS
