"""Records as an audit reads them: what is damaged or missing is noted, and the rest still read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from dslineage.audit.checks import Finding
from dslineage.errors import IntegrityError, NotFoundError
from dslineage.lineage.entries import KINDS
from dslineage.lineage.node import Edge, Node
from dslineage.records import ModelRecord

if TYPE_CHECKING:
    from dslineage.ids import Digest
    from dslineage.lineage.graph import Graph
    from dslineage.records import Record

R = TypeVar("R", bound="Record")


@dataclass
class Reader:
    """The nodes and records that an audit needs; `findings` grow while they are read."""

    graph: Graph
    findings: dict[str, Finding] = field(default_factory=dict)
    _records: dict[str, Record | None] = field(default_factory=dict)
    _nodes: dict[str, Node] = field(default_factory=dict)

    def nodes(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by their ids; those whose records are damaged are as missing as others."""
        wanted = list(ids)
        try:
            self._nodes |= self.graph.nodes_of([one for one in wanted if one not in self._nodes])
        except IntegrityError:
            for id_ in wanted:
                self._nodes[id_] = self._one(id_)
        return {id_: self._nodes[id_] for id_ in wanted}

    def node(self, id_: str) -> Node:
        """One node; see `nodes`."""
        return self.nodes([id_])[id_]

    def record(self, id_: str, kind: type[R]) -> R | None:
        """The record of a node, read anew; None where it is missing or damaged, which is noted."""
        if id_ not in self._records:
            self._records[id_] = self._read(id_)
        found = self._records[id_]
        return found if isinstance(found, kind) else None

    def parents(self, id_: str) -> Sequence[Edge]:
        """What a node rests on directly."""
        return self.graph.parents(id_)

    def children(self, id_: str) -> Sequence[Edge]:
        """What rests on a node directly."""
        return self.graph.children(id_)

    def models_with(self, weights: Digest) -> list[Node]:
        """The models that hold some tensors."""
        models = list(self.graph.nodes("model"))
        records = {node.id: self.record(node.id, ModelRecord) for node in models}
        return [
            node
            for node in models
            if (record := records[node.id]) is not None and record.weights_hash == weights
        ]

    def hangs_on(self, id_: str) -> tuple[str, ...]:
        """How people name what rests on a node, the nearest first."""
        return tuple(dict.fromkeys(node.ref for node in self.nodes(self.graph.down(id_)).values()))

    def path_of(self, id_: str) -> str:
        """Where the record of a node is, relative to the repository, or else how it is named."""
        kind, _, digits = id_.partition(":sha256:")
        root = self.graph.entries.root
        paths = sorted((root / KINDS[kind].folder()).glob(f"*/*-{digits[:12]}.json"))
        return paths[0].relative_to(root).as_posix() if paths else self.node(id_).ref

    def found(self, id_: str, kind: str, name: str, message: str) -> None:
        """Note that something of a node is not as it was recorded."""
        hangs = self.hangs_on(id_)
        if self.node(id_).kind in {"dataset", "model"} and kind != "record":
            hangs = (self.node(id_).ref, *hangs)
        self.findings.setdefault(f"{kind} {name}", Finding(kind, name, message, hangs))

    def lacking(self, id_: str, message: str, name: str = "") -> None:
        """Note that the record of a node is not there, or not as it was; the first word counts."""
        finding = Finding("record", name or self.path_of(id_), message, self.hangs_on(id_))
        self.findings.setdefault(id_, finding)

    def missed(self, path: str, message: str, id_: str = "", tied: str = "") -> None:
        """Note that a record is not there or damaged; `tied` is the node that it is tied to."""
        hangs = (self.node(tied).ref, *self.hangs_on(tied)) if tied else ()
        if id_ in self.findings:
            hangs = tuple(dict.fromkeys((*hangs, *self.findings[id_].hangs)))
        self.findings[id_ or path] = Finding("record", path, message, hangs)

    def _read(self, id_: str) -> Record | None:
        try:
            record = self.graph.record(id_)
        except IntegrityError as error:
            self.lacking(id_, error.message)
            return None
        except NotFoundError:
            return None
        if record.id != id_:
            path = self.path_of(id_)
            self.lacking(id_, f"{path} is another record than {id_}, which is named")
            return None
        return record

    def _one(self, id_: str) -> Node:
        try:
            return self.graph.node(id_)
        except IntegrityError as error:
            self._nodes[id_] = Node.absent(id_)
            self.lacking(id_, error.message)
            return self._nodes[id_]
