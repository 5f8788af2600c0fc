"""Reading every record again, and naming what is damaged or missing, and what hangs on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from dslineage.errors import IntegrityError
from dslineage.lineage.entries import KINDS
from dslineage.lineage.entry import Entry, entry_of
from dslineage.lineage.node import Edge, Node, edges_of, node_of
from dslineage.records import (
    Base,
    DatasetRecord,
    MeasurementRecord,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
)
from dslineage.versions.verified import Problem
from dslineage.versions.verifying import unix

if TYPE_CHECKING:
    from dslineage.versions.git import Git

R = TypeVar("R", bound=Record)
_FOLDER = ".dslineage/records"
_STATES = {"dataset", "model"}


@dataclass(frozen=True, slots=True)
class CheckedRecords:
    """How many records there are, those that can be believed, and what is wrong.

    `notices` are no faults: records that say that they are older than what they rest on.
    """

    count: int
    records: tuple[Record, ...]
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]

    def of(self, kind: type[R]) -> list[R]:
        """The records of one kind."""
        return [record for record in self.records if isinstance(record, kind)]


def check_records(git: Git) -> CheckedRecords:
    """Read every record of a work tree, and look for those that git or other records name.

    A record is believed where its content has the id that it states; it is a problem all the same
    where its file has another name, or other bytes than were written.
    """
    shelf = _Shelf()
    faults: dict[str, str] = {}
    paths = sorted(
        path for kind in KINDS.values() for path in (git.root / kind.folder()).glob("*/*.json")
    )
    for path in paths:
        name = path.relative_to(git.root).as_posix()
        try:
            data = path.read_bytes() if path.is_file() else b""
            record = KINDS[name.split("/")[2]].from_bytes(data, name)
        except IntegrityError as error:
            faults[name] = error.message
            continue
        shelf.put(record, name)
        if record.path != name:
            faults[name] = f"damaged record {name}: its name is not that of its content"
        elif unix(data) != record.to_bytes():
            faults[name] = f"damaged record {name}: its bytes are not those that were written"
    faults |= shelf.disputed()
    faults |= {name: f"missing record {name}" for name in _gone(git)}
    problems = [Problem("record", name, why, shelf.hurt_by(name)) for name, why in faults.items()]
    lost = {_Place.of(name) for name in faults}
    problems += [
        Problem("record", id_, f"missing record {id_}", shelf.needing(id_))
        for id_ in shelf.missing()
        if _Place.of_id(id_) not in lost
    ]
    problems += [Problem("record", name, why, ()) for name, why in _astray(git.root)]
    return CheckedRecords(
        len(paths), tuple(shelf.records.values()), tuple(problems), tuple(shelf.early())
    )


def _astray(root: Path) -> Iterator[tuple[str, str]]:
    """The JSON files among the records that nothing reads: where they are, no record is kept."""
    for path in sorted((root / _FOLDER).rglob("*.json")):
        name = path.relative_to(root).as_posix()
        kind, *owner, _ = PurePosixPath(name).parts[2:] if name.count("/") > 2 else ("", "")
        if kind not in KINDS:
            yield name, f"unknown record {name}: this version knows no records of that kind"
        elif len(owner) != 1:
            yield (
                name,
                f"misplaced record {name}: records are kept as {KINDS[kind].folder()}/NAME/FILE",
            )


def _gone(git: Git) -> Iterator[str]:
    """The records that git has in its index, in HEAD or in a merge, and that are not here."""
    head = git.head()
    commits = [*([head] if head else []), *git.unfinished()]
    known = {name for one in commits for name in git.names_in(one, _FOLDER)}
    for name in sorted(known.union(git.index_names(_FOLDER))):
        kept = name.endswith(".json") and name.split("/")[2] in KINDS
        if kept and not (git.root / name).exists():
            yield name


class _Place(NamedTuple):
    """What a file's name says of the id of its record: the kind, and the first hex digits."""

    kind: str
    digits: str

    @classmethod
    def of(cls, name: str) -> _Place:
        """The place of a file."""
        return cls(name.split("/")[2], name.removesuffix(".json").rpartition("-")[2][:12])

    @classmethod
    def of_id(cls, id_: str) -> _Place:
        """The place of the record with an id."""
        kind, _, digest = id_.partition(":")
        return cls(kind, digest.removeprefix("sha256:")[:12])


