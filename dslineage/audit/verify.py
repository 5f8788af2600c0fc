"""Hashing again, now, what an audit rests on: records, rows, working files and checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.audit.checks import Verification
from dslineage.audit.lost import Ties, lost
from dslineage.audit.reading import Reader
from dslineage.errors import DslineageError, IntegrityError
from dslineage.lineage.node import Node, node_of
from dslineage.records import ClaimRecord, DatasetRecord, ModelRecord, Record
from dslineage.store.checking import check_object
from dslineage.store.layout import layout_name
from dslineage.versions.opening import open_version
from dslineage.versions.options import Progress, Report
from dslineage.versions.worktree import HashCache, state_of

if TYPE_CHECKING:
    from dslineage.audit.folder import HashedFolder
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog, PointerFile


@dataclass
class Verifier:
    """Hashes what some nodes say again; `held` grows by the ids of those of which all is so."""

    reader: Reader
    catalog: Catalog
    store: Store
    held: set[str] = field(default_factory=set)
    records: int = 0
    versions: int = 0
    examples: int = 0
    files: int = 0
    unchecked: list[str] = field(default_factory=list)
    _objects: dict[Path, list[str]] = field(default_factory=dict)

    def verify(
        self,
        nodes: Sequence[Node],
        folders: Sequence[tuple[Node, HashedFolder]],
        report: Report | None,
    ) -> Verification:
        """Hash some nodes, and the folders in which some of the models are."""
        whole = [(node, record) for node in nodes if (record := self._record(node)) is not None]
        self._lost(record for _, record in whole)
        pointers = {file.pointer.id: file for file in self.catalog.pointers()}
        for place, (node, record) in enumerate(whole):
            if report is not None:
                report(Progress("verifying", place, len(whole)))
            if isinstance(record, DatasetRecord):
                if self._rows(node, record, pointers.get(node.id)):
                    self.held.add(node.id)
            elif isinstance(record, ModelRecord):
                if self._model(node, record, [one for of, one in folders if of.id == node.id]):
                    self.held.add(node.id)
            else:
                self.held.add(node.id)
        return Verification(
            self.records, self.versions, self.examples, self.files, tuple(self.unchecked)
        )

    def _record(self, node: Node) -> Record | None:
        record = self.reader.record(node.id, Record)  # type: ignore[type-abstract]
        if record is None:
            self.reader.lacking(node.id, f"the record {node.id} is named, and is not there")
            return None
        self.records += 1
        return record

    def _lost(self, records: Iterable[Record]) -> None:
        """Find records that are deleted or damaged, and are tied to these, or may be."""
        ties = Ties(records)
        for path, message, record in lost(self.catalog.git, self.reader.graph.damaged):
            if record is None:
                self.reader.missed(path, f"{message}; it may belong here")
            elif (tied := ties.of(record)) is not None:
                said = f"the record of {self._named(record)}: {message}"
                self.reader.missed(path, said, record.id, tied)

    def _named(self, record: Record) -> str:
        if isinstance(record, ClaimRecord):
            return f"a {record.type} claim about {self.reader.node(record.subject).ref}"
        return node_of(record).ref

    def _rows(self, node: Node, record: DatasetRecord, pointer: PointerFile | None) -> bool:
        """Hash the rows of a version, or else its working file; whether they are its own."""
        stored = self._stored(node, record)
        working = self._working(node, pointer)
        if stored is None and working is None:
            self.unchecked.append(f"the rows of {node.ref}: neither objects nor its file are here")
        if stored is False or not (stored or working):
            return False
        self.versions += 1
        self.examples += record.examples
        return True

    def _stored(self, node: Node, record: DatasetRecord) -> bool | None:
        """Whether the rows in the store are those of a version; None where they are not here."""
        bad = [
            message for path, kind in self._paths(record) for message in self._object(kind, path)
        ]
        for message in bad:
            self.reader.found(node.id, "version", node.ref, message)
        if bad:
            return False
        try:
            snapshot = open_version(self.store, record, trusting=False)
            found = snapshot.content_hash
        except IntegrityError as error:
            if error.kind == "missing-object":
                return None
            self.reader.found(node.id, "version", node.ref, error.message)
            return False
        except DslineageError as error:
            self.unchecked.append(f"the rows of {node.ref}: {error.message}")
            return None
        if found != record.content_hash:
            said = f"{node.ref}: the content hash of its rows is {found}, not {record.content_hash}"
            self.reader.found(node.id, "version", node.ref, said)
            return False
        return True

    def _paths(self, record: DatasetRecord) -> Iterator[tuple[Path, str]]:
        """The objects of a version that are here, and their kinds."""
        store = self.store
        for entry in record.files:
            name = layout_name(entry.sha256, entry.reader)
            path = store.layouts_folder / name
            if not path.exists():
                continue
            yield path, "layout"
            try:
                layout = store.layout(name)
            except IntegrityError:
                continue
            blob = store.blobs_folder / entry.sha256.hex
            packs = [store.packs_folder / f"{pack.hex}{end}" for pack in layout.packs
                     for end in (".rows", ".zst")]  # fmt: skip
            yield from ((path, "pack") for path in packs if path.exists())
            if blob.exists():
                yield blob, "blob"

    def _object(self, kind: str, path: Path) -> list[str]:
        if path not in self._objects:
            self._objects[path] = check_object(kind, path)
        return self._objects[path]

    def _working(self, node: Node, file: PointerFile | None) -> bool | None:
        """Whether the files that a version's pointer names are its own; None without any."""
        if file is None:
            return None
        state = state_of(self.catalog.git.root, file, HashCache(Path(), {}))
        if state in {"remote", "missing"}:
            return None
        if state == "modified":
            paths = ", ".join(file.data_paths())
            message = f"{paths} is not {node.ref}, which its pointer says it is"
            self.reader.found(node.id, "file", paths, message)
            return False
        self.files += len(file.data_paths())
        return True

    def _model(self, node: Node, record: ModelRecord, folders: Iterable[HashedFolder]) -> bool:
        """Whether one folder at least has a model's files, and none has others in their place."""
        some = list(folders)
        if not some:
            self.unchecked.append(f"the files of {node.ref}: no folder of it was named")
            return False
        whole = True
        for folder in some:
            for path, why in folder.differences(record):
                whole = False
                name = f"{folder.path}/{path}"
                message = f"{name} is not the file of {node.ref}: {why}"
                self.reader.found(node.id, "checkpoint", name, message)
            self.files += len(folder.found.files)
        return whole
