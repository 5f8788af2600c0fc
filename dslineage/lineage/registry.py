"""All records of a work tree by kind, id and name; and new ones written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dslineage.disk import regular_bytes
from dslineage.errors import NotFoundError
from dslineage.lineage.entries import KINDS
from dslineage.lineage.finding import KINDS_NAMED, find_node
from dslineage.lineage.graph import Graph
from dslineage.lineage.node import Node, node_of
from dslineage.progress import Report
from dslineage.records import MeasurementRecord, Record, checked_name
from dslineage.versions.ledger import Ledger
from dslineage.versions.references import VersionTarget, resolve
from dslineage.versions.remote import is_url

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Registry:
    """The records in the work tree of a repository; `report` is called as many are read."""

    catalog: Catalog
    report: Report | None = None

    def graph(self) -> Graph:
        """The graph of the records as they are now."""
        git = self.catalog.git
        return Graph.of(git.root, git.common_dir / "dslineage" / "cache", self.report)

    def every(self, kind: type[R]) -> Iterator[R]:
        """All records of a kind, by path.

        Raises:
            IntegrityError: one is not as it was written.
        """
        root = self.catalog.git.root
        for path in sorted((root / kind.folder()).glob("*/*.json")):
            yield kind.from_bytes(regular_bytes(path), path.relative_to(root).as_posix())

    def named(self, kind: type[R], name: str) -> list[R]:
        """The records of a kind under one name, oldest first."""
        root = self.catalog.git.root
        paths = sorted((root / kind.folder() / checked_name(name)).glob("*.json"))
        found = [
            kind.from_bytes(regular_bytes(path), path.relative_to(root).as_posix())
            for path in paths
        ]
        return sorted(found, key=lambda one: node_of(one).age)

    def get(self, id_: str) -> Record:
        """The record with an id.

        Raises:
            NotFoundError: it is not in this work tree.
        """
        kind = KINDS.get(id_.partition(":")[0])
        for record in self._by_digits(kind, id_[-64:]) if kind else ():
            if record.id == id_:
                return record
        raise NotFoundError(
            f"the record {id_} is not in this work tree",
            kind="missing-record",
            hint="dslineage verify",
        )

    def find(self, text: str, *, here: Path, graph: Graph | None = None) -> Record:
        """The record that a reference names: that of a version, or of any other node.

        Besides what `find_node` knows, whatever names a version names its record.

        Args:
            text: the reference.
            here: the folder that relative paths start from.
            graph: the graph of these records, if it is open already.

        Raises:
            NotFoundError: nothing has that name, or more than one thing has; all are listed.
        """
        graph = graph or self.graph()
        node = find_node(graph, text)
        if node is not None:
            return graph.record(node.id)
        kind, colon, name = text.partition(":")
        if colon and kind in KINDS_NAMED:
            raise NotFoundError(
                f"{text!r} is unknown: no {kind} is called {name!r}",
                kind="unknown-reference",
                hint="dslineage lineage",
            )
        if not is_url(text):
            target = resolve(self.catalog, text.removeprefix("dataset:"), here=here)
            if isinstance(target, VersionTarget):
                return target.record
        raise NotFoundError(
            f"{text!r} is no recorded version, nor any other node",
            kind="unknown-reference",
            hint="dslineage lineage",
        )

    def nodes(self) -> Iterator[Node]:
        """The node of every record but measurements."""
        for kind in KINDS.values():
            if kind is not MeasurementRecord:
                yield from map(node_of, self.every(kind))

    def keep(self, records: Sequence[Record], store: Store) -> list[str]:
        """Write records and stage them in git; see `Ledger.keep`."""
        return Ledger(self.catalog).keep(records, store)

    def _by_digits(self, kind: type[R], digits: str) -> Iterator[R]:
        root = self.catalog.git.root
        for path in sorted((root / kind.folder()).glob(f"*/*-{digits[:12]}*.json")):
            record = kind.from_bytes(regular_bytes(path), path.relative_to(root).as_posix())
            if record.digits.startswith(digits):
                yield record