@dataclass(slots=True)
class _Shelf:
    """The records that can be believed, and what rests on what, by id or by content."""

    records: dict[str, Record] = field(default_factory=dict)
    files: dict[str, Record] = field(default_factory=dict)
    edges: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[_Place, set[str]] = field(default_factory=lambda: defaultdict(set))

    def put(self, record: Record, name: str) -> None:
        """Add the record in a file."""
        entry = None if isinstance(record, MeasurementRecord) else entry_of(record)
        id_ = record.id
        self.files[name] = record
        self.records[id_] = record
        self.keys[id_] = entry.keys if entry else ()
        for edge in _edges(record, entry):
            self.edges[edge.parent].append(edge)
            if _is_id(edge.parent):
                self.places[_Place.of_id(edge.parent)].add(edge.parent)

    def missing(self) -> list[str]:
        """The ids that records name and no record has."""
        named = {id_ for ids in self.places.values() for id_ in ids}
        return sorted(named - self.records.keys())

    def hurt_by(self, name: str) -> tuple[str, ...]:
        """The state whose record is in a file, and what rests on it, as people name them."""
        kind, owner, file = PurePosixPath(name).parts[2:]
        label = file.removesuffix(".json").rpartition("-")[0]
        own = [f"{owner}@{label}"] if kind in {*_STATES, "measurement"} else []
        record = self.files.get(name)
        if record is not None:
            own = [node_of(record).ref] if kind in _STATES else own
            return _named(own, self._down([record.id]))
        return _named(own, self._down(self.places.get(_Place.of(name), ())))

    def needing(self, id_: str) -> tuple[str, ...]:
        """What names a record that is not there, and what rests on that, as people name them."""
        direct = (
            node_of(self.records[edge.child])
            for edge in self.edges[id_]
            if edge.child in self.records
        )
        return _named([], [*direct, *self._down([id_])])

    def disputed(self) -> dict[str, str]:
        """Records that say of another what it does not say of itself, and what, by their files."""
        return {
            name: f"wrong record {name}: {why}"
            for name, record in self.files.items()
            for why in self._false_in(record)
        }

    def _false_in(self, record: Record) -> Iterator[str]:
        inputs: tuple[RunInput, ...] = ()
        bases: tuple[Base, ...] = ()
        if isinstance(record, RunRecord):
            inputs, bases = record.inputs, (record.base,) if record.base else ()
        elif isinstance(record, ModelRecord):
            inputs, bases = record.trained_on, record.derived_from
        for entry in inputs:
            version = self.records.get(entry.subject or "")
            known = version.content_hash if isinstance(version, DatasetRecord) else None
            if version and known and entry.content_hash not in {None, known}:
                yield f"the content that it gives {node_of(version).ref} is not that version's"
        for base in bases:
            model = self.records.get(base.subject or "")
            known = model.weights_hash if isinstance(model, ModelRecord) else None
            if model and known and base.weights_hash not in {None, known}:
                yield f"the tensors that it gives {node_of(model).ref} are not that model's"

    def early(self) -> Iterator[str]:
        """Records that say that they are older than one that they name."""
        for record in self.records.values():
            younger = node_of(record)
            for parent in sorted({edge.parent for edge in edges_of(record)} & self.records.keys()):
                older = node_of(self.records[parent])
                if _moment(younger) < _moment(older):
                    yield f"{younger.title} says that it is older than {older.title}"

    def _down(self, ids: Iterable[str]) -> list[Node]:
        """All that rests on some records, but for what is only said about them."""
        found: dict[str, None] = {}
        todo = list(ids)
        while todo:
            id_ = todo.pop()
            for key in (id_, *self.keys.get(id_, ())):
                for edge in self.edges.get(key, ()):
                    if edge.role != "about" and edge.child not in found:
                        found[edge.child] = None
                        todo.append(edge.child)
        return [node_of(self.records[id_]) for id_ in found if id_ in self.records]


def _edges(record: Record, entry: Entry | None) -> Iterator[Edge]:
    if entry is None:
        yield from edges_of(record)
    else:
        yield from (link.edge for link in entry.links)


def _is_id(key: str) -> bool:
    return key.partition(":")[0] in KINDS


def _named(own: Iterable[str], nodes: Iterable[Node]) -> tuple[str, ...]:
    """References, sorted; of kinds that have many of one name, with the digits of the id."""
    others = {
        one.ref if one.kind not in {"step", "claim", "measurement"} else one.title for one in nodes
    }
    return (*own, *sorted(others.difference(own)))


def _moment(node: Node) -> datetime:
    return datetime.fromisoformat(node.created_at)
