"""Taking the bytes of denied examples out of a folder of objects.

Every object is replaced under its name by one rename. Layouts come first, while it is still known
what the examples said; then packs, and then blobs, which nothing needs once the rest of their rows
have text of their own. What was not reached when a kill came is done by the next run: it goes by
the deny list and by what is there, and where there is nothing to do, it writes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dslineage.disk import sync_directory
from dslineage.errors import LockedError
from dslineage.ids import Digest
from dslineage.store.columns import read_columns
from dslineage.store.erasing import (
    Cut,
    blank_text,
    mark_rows,
    with_text,
    without_bytes,
    without_facets,
    without_values,
)
from dslineage.store.files import resource_errors
from dslineage.store.layout import write_layout
from dslineage.store.pack import Pack
from dslineage.store.staging import sweep_abandoned
from dslineage.store.store import Store
from dslineage.versions.kept import DeniedRows
from dslineage.versions.reading import RowReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.versions.denied import DenyList

_NONE = np.zeros(0, np.int64)
_ASIDE = ("cache", "tmp", "damaged")
"""Folders of what is no object, and may hold anything."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done to objects, by their names, such as `packs/<64 hex>.zst`; each sorted."""

    rewritten: tuple[str, ...]
    removed: tuple[str, ...]


def erase(store: Store, deny: DenyList, cut: Cut, named: Container[str]) -> Erased:
    """Take what is on a deny list out of every object; the caller holds the lock.

    Args:
        store: the objects, opened anew.
        deny: what goes.
        cut: cuts it out of bytes that are no records.
        named: hex digits of the hashes of files that records name, whose blobs are no garbage.

    Raises:
        IntegrityError: an object is damaged; what was done before it is done.
        LockedError: somebody is about to write objects, who may have read what goes.
    """
    with resource_errors(store.root):
        _refuse_writers(store)
        erasing = _Erasing(DeniedRows.of(store, deny), cut)
        rewritten = [*erasing.layouts(), *erasing.packs()]
        removed = erasing.delete([*erasing.blobs(), *erasing.strays(named)])
        rewritten += erasing.beside()
        erasing.empty()
    return Erased(tuple(sorted(rewritten)), tuple(sorted(removed)))


class _Erasing:
    """What `erase` does, step by step; each step gives the names of the objects that it wrote."""

    def __init__(self, denied: DeniedRows, cut: Cut) -> None:
        self._denied = denied
        self._cut = cut
        self._store = denied.store
        self._names = denied.inventory.objects
        self._blobs = set(self._going())

    def _going(self) -> Iterator[Digest]:
        """The blobs that have bytes of denied rows."""
        for name in self._denied.inventory.layouts:
            if len(self._denied.in_layout(self._store.layout(name))):
                yield Digest(bytes.fromhex(name.partition(".")[0]))
        for pack in self._denied.rows:
            source = self._store.pack(pack).source
            if source is not None:
                yield Digest(bytes.fromhex(source["sha256"]))

    def layouts(self) -> Iterator[str]:
        """Cut gaps, and lay out over rows what was kept whole."""
        store = self._store
        for name in self._denied.inventory.layouts:
            layout = store.layout(name)
            new = without_bytes(layout, self._cut)
            if layout.storage == "blob" and self._is_going(name.partition(".")[0]):
                new = replace(new, storage="rows")
            if new is not layout:
                write_layout(store.layouts_folder, name, new, durable=store.durable)
                yield f"layouts/{name}"

    def packs(self) -> Iterator[str]:
        """Take the rows out of packs, and give text to those whose text was in a blob that goes."""
        store, reader = self._store, RowReader(self._store)
        for name in store.pack_names():
            pack, rows = store.pack(name), self._rows(name)
            columns, text = (f"packs/{name.hex}.{kind}" for kind in ("rows", "zst"))
            if self._is_in_blob(pack):
                with_text(pack, rows, partial(reader.records, pack), durable=store.durable)
                yield from (text, columns)
                continue
            if len(rows) and mark_rows(pack, rows, durable=store.durable):
                yield columns
            if blank_text(Pack.open(store.packs_folder, name), durable=store.durable):
                yield text

    def blobs(self) -> Iterator[str]:
        """The blobs that nothing needs any more."""
        names = (f"blobs/{blob.hex}" for blob in self._blobs)
        yield from (name for name in names if name in self._names)

    def strays(self, named: Container[str]) -> Iterator[str]:
        """What a kill left of a writer, and may say anything: text and blobs of no pack or file."""
        sources = [self._store.pack(name).source for name in self._store.pack_names()]
        used = {source["sha256"] for source in sources if source is not None}
        used.update(name.partition(".")[0] for name in self._denied.inventory.layouts)
        for name in self._names:
            folder, _, file = name.partition("/")
            if folder == "blobs" and file not in used and file not in named:
                yield name
            if name.endswith(".zst") and not self._has_text(file.removesuffix(".zst")):
                yield name

    def delete(self, names: Sequence[str]) -> Sequence[str]:
        """Delete objects; their names."""
        for name in names:
            (self._store.root / name).unlink(missing_ok=True)
        for folder in {name.partition("/")[0] for name in names} if self._store.durable else ():
            sync_directory(self._store.root / folder)
        return names

    def _has_text(self, pack: str) -> bool:
        """Whether there are rows of a pack whose text is in it, as it is now."""
        if f"packs/{pack}.rows" not in self._names:
            return False
        return Pack.open(self._store.packs_folder, Digest(bytes.fromhex(pack))).source is None

    def beside(self) -> Iterator[str]:
        """Take what views and measures say of the rows."""
        durable = self._store.durable
        for pack, rows in self._denied.rows.items():
            for name in self._denied.inventory.beside.get(pack.hex, ()):
                file = read_columns(self._store.root / name)
                erase_columns = without_facets if name.startswith("views/") else without_values
                if erase_columns(file, rows, durable=durable):
                    yield name

    def empty(self) -> None:
        """Delete what may hold anything: caches, and what somebody left half written."""
        for name in self._denied.inventory.temporary:
            (self._store.root / name).unlink(missing_ok=True)
        for name in _ASIDE:
            shutil.rmtree(self._store.root / name, ignore_errors=True)
        self._store.prepare()

    def _rows(self, pack: Digest) -> NDArray[np.int64]:
        return self._denied.rows.get(pack, _NONE)

    def _is_going(self, hex_: str) -> bool:
        return Digest(bytes.fromhex(hex_)) in self._blobs

    def _is_in_blob(self, pack: Pack) -> bool:
        """Whether a pack's text is in a blob that goes, and is here."""
        source = pack.source
        if source is None or "path" in source or not self._is_going(source["sha256"]):
            return False
        return f"blobs/{source['sha256']}" in self._names


def _refuse_writers(store: Store) -> None:
    """Refuse to go on while a staging folder is in use: what is in it may be about to come.

    Who begins later reads the deny list first.

    Raises:
        LockedError: one is.
    """
    sweep_abandoned(store.temporary_folder)
    if any(store.temporary_folder.glob("*.owner")):
        raise LockedError(
            f"another command is about to write objects to {store.root}",
            hint="wait until it has finished, then run the same command again",
        )
