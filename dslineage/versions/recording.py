"""Recording a version: objects first, then the record, the pointer last, under a lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage import merkle
from dslineage.adapters.registry import adapter_id
from dslineage.errors import UsageError
from dslineage.records import DatasetRecord, Pointer
from dslineage.store.files import write_file
from dslineage.store.staging import publish, staging
from dslineage.versions.catalog import Catalog, PointerFile, joined, record_path
from dslineage.versions.git import Git
from dslineage.versions.ingest import Ingested, Inherited, ingest
from dslineage.versions.opening import adapter_of, open_ingested, open_version
from dslineage.versions.options import ReadOptions, Report
from dslineage.versions.worktree import DataFiles, ignore

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.stored import StoredSnapshot

Compare = Callable[["StoredSnapshot", "StoredSnapshot"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who records a version, when, with which release, and what they say of it."""

    message: str
    author: str
    created_at: str
    tool: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did. `unchanged` means that there was nothing new to record."""

    record: DatasetRecord
    pointer: str
    unchanged: bool
    new_rows: int
    saw: str
    notices: tuple[str, ...]


def record_version(
    git: Git,
    store: Store,
    files: DataFiles,
    options: ReadOptions,
    stamp: Stamp,
    compare: Compare,
    report: Report | None = None,
) -> Recorded:
    """Record the state of a data set's files as a version, and stage record and pointer in git.

    Args:
        git: the repository.
        store: its objects.
        files: the data set.
        options: how the files are read and kept.
        stamp: who, when and why.
        compare: the counts of the change against a parent, for the record.
        report: called as the work goes on.

    Raises:
        UsageError: the data set's name is taken by other files.
        BadDataError: a file has faults; nothing was written.
    """
    current = _current(git, files)
    inherited = _inherited(current)
    with staging(store) as staged:
        ingested = ingest(
            staged,
            git.root / files.folder,
            files.names,
            options,
            inherited=inherited,
            report=report,
        )
        snapshot = open_ingested(staged, ingested, "new", files.name)
        new_rows = sum(staged.pack(name).rows for name in staged.own_pack_names())
        while True:
            catalog = Catalog(git)
            current = _current(git, files)
            if current is not None and _same(current, ingested):
                return Recorded(current, files.pointer, True, 0, ingested.saw, ingested.notices)
            record, replaced = _record(catalog, staged, current, snapshot, ingested, options,
                                       files, stamp, compare)  # fmt: skip
            with store.lock():
                if _current(git, files) == current:
                    publish(staged, store)
                    _write(git, files, record, replaced)
                    break
    return Recorded(record, files.pointer, False, new_rows, ingested.saw, ingested.notices)


def _current(git: Git, files: DataFiles) -> DatasetRecord | None:
    """The version that the data set's pointer names now."""
    catalog = Catalog(git)
    path = git.root / files.pointer
    named = catalog.pointer_of(files.name)
    if named is not None and named.path != files.pointer:
        raise UsageError(
            f"the data set {files.name!r} stands at {named.path} already",
            kind="name-taken",
            hint=f"dslineage add {files.names[0]} --name ANOTHER",
        )
    if not path.is_file():
        return None
    pointer = Pointer.from_bytes(path.read_bytes(), files.pointer)
    if pointer.dataset != files.name:
        raise UsageError(
            f"{files.pointer} belongs to the data set {pointer.dataset!r}, not {files.name!r}",
            kind="name-taken",
            hint=f"dslineage add {files.names[0]} --name {pointer.dataset}",
        )
    return catalog.record(pointer.id, pointer.dataset)


def _inherited(current: DatasetRecord | None) -> Inherited | None:
    if current is None:
        return None
    return Inherited(adapter_of(current), current.key)


def _same(current: DatasetRecord, ingested: Ingested) -> bool:
    return (
        current.files == ingested.entries
        and current.adapter == adapter_id(ingested.adapter)
        and current.key == ingested.key
    )


def _record(
    catalog: Catalog,
    staged: Store,
    current: DatasetRecord | None,
    snapshot: StoredSnapshot,
    ingested: Ingested,
    options: ReadOptions,
    files: DataFiles,
    stamp: Stamp,
    compare: Compare,
) -> tuple[DatasetRecord, DatasetRecord | None]:
    """The new record, and the draft that it replaces."""
    draft = current if current is not None and not catalog.is_committed(current) else None
    before = (current.id,) if current is not None else ()
    parents = before if draft is None else draft.parents
    changes = {}
    for parent in parents:
        record_before = catalog.record(parent, files.name)
        changes[parent] = compare(open_version(staged, record_before), snapshot)
    formats = {str(entry.reader["format"]) for entry in ingested.entries} - {"sidecar"}
    record = DatasetRecord(
        dataset=files.name,
        number=catalog.next_number(files.name, draft),
        parents=parents,
        content_hash=snapshot.content_hash,
        training_hash=snapshot.training_hash,
        order_hash=snapshot.order_hash,
        adapter=adapter_id(ingested.adapter),
        mapping=ingested.adapter.mapping,
        key=ingested.key,
        examples=snapshot.examples,
        unique=snapshot.unique,
        quarantined=len(ingested.quarantined),
        quarantine_hash=(
            merkle.quarantine_hash(ingested.quarantined) if ingested.quarantined else None
        ),
        format="+".join(sorted(formats)),
        store=options.store,
        files=ingested.entries,
        fields={name: stats.types for name, stats in snapshot.fields.items()},
        change=changes,
        message=stamp.message,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
    )
    return record, draft


def _write(
    git: Git, files: DataFiles, record: DatasetRecord, replaced: DatasetRecord | None
) -> None:
    target = git.root / record_path(record)
    write_file(target, record.to_bytes())
    write_file(git.root / files.pointer, Pointer.to(record).to_bytes())
    staged = [record_path(record), files.pointer]
    if replaced is not None and replaced.id != record.id:
        (git.root / record_path(replaced)).unlink(missing_ok=True)
        git.unstage(record_path(replaced))
    for name in dict.fromkeys(name.split("/", 1)[0] for name in files.names):
        tracked = git.index_names(joined(files.folder, name))
        staged += tracked
        if not tracked and (listing := ignore(git, files.folder, name)):
            staged.append(listing)
    git.stage(list(dict.fromkeys(staged)))


def pointer_files(file: PointerFile) -> DataFiles:
    """The data set of a pointer, as the files that `record_version` takes."""
    names = tuple(entry.path for entry in file.pointer.files)
    return DataFiles(file.pointer.dataset, file.folder, file.path, names)
