"""Writing the files of a version again, byte for byte where that was promised, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dslineage.errors import IntegrityError, UndecidableError, UsageError
from dslineage.records import DatasetRecord, FileEntry
from dslineage.store.files import replacing
from dslineage.store.layout import layout_name
from dslineage.versions.reading import RowReader
from dslineage.versions.worktree import HashCache, entry_differs

if TYPE_CHECKING:
    from dslineage.store.layout import Layout
    from dslineage.store.store import Store

_BATCH = 8192


def restored(store: Store, entry: FileEntry) -> Iterator[bytes]:
    """The bytes of one file of a version, in pieces.

    Raises:
        IntegrityError: an object is missing or damaged.
        UndecidableError: the version was recorded without its bytes.
    """
    layout = store.layout(layout_name(entry.sha256, entry.reader))
    if layout.storage == "text":
        return _text(store, layout)
    if layout.storage == "blob":
        return _blob(store, entry)
    raise UndecidableError(
        f"{entry.path} was recorded with --store {layout.storage}: its bytes were not kept",
        kind="bytes-not-kept",
        hint="dslineage export REF --output FILE",
    )


def restore_file(store: Store, entry: FileEntry, target: Path) -> None:
    """Write one file of a version, and let it be seen only if its hash is right."""
    hasher = hashlib.sha256()
    with replacing(target) as handle:
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
    root: Path,
    folder: str,
    record: DatasetRecord,
    recorded: Sequence[DatasetRecord],
    cache: HashCache,
) -> None:
    """Refuse to write over files whose bytes no version has.

    Raises:
        UsageError: there are such files; they are named.
    """
    saved = {entry.sha256 for version in recorded for entry in version.files}
    unsaved = []
    for entry in record.files:
        path = f"{folder}/{entry.path}" if folder else entry.path
        where = root / path
        if entry_differs(root, path, entry, cache) and cache.hash_of(where) not in saved:
            unsaved.append(path)
    if unsaved:
        raise UsageError(
            f"{', '.join(unsaved)} has changes that are in no version; nothing was written",
            kind="unsaved-changes",
            hint=f"dslineage add {unsaved[0]}, or dslineage checkout --force to lose them",
        )


def _text(store: Store, layout: Layout) -> Iterator[bytes]:
    rows = store.rows_of(layout)
    reader = RowReader(store)
    gaps = chain.from_iterable(
        repeat(layout.gaps.texts[number], count) for number, count in layout.gaps.runs
    )
    yield next(gaps)
    for first in range(0, len(rows), _BATCH):
        batch = rows[first : first + _BATCH]
        records: list[bytes] = [b""] * len(batch)
        for pack, where, inner in store.by_pack(batch):
            order = np.argsort(inner, kind="stable")
            found = reader.records(pack, inner[order])
            for place, record in zip(where[order].tolist(), found, strict=True):
                records[place] = record
        yield b"".join(piece for pair in zip(records, gaps, strict=False) for piece in pair)


def _blob(store: Store, entry: FileEntry) -> Iterator[bytes]:
    path = store.blob(entry.sha256)
    if path is None:
        raise IntegrityError(
            f"missing object {entry.sha256.hex}", kind="missing-object", hint="dslineage verify"
        )
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            yield piece
