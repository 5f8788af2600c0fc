"""The states of a data set that a command is about, opened as snapshots."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import NotFoundError, UsageError
from dslineage.versions.catalog import Catalog, PointerFile, relative_to
from dslineage.versions.ingest import Inherited
from dslineage.versions.media import MediaFiles, changed_media, media_cache
from dslineage.versions.opening import adapter_of, open_files, open_version, plain_files, with_media
from dslineage.versions.options import ReadOptions, Report
from dslineage.versions.references import (
    CommitTarget,
    FileTarget,
    Target,
    VersionTarget,
    is_label,
    resolve,
    working_files,
)
from dslineage.versions.remote import fetch
from dslineage.versions.sidecar import dataset_info
from dslineage.versions.worktree import HashCache, state_of

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store
    from dslineage.versions.stored import StoredSnapshot


@dataclass(frozen=True, slots=True)
class Sides:
    """Opens what references name. Nothing is written to the repository but its cache."""

    catalog: Catalog
    store: Store
    here: Path

    @contextmanager
    def one(self, text: str, read: ReadOptions | None) -> Iterator[StoredSnapshot]:
        """The state that a reference names."""
        target = self._resolve(text)
        with self._scratch([target]) as store:
            yield self._open(target, store, read or ReadOptions(), None, None)

    @contextmanager
    def opened(
        self, refs: Sequence[str], read: ReadOptions | None, report: Report | None
    ) -> Iterator[tuple[StoredSnapshot, StoredSnapshot]]:
        """The two states that a diff is about.

        Args:
            refs: two references; one, to be compared with the working file; none, for the current
                version and the working file; or a data set's name and two versions.
            read: how plain files are read.
            report: called as the work goes on.
        """
        read = read or ReadOptions()
        before, after = self._pair(refs)
        with self._scratch([before, after]) as store:
            records = [t.record for t in (before, after) if isinstance(t, VersionTarget)]
            inherited = Inherited(adapter_of(records[0]), records[0].key) if records else None
            # A version that was recorded with bad spans put aside is compared on the same terms.
            aside = read.quarantine or any(record.quarantined for record in records)
            read = replace(read, quarantine=aside, media_dir=_media_dir(read, records))
            older = self._open(before, store, read, inherited, report)
            newer = self._open(after, store, read, inherited, report)
            if older.dataset != newer.dataset:
                older, newer = _in_full(older), _in_full(newer)
            elif older.label == newer.label and older.recorded != newer.recorded:
                older, newer = _as_named(older, refs[-2]), _as_named(newer, refs[-1])
            yield older, newer

    def versions(self, refs: Sequence[str]) -> tuple[VersionTarget, VersionTarget]:
        """The two recorded versions that a diff is about, whether their examples are there or not.

        Raises:
            NotFoundError: a reference is unknown, ambiguous, or no recorded version.
        """
        before, after = self._pair(refs)
        if isinstance(before, VersionTarget) and isinstance(after, VersionTarget):
            return before, after
        raise NotFoundError("of files there are no records", kind="not-recorded")

    def _pair(self, refs: Sequence[str]) -> tuple[Target, Target]:
        names = self.catalog.names()
        if len(refs) == 3 and refs[0] in names:
            return self._resolve(refs[1], refs[0]), self._resolve(refs[2], refs[0])
        if len(refs) == 2 and not (refs[0] in names and is_label(refs[1])):
            before = self._resolve(refs[0])
            dataset = before.record.dataset if isinstance(before, VersionTarget) else None
            return before, self._resolve(refs[1], dataset)
        if len(refs) > 2:
            raise UsageError(
                f"a diff takes two references, not {len(refs)}", hint="dslineage diff v3 v4"
            )
        if not refs:
            return self._unsaved()
        target = self._resolve("@".join(refs))
        if isinstance(target, VersionTarget):
            file = self._pointer(target.record.dataset)
            return target, working_files(self.catalog, file)
        if isinstance(target, FileTarget) and not target.base:
            path = relative_to(self.catalog.git.root, target.root / target.names[0])
            found = self.catalog.pointer_at(path)
            if found is not None:
                return self._resolve(f"{found.pointer.dataset}@latest"), target
        raise UsageError(
            f"{refs[0]} alone says not what to compare it with",
            kind="one-side",
            hint=f"dslineage diff {refs[0]} OTHER",
        )

    def _unsaved(self) -> tuple[Target, Target]:
        files = self.catalog.pointers_about(None)
        if len(files) > 1:
            files = self._changed(files) or files
        if len(files) != 1:
            choices = ", ".join(file.pointer.dataset for file in files)
            raise NotFoundError(
                f"which data set is meant? {choices}" if files else "there is no version yet",
                kind="ambiguous-reference" if files else "no-version",
                hint=f"dslineage diff {files[0].pointer.dataset}" if files else "dslineage scan .",
            )
        latest = self._resolve(f"{files[0].pointer.dataset}@latest")
        return latest, working_files(self.catalog, files[0])

    def _changed(self, files: Sequence[PointerFile]) -> list[PointerFile]:
        cache = HashCache.load(self.store.root / "cache" / "files.json")
        return [file for file in files if self._is_changed(file, cache)]

    def _is_changed(self, file: PointerFile, cache: HashCache) -> bool:
        """Whether data or media in the work tree are not those of the current version."""
        root = self.catalog.git.root
        state = state_of(root, file, cache)
        record = self.catalog.record(file.pointer.id, file.pointer.dataset)
        media = state == "clean" and changed_media(root, file.folder, record, self.store.root)
        return state == "modified" or media > 0

    def _resolve(self, text: str, dataset: str | None = None) -> Target:
        return resolve(self.catalog, text, here=self.here, dataset=dataset)

    def _pointer(self, dataset: str) -> PointerFile:
        file = self.catalog.pointer_of(dataset)
        if file is None:
            raise NotFoundError(f"no pointer names {dataset}", kind="missing-pointer")
        return file

    @contextmanager
    def _scratch(self, targets: Sequence[Target]) -> Iterator[Store]:
        """The store, under a scratch store where something is not recorded."""
        if all(isinstance(target, VersionTarget) for target in targets):
            yield self.store
            return
        with (
            tempfile.TemporaryDirectory(prefix="dslineage-") as folder,
            plain_files(Path(folder) / "objects", self.store) as store,
        ):
            yield store

    def _open(
        self,
        target: Target,
        store: Store,
        read: ReadOptions,
        inherited: Inherited | None,
        report: Report | None,
    ) -> StoredSnapshot:
        if isinstance(target, VersionTarget):
            return replace(open_version(store, target.record), commit=target.commit)
        if isinstance(target, CommitTarget):
            target = self._exported(target, store.temporary_folder)
            return open_plain(store, target, read, inherited, report, self.here)
        top = self.catalog.git.root
        root = top if target.root.is_relative_to(top) else target.root
        media = MediaFiles.below(root, target.root, read.media_dir, media_cache(self.store.root))
        return open_plain(store, target, read, inherited, report, self.here, media)

    def _exported(self, target: CommitTarget, folder: Path) -> FileTarget:
        root = Path(tempfile.mkdtemp(dir=folder))
        for path in target.paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if not self.catalog.git.export(target.commit, path, root / path):
                raise NotFoundError(
                    f"{path} is not in the commit {target.commit[:12]}", kind="unknown-reference"
                )
        return FileTarget(root, target.paths, target.label, target.dataset)


def _media_dir(read: ReadOptions, records: Sequence[DatasetRecord]) -> str | None:
    """What media are relative to: as the options say, else as for the recorded version."""
    listed = [record.media for record in records if record.media is not None]
    return read.media_dir if read.media_dir is not None or not listed else listed[0].folder


def _in_full(version: StoredSnapshot) -> StoredSnapshot:
    """A recorded version with a label that says of which data set; anything else as it is."""
    label = version.label if version.recorded is None else f"{version.dataset}@{version.label}"
    return replace(version, label=label)


def _as_named(version: StoredSnapshot, text: str) -> StoredSnapshot:
    """A version under the name by which somebody asked for it: two branches may both have a v4."""
    return replace(version, label=text if "@" in text else f"{version.dataset}@{text}")


def open_plain(
    store: Store,
    target: FileTarget,
    read: ReadOptions | None,
    inherited: Inherited | None,
    report: Report | None,
    here: Path | None = None,
    media: MediaFiles | None = None,
) -> StoredSnapshot:
    """Files that are recorded nowhere, indexed in a scratch store.

    Messages name them from `here`; the media that their examples refer to are read, if somebody
    says where those are.
    """
    read = read or ReadOptions()
    if target.base:
        target = replace(target, root=Path(tempfile.mkdtemp(dir=store.temporary_folder)))
        fetch(target.base, target.names, target.root, report)
    elif read.info is None:
        read = replace(read, info=dataset_info(target.root, target.names))
    snapshot, ingested = open_files(
        store,
        target.root,
        target.names,
        replace(read, store="index"),
        label=target.label,
        dataset=target.dataset,
        inherited=inherited,
        report=report,
        here=here,
        base=target.base,
    )
    if media is None or target.base:
        return snapshot
    snapshot = with_media(snapshot, [entry.path for entry in ingested.entries], media, report)
    media.cache.save()
    return snapshot
