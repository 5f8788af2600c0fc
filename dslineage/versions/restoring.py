"""Writing the files of a version again, byte for byte where that was promised, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dslineage.disk import beside, make_folder, take_places
from dslineage.errors import IntegrityError, NotFoundError, UndecidableError, UsageError
from dslineage.records import DatasetRecord, FileEntry
from dslineage.room import Bound, needing
from dslineage.store.files import resource_errors, sweep
from dslineage.store.framed import missing
from dslineage.store.layout import layout_name
from dslineage.versions.catalog import RECORDS, Catalog, PointerFile, joined
from dslineage.versions.publishing import move_pointer, recover_locked
from dslineage.versions.reading import RowReader
from dslineage.versions.worktree import DataFiles, HashCache, refuse_links

if TYPE_CHECKING:
    from dslineage.store.layout import Layout
    from dslineage.store.store import Store
    from dslineage.versions.git import Git


def restored(store: Store, entry: FileEntry) -> Iterator[bytes]:
    """The bytes of one file of a version, in pieces.

    Raises:
        IntegrityError: an object is missing or damaged, or something of the file was forgotten.
        UndecidableError: the version was recorded without its bytes.
    """
    layout = store.layout(layout_name(entry.sha256, entry.reader))
    _refuse_forgotten(store, layout, entry)
    if layout.storage == "text":
        return _text(store, layout)
    if layout.storage == "blob":
        return _blob(store, entry)
    raise UndecidableError(
        f"{entry.path} was recorded with --store {layout.storage}: its bytes were not kept",
        kind="bytes-not-kept",
        hint="dslineage export writes its examples to another file"
        if layout.storage == "rows"
        else f"bring back the file with SHA-256 {entry.sha256.hex}",
    )


def _refuse_forgotten(store: Store, layout: Layout, entry: FileEntry) -> None:
    try:
        gone = int(store.forgotten(store.rows_of(layout)).sum())
    except IntegrityError:
        if layout.storage != "blob":  # a whole file comes back without the packs of its rows
            raise
        gone = 0
    if gone or (layout.extra or {}).get("cut"):
        what = f"{gone:,} of its examples" if gone else "some of what stood between its examples"
        raise IntegrityError(
            f"{entry.path} can no longer be restored whole: {what} {'was' if gone == 1 else 'were'}"
            " forgotten",
            kind="forgotten",
            hint="dslineage export VERSION --without-forgotten -o FILE writes the others",
        )


def check_out(
    git: Git, store: Store, record: DatasetRecord, cache: HashCache, *, force: bool
) -> list[Path]:
    """Write the files of a version that are not there, and move the data set's pointer to it.

    Files of the version that was there before, and that this one does not have, go.

    Args:
        git: the repository.
        store: its objects.
        record: the version.
        cache: what is known of the files that are there.
        force: write over changes that are in no version.

    Returns:
        The files that were written.

    Raises:
        UsageError: there are such changes, or a path leads over a symbolic link.
        IntegrityError: an object is missing or damaged; every file stays as it was.
    """
    with store.lock():
        recover_locked(git)
        catalog = Catalog(git)
        file = catalog.pointer_of(record.dataset)
        if file is None:
            raise NotFoundError(
                f"no pointer in the work tree names {record.dataset}",
                kind="missing-pointer",
                hint="git checkout HEAD -- '*.dsl.json'",
            )
        names = tuple(entry.path for entry in record.files)
        here = {entry.path for entry in file.pointer.files if not entry.url}
        gone = here.difference(names)
        for name in (*names, *gone):
            refuse_links(git.root, joined(file.folder, name))
        if not force:
            guard_unsaved(store, catalog, file, record, cache)
        targets = [
            (entry, git.root / joined(file.folder, entry.path))
            for entry in record.files
            if not entry.url
        ]
        absent = [
            (entry, target)
            for entry, target in targets
            if not target.is_file() or cache.hash_of(target) != entry.sha256
        ]
        restore_files(store, absent)
        for name in sorted(gone):
            (git.root / joined(file.folder, name)).unlink(missing_ok=True)
        if file.pointer.id != record.id:
            base = record.files[0].base
            files = DataFiles(record.dataset, file.folder, file.path, names, base=base)
            move_pointer(git, files, record)
    return [target for _, target in absent]


def restore_files(store: Store, files: Sequence[tuple[FileEntry, Path]]) -> None:
    """Write files of a version, and let them be seen only if all of them are right.

    Raises:
        ResourceError: there is no room for them beside what is there.
    """
    if not files:
        return
    for _, target in files:
        sweep(target)
    done: list[tuple[Path, Path]] = []
    folders = sorted({target.parent for _, target in files})
    size = sum(entry.size for entry, _ in files)
    bound: Bound = "up to " if folders[1:] else ""  # each may be a disk of its own
    with needing(folders[0], size, bound), resource_errors(store.root):
        try:
            for entry, target in files:
                make_folder(target.parent)
                with beside(target) as handle:
                    _restore(store, entry, target, handle)
                done.append((Path(handle.name), target))
        except BaseException:
            for temporary, _ in done:
                temporary.unlink(missing_ok=True)
            raise
        take_places(done)


def _restore(store: Store, entry: FileEntry, target: Path, handle: BinaryIO) -> None:
    hasher = hashlib.sha256()
    for piece in restored(store, entry):
        handle.write(piece)
        hasher.update(piece)
    if hasher.digest() != entry.sha256.raw:
        raise IntegrityError(
            f"{entry.path} would not be what was recorded: {target} was left as it is",
            kind="wrong-bytes",
            hint="dslineage verify",
        )


def guard_unsaved(
    store: Store,
    catalog: Catalog,
    file: PointerFile,
    record: DatasetRecord,
    cache: HashCache,
) -> None:
    """Refuse to write over, or to remove, files whose bytes no version can give back.

    Raises:
        UsageError: there are such files; they are named.
    """
    root = catalog.git.root
    known = [*catalog.versions(record.dataset), record]
    recorded = {entry.sha256 for version in known for entry in version.files}
    wanted = {entry.path: entry.sha256 for entry in record.files if not entry.url}
    unsaved = []
    own = [entry.path for entry in file.pointer.files if not entry.url]
    for name in dict.fromkeys([*wanted, *own]):
        path = joined(file.folder, name)
        if not (root / path).is_file():
            continue
        found = cache.hash_of(root / path)
        if found == wanted.get(name):
            continue
        named = found in recorded or catalog.git.mentions(found.hex, RECORDS)
        if not (named and store.keeps(found)):
            unsaved.append(path)
    if unsaved:
        raise UsageError(
            f"{', '.join(unsaved)} has changes that no version can bring back; nothing was written",
            kind="unsaved-changes",
            hint=f"dslineage add {unsaved[0]}, or dslineage checkout --force to lose them",
        )


def raw_records(store: Store, layout: Layout) -> Iterator[bytes]:
    """The raw bytes of each record of a text file, in file order."""
    return chain.from_iterable(RowReader(store).raw(store.rows_of(layout)))


def _text(store: Store, layout: Layout) -> Iterator[bytes]:
    gaps = chain.from_iterable(
        repeat(layout.gaps.texts[number], count) for number, count in layout.gaps.runs
    )
    yield next(gaps)
    for records in RowReader(store).raw(store.rows_of(layout)):
        yield b"".join(piece for pair in zip(records, gaps, strict=False) for piece in pair)


def _blob(store: Store, entry: FileEntry) -> Iterator[bytes]:
    path = store.blob(entry.sha256)
    if path is None:
        raise missing(entry.sha256.hex)
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            yield piece
