"""All records of a work tree by kind, id and name; and new ones written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dslineage.errors import NotFoundError
from dslineage.lineage.entries import KINDS
from dslineage.lineage.graph import Graph
from dslineage.lineage.node import Node, node_of
from dslineage.records import MeasurementRecord, Record, checked_name, is_name
from dslineage.store.files import resource_errors, sweep, write_file
from dslineage.versions.references import VersionTarget, resolve
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog

R = TypeVar("R", bound=Record)

_NAMED = ("source", "mixture", "run", "model")
_REFERENCE = re.compile(r"(?:([a-z]+):)?([^@:]+)(?:@([^@]+))?")
_ID = re.compile(r"(?:([a-z]+):)?(?:sha256:)?([0-9a-f]{4,64})")


@dataclass(frozen=True)
class Registry:
    """The records in the work tree of a repository."""

    catalog: Catalog

    def graph(self, report: Callable[[int, int], None] | None = None) -> Graph:
        """The graph of the records; `report` is told how many were read, and of how many."""
        git = self.catalog.git
        return Graph.of(git.root, git.common_dir / "dslineage" / "cache", report)

    def every(self, kind: type[R]) -> Iterator[R]:
        """All records of a kind, by path.

        Raises:
            IntegrityError: one is not as it was written.
        """
        root = self.catalog.git.root
        for path in sorted((root / kind.folder()).glob("*/*.json")):
            yield kind.from_bytes(path.read_bytes(), path.relative_to(root).as_posix())

    def named(self, kind: type[R], name: str) -> list[R]:
        """The records of a kind under one name, oldest first."""
        root = self.catalog.git.root
        paths = sorted((root / kind.folder() / checked_name(name)).glob("*.json"))
        found = [
            kind.from_bytes(path.read_bytes(), path.relative_to(root).as_posix()) for path in paths
        ]
        return sorted(found, key=lambda one: (node_of(one).created_at, one.id))

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

    def find(self, text: str, *, here: Path) -> Record:
        """The record that a reference names: that of a version, or of any other node.

        A node is named by its kind and name (`source:gsm8k`), by its name alone where nothing else
        has it, with the label of one of its states (`tiny@checkpoint-20`), else the newest; or by
        its id, or the first digits of it. Whatever else names a version names its record.

        Raises:
            NotFoundError: nothing has that name, or more than one thing has; all are listed.
        """
        found = {record.id: record for record in self._matches(text)}
        if len(found) > 1:
            titles = ", ".join(sorted(node_of(record).title for record in found.values()))
            one = min(found)
            raise NotFoundError(
                f"{text!r} could be {titles}",
                kind="ambiguous-reference",
                hint=f"say which, by its id: {one[: len(one) - 52]}",
            )
        if found:
            return found.popitem()[1]
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
        """Write records and stage them in git; their paths, relative to the repository."""
        git = self.catalog.git
        with resource_errors(git.root), store.lock():
            for record in records:
                refuse_links(git.root, record.path)
                sweep(git.root / record.path)
                write_file(git.root / record.path, record.to_bytes())
            git.stage([record.path for record in records])
        return [record.path for record in records]

    def _matches(self, text: str) -> Iterator[Record]:
        match = _ID.fullmatch(text)
        if match and (match[1] or "step") in KINDS:
            kinds = [KINDS[match[1]]] if match[1] else list(KINDS.values())
            for kind in kinds:
                yield from self._by_digits(kind, match[2])
        match = _REFERENCE.fullmatch(text)
        if match is None or not is_name(match[2]):
            return
        for name in [match[1]] if match[1] else _NAMED:
            if name in _NAMED:
                states = self.named(KINDS[name], match[2])
                if match[3]:
                    yield from (one for one in states if _is_state(one, match[3]))
                else:
                    yield from states[-1:]

    def _by_digits(self, kind: type[R], digits: str) -> Iterator[R]:
        root = self.catalog.git.root
        for path in sorted((root / kind.folder()).glob(f"*/*-{digits[:12]}*.json")):
            record = kind.from_bytes(path.read_bytes(), path.relative_to(root).as_posix())
            if record.digits.startswith(digits):
                yield record


def _is_state(record: Record, label: str) -> bool:
    node = node_of(record)
    return node.label == label or (len(label) >= 4 and record.digits.startswith(label))
