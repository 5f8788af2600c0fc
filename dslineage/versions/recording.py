"""Recording a version: objects first, then the record, the pointer last, under a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from dslineage import merkle
from dslineage.adapters.registry import adapter_id
from dslineage.errors import IntegrityError, UndecidableError
from dslineage.records import DatasetRecord, ListedMedia, StepRecord
from dslineage.room import needing
from dslineage.store.files import resource_errors
from dslineage.store.staging import (
    Swept,
    keep_views,
    publish,
    require,
    restore_missing,
    staging,
)
from dslineage.store.view import view_id
from dslineage.versions.catalog import Catalog, PointerFile
from dslineage.versions.current import current_version, draft_of, same_as
from dslineage.versions.denied import all_denied
from dslineage.versions.git import Git
from dslineage.versions.ingest import Ingested, Inherited, ingest
from dslineage.versions.media import MediaFiles, media_cache, unread_notices
from dslineage.versions.opening import adapter_of, open_ingested, open_version, with_media
from dslineage.versions.options import ReadOptions, Report
from dslineage.versions.publishing import move_pointer, recover, recover_locked, stage_version
from dslineage.versions.refusals import (
    refuse_moved,
    refuse_other_content,
    refuse_overtaken,
    refuse_unkept,
    refuse_unreadable,
)
from dslineage.versions.remote import fetch
from dslineage.versions.worktree import DataFiles, current_names

if TYPE_CHECKING:
    from dslineage.store.media import MediaList
    from dslineage.store.store import Store
    from dslineage.versions.stored import StoredSnapshot

Compare = Callable[["StoredSnapshot", "StoredSnapshot"], Mapping[str, Any]]
P = ParamSpec("P")
R = TypeVar("R")


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


def _again_where_swept(function: Callable[P, R]) -> Callable[P, R]:
    """Begin anew where garbage was collected that a version had just been found to need."""

    @wraps(function)
    def persistent(*args: P.args, **kwargs: P.kwargs) -> R:
        while True:
            try:
                return function(*args, **kwargs)
            except Swept:
                continue

    return persistent


@_again_where_swept
def record_version(
    git: Git,
    store: Store,
    files: DataFiles,
    options: ReadOptions,
    stamp: Stamp,
    compare: Compare,
    report: Report | None = None,
    here: Path | None = None,
    step: StepRecord | None = None,
    onto: str | None = None,
    *,
    source: str | None = None,
    merged: str = "",
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
        here: the folder from which messages name the files.
        step: what made the files; the current version then is no draft to replace.
        onto: the version that was current when the step began, empty for none; None: it is one of
            the step's inputs.
        source: the id of the source that the files come from.
        merged: the id of the version that is merged into the current one: a second parent. The
            version is new then, even if its content is not.

    Raises:
        UsageError: the data set's name is taken by other files.
        LockedError: another version became the current one since the step began.
        BadDataError: a file has faults; nothing was written.
    """
    refuse_unkept(files, options, stamp.message)
    recover(git, store)
    media = _media_files(git, store, files, options)
    size = 0 if options.store == "index" else files.size(_folder(git, files))
    with (
        needing(store.root, size, "about "),
        resource_errors(git.root),
        staging(store) as staged,
    ):
        ingested = _ingest(git, staged, files, options, report, here)
        snapshot = _snapshot(staged, ingested, files, media, report)
        refuse_unreadable(files, ingested, snapshot.examples)
        _hash(snapshot)
        refuse_other_content(files, options, snapshot.content_hash)
        new_rows = sum(staged.pack(name).rows for name in staged.own_pack_names())
        while True:
            catalog = Catalog(git)
            current = current_version(git, files)
            if current is None and not files.named:
                refuse_moved(catalog, files, ingested)
            refuse_overtaken(current, step, onto)
            made = None
            if not merged:
                made = same_as(catalog, current, ingested, snapshot.training_hash)
            unchanged = made is not None
            notices = (*ingested.notices, *unread_notices(snapshot.listed))
            if made is None:
                made, more = _record(catalog, staged, current, snapshot, ingested, options,
                               files, stamp, compare, step, source, merged)  # fmt: skip
                made = replace(made, media=_listed(snapshot.listed, media.base))
                notices += more
            draft = draft_of(catalog, current, step)
            with store.lock():
                recover_locked(git)
                if (
                    current_version(git, files) != current
                    or draft_of(Catalog(git), current, step) != draft
                ):
                    continue
                require(staged, store)
                aside = (restore_missing if unchanged else publish)(staged, store)
                packs = {name for layout in snapshot.layouts for name in layout.packs}
                keep_views(store, packs, view_id(made.adapter, made.key))
                if made != current:
                    move_pointer(git, files, made, draft, step)
                elif draft is not None:
                    stage_version(git, files, made.path)
            notices += tuple(_damage(staged, store, aside))
            if draft is not None and made != current:
                notices += (f"the draft {draft.title}, which was in no commit, was replaced",)
            return Recorded(made, files.pointer, unchanged, 0 if unchanged else new_rows,
                            ingested.saw, notices)  # fmt: skip


