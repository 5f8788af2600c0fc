"""Opening versions and plain files as snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.adapters.registry import from_id_parts
from dslineage.errors import IntegrityError
from dslineage.store.files import resource_errors
from dslineage.store.layout import layout_name
from dslineage.store.media import NO_MEDIA
from dslineage.store.staging import scratch
from dslineage.versions.ingest import Ingested, Inherited, ingest
from dslineage.versions.media import MediaFiles
from dslineage.versions.options import ReadOptions, Report
from dslineage.versions.stored import StoredSnapshot, listed_media

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter
    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.store.layout import Layout
    from dslineage.store.store import Store


def open_version(store: Store, record: DatasetRecord, *, trusting: bool = True) -> StoredSnapshot:
    """A recorded version as a snapshot.

    Args:
        store: where its objects are.
        record: the version.
        trusting: take hashes and counts from the record, instead of computing them again.

    Raises:
        IntegrityError: an object that it needs is missing or damaged.
    """
    while True:
        layouts = tuple(layouts_of(store, record.files))
        try:
            return StoredSnapshot(
                label=record.label,
                dataset=record.dataset,
                store=store,
                adapter=adapter_of(record),
                key=record.key,
                layouts=layouts,
                quarantined=record.quarantined,
                recorded=record if trusting else None,
                listed=NO_MEDIA if trusting else listed_media(store, record),
            )
        except IntegrityError:
            if not _packed_anew(layouts, layouts_of(store, record.files)):
                raise


def _packed_anew(before: Iterable[Layout], now: Iterable[Layout]) -> bool:
    """Whether layouts are over other packs than they were a moment ago."""
    return [layout.packs for layout in before] != [layout.packs for layout in now]


def adapter_of(record: DatasetRecord) -> Adapter:
    """The adapter that a version was read with.

    Raises:
        UsageError: this release does not have it.
    """
    name, _, rest = record.adapter.partition("@")
    return from_id_parts(name, int(rest.partition(":")[0]), record.mapping)


def layouts_of(store: Store, entries: Sequence[FileEntry]) -> Iterator[Layout]:
    """The layouts of a version's files."""
    for entry in entries:
        yield store.layout(layout_name(entry.sha256, entry.reader))


def open_ingested(store: Store, ingested: Ingested, label: str, dataset: str) -> StoredSnapshot:
    """Files that were just stored, as a snapshot."""
    return StoredSnapshot(
        label=label,
        dataset=dataset,
        store=store,
        adapter=ingested.adapter,
        key=ingested.key,
        layouts=tuple(store.layout(name) for name in ingested.layouts),
        quarantined=len(ingested.quarantined) // 32,
    )


def with_media(
    snapshot: StoredSnapshot, names: Sequence[str], files: MediaFiles, report: Report | None = None
) -> StoredSnapshot:
    """The same state, the media that its examples refer to read from the work tree.

    Args:
        snapshot: files that were just stored.
        names: their paths.
        files: where their media are.
        report: called as media are read.
    """
    references = snapshot.media_names()
    if not references:
        return snapshot
    return replace(snapshot, listed=files.listed(names, references, report))


@contextmanager
def plain_files(folder: Path, beneath: Store | None) -> Iterator[Store]:
    """A scratch store in which files can be opened that are not recorded anywhere."""
    with scratch(folder, beneath=beneath) as store:
        yield store


def open_files(
    store: Store,
    root: Path,
    names: Sequence[str],
    options: ReadOptions,
    *,
    label: str,
    dataset: str,
    inherited: Inherited | None = None,
    report: Report | None = None,
    here: Path | None = None,
    base: str = "",
) -> tuple[StoredSnapshot, Ingested]:
    """Index files in a scratch store, without keeping their text, and open them."""
    with resource_errors(root):
        ingested = ingest(
            store,
            root,
            names,
            options,
            inherited=inherited,
            report=report,
            here=here,
            base=base,
        )
    return open_ingested(store, ingested, label, dataset), ingested