def _damage(staged: Store, store: Store, aside: Sequence[str]) -> Iterator[str]:
    """What there is to say of damaged objects that were met: replaced, or passed over."""
    for name in aside:
        yield (
            f"the damaged object {name} was replaced by a whole one; its bytes were moved to "
            f"{store.root / 'damaged' / name}"
        )
    for pack, message in staged.damaged.items():
        if f"{pack.hex}.rows" not in aside:
            yield (
                f"{message}; its rows were passed over, and are stored again where they are met "
                "(dslineage verify names the versions that need it)"
            )


def _hash(snapshot: StoredSnapshot) -> None:
    """Compute both roots, one beside the other."""
    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(lambda: snapshot.training_hash)
        _ = snapshot.content_hash
        training.result()


def _inherited(current: DatasetRecord | None) -> Inherited | None:
    if current is None:
        return None
    return Inherited(adapter_of(current), current.key)


def _ingest(
    git: Git,
    staged: Store,
    files: DataFiles,
    options: ReadOptions,
    report: Report | None,
    here: Path | None,
) -> Ingested:
    """Store the files, those of a remote by way of copies."""
    root = _folder(git, files)
    if files.base:
        root = staged.temporary_folder / "remote"
        fetch(files.base, files.names, root, report)
    denied, unread = all_denied(git, staged)
    ingested = ingest(
        staged,
        root,
        files.names,
        options,
        inherited=_inherited(current_version(git, files)),
        report=report,
        here=Path(files.past) if files.past else here,
        base=files.base,
        denied=denied,
    )
    return replace(ingested, notices=(*ingested.notices, *unread))


def _folder(git: Git, files: DataFiles) -> Path:
    """Where the files of a data set are read, unless they are on a remote."""
    return Path(files.past or git.root) / files.folder


def _snapshot(
    staged: Store, ingested: Ingested, files: DataFiles, media: MediaFiles, report: Report | None
) -> StoredSnapshot:
    """What was stored, and the media that its examples refer to, listed in the store."""
    stored = open_ingested(staged, ingested, "new", files.name)
    snapshot = with_media(stored, [entry.path for entry in ingested.entries], media, report)
    if snapshot.listed.media:
        staged.put_media(snapshot.listed)
        media.cache.save()
    return snapshot


def _media_files(git: Git, store: Store, files: DataFiles, options: ReadOptions) -> MediaFiles:
    """Where media are: where the options say, beside a file on a remote, or where they were.

    Those of the work tree say nothing about a state of the past.
    """
    before, base = current_version(git, files), options.media_dir or files.base or None
    if base is None and before is not None and before.media is not None:
        base = before.media.folder
    root = Path(files.past or git.root)
    return MediaFiles.below(root, root / files.folder, base, media_cache(store.root))


def _listed(media: MediaList, base: str | None) -> ListedMedia | None:
    return ListedMedia(media.digest, media.read, media.unread, base) if media.media else None


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
    step: StepRecord | None,
    source: str | None,
    merged: str,
) -> tuple[DatasetRecord, tuple[str, ...]]:
    """The new record: a child of the current version, or of its parents where that is a draft.

    Where the text of a parent was never kept and is gone, or an object of it is missing or
    damaged, the change from it is not counted.
    """
    draft = draft_of(catalog, current, step)
    before = (current.id,) if current is not None else ()
    parents = before if draft is None else draft.parents
    parents += (merged,) if merged else ()
    changes = {}
    notices: tuple[str, ...] = ()
    for parent in parents:
        record_before = catalog.record(parent, files.name)
        try:
            changes[parent] = compare(open_version(staged, record_before), snapshot)
        except (IntegrityError, UndecidableError) as error:
            notices += (f"the change from {record_before.title} is not counted: {error.message}",)
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
        quarantined=len(ingested.quarantined) // 32,
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
        generated_by=source if step is None else step.id,
    )
    return record, notices


def pointer_files(root: Path, file: PointerFile) -> DataFiles:
    """The data set of a pointer, as the files that `record_version` takes."""
    names = current_names(root, file)
    return DataFiles(file.pointer.dataset, file.folder, file.path, names)
