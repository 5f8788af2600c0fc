"""What forgetting comes to: which rows, of which versions and files, and what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.errors import IntegrityError, UndecidableError
from dslineage.store.closure import Closure
from dslineage.store.layout import layout_name
from dslineage.versions.kept import conversations
from dslineage.versions.reading import RowReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.ids import Digest
    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.store.pack import Pack
    from dslineage.versions.kept import DeniedRows

_BATCH = 4096


@dataclass(frozen=True)
class Plan:
    """The denied rows of a store, and the versions that have them.

    Args:
        denied: the rows.
        records: all versions that git, or a work tree, still has.
    """

    denied: DeniedRows
    records: Sequence[DatasetRecord]
    _seen: dict[str, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    @cached_property
    def examples(self) -> Mapping[bytes, Sequence[str]]:
        """The digest of each example, with the versions that have it; sorted by digest."""
        found: dict[bytes, list[str]] = defaultdict(list)
        for name, rows in self.denied.rows.items():
            for digest in map(bytes, self.denied.store.pack(name).file["digest"][rows]):
                found[digest] = []
        for record in self.records:
            for digest in dict.fromkeys(map(bytes, self._digests(record))):
                found[digest].append(title(record))
        return {digest: found[digest] for digest in sorted(found)}

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """The versions that have any of them, and how many, duplicates counted."""
        counts = {title(record): len(self._digests(record)) for record in self.records}
        return {name: count for name, count in counts.items() if count}

    @cached_property
    def affected(self) -> Mapping[str, frozenset[bytes]]:
        """The digests of those that each version has, by the version's id."""
        found = {one.id: frozenset(map(bytes, self._digests(one))) for one in self.records}
        return {id_: digests for id_, digests in found.items() if digests}

    @cached_property
    def files(self) -> Sequence[tuple[DatasetRecord, FileEntry]]:
        """The files of versions that have any of them."""
        return [
            (record, entry)
            for record in self.records
            for entry in record.files
            if len(self._rows(entry))
        ]

    @cached_property
    def conversations(self) -> frozenset[bytes]:
        """The digests of their conversations."""
        denied = self.denied
        return frozenset(
            bytes(one)
            for name, rows in denied.rows.items()
            for digests in conversations(denied.store, denied.inventory, denied.store.pack(name))
            for one in digests[rows]
        )

    @cached_property
    def kept(self) -> frozenset[bytes]:
        """The digests of those of whose bytes something is kept."""
        packs = map(self.denied.store.pack, self.denied.kept())
        return frozenset(
            bytes(one) for pack in packs for one in pack.file["digest"][self.denied.rows[pack.name]]
        )

    @cached_property
    def rewriting(self) -> frozenset[str]:
        """The names of objects here that will be written anew, as far as names tell."""
        denied = self.denied
        packs = {*denied.kept(), *self._in_blobs()}
        names = {f"packs/{pack.hex}.{kind}" for pack in packs for kind in ("rows", "zst")}
        names.update(
            one for pack in denied.kept() for one in denied.inventory.beside.get(pack.hex, ())
        )
        names.update(
            f"layouts/{name}" for name in self._layouts if f"blobs/{name[:64]}" in self.removing
        )
        return frozenset(names)

    @cached_property
    def removing(self) -> frozenset[str]:
        """The names of blobs here that will be deleted."""
        names = {f"blobs/{name[:64]}" for name in self._layouts}
        return frozenset(names & self.denied.inventory.objects.keys())

    @cached_property
    def touched(self) -> frozenset[str]:
        """The names of the objects of versions and packs that have any of them."""
        store, inventory = self.denied.store, self.denied.inventory
        closure = Closure(store, inventory)
        packs = {pack for name in self._layouts for pack in store.layout(name).packs}
        here = {pack for pack in packs if f"packs/{pack.hex}.rows" in inventory.objects}
        names = (
            object_ for pack in here.union(self.denied.rows) for object_ in closure.of_pack(pack)
        )
        return frozenset(names).union(f"layouts/{name}" for name in self._layouts)

    @cached_property
    def gone(self) -> frozenset[str]:
        """The names of blobs that had any of them, are not here any more, and nothing needs."""
        return frozenset(f"blobs/{name[:64]}" for name in self._layouts) - self.removing - self.away

    @cached_property
    def away(self) -> frozenset[str]:
        """The names of texts and blobs that may have any of them, and are not here.

        Until one is, the other rows in it cannot be told from those that go.
        """
        store, inventory = self.denied.store, self.denied.inventory
        closure = Closure(store, inventory)
        going = {f"blobs/{name[:64]}" for name in self._layouts}
        names = {
            name
            for pack in store.pack_names()
            for name in closure.of_pack(pack)
            if pack in self.denied.rows or name in going
        }
        return frozenset(names - inventory.objects.keys())

    @cached_property
    def _layouts(self) -> Sequence[str]:
        """The names of the layouts that have any of them."""
        return [name for name in self.denied.inventory.layouts if len(self._in_layout(name))]

    def _in_blobs(self) -> Iterator[Digest]:
        """The packs whose text is in a blob that goes."""
        for name in self.denied.store.pack_names():
            source = self.denied.store.pack(name).source
            if source is not None and f"blobs/{source['sha256']}" in self.removing:
                yield name

    def raw(self) -> frozenset[bytes]:
        """The raw bytes of those that are not forgotten yet, as far as their text is here."""
        reader = RowReader(self.denied.store)
        return frozenset(
            record
            for pack, rows in self._there(self._wanted)
            for record in _records(reader, pack, rows)
        )

    def said(self) -> Iterator[Mapping[str, Any]]:
        """The same examples, parsed."""
        store, reader = self.denied.store, RowReader(self.denied.store)
        for pack, rows in self._there(self._wanted):
            try:
                for row in reader.parsed(store.base(pack.name) + rows):
                    yield row.value
            except (IntegrityError, UndecidableError):
                continue

    def others(self) -> Iterator[bytes]:
        """The raw bytes of all stored rows that stay, as far as their text is here."""
        reader = RowReader(self.denied.store)
        for pack, rows in self._there(self._unwanted):
            yield from _records(reader, pack, rows)

    def _there(
        self, rows_of: Callable[[Pack], NDArray[np.int64]]
    ) -> Iterator[tuple[Pack, NDArray[np.int64]]]:
        """Some rows of each pack, a few thousand at a time, but for those that were forgotten."""
        for name in self.denied.store.pack_names():
            pack = self.denied.store.pack(name)
            chosen = rows_of(pack)
            rows = chosen[~pack.is_forgotten(chosen)]
            for first in range(0, len(rows), _BATCH):
                yield pack, rows[first : first + _BATCH]

    def _wanted(self, pack: Pack) -> NDArray[np.int64]:
        return self.denied.rows.get(pack.name, np.zeros(0, np.int64))

    def _unwanted(self, pack: Pack) -> NDArray[np.int64]:
        return np.setdiff1d(np.arange(pack.rows), self._wanted(pack))

    def _digests(self, record: DatasetRecord) -> NDArray[np.uint8]:
        """The digests of the denied examples of a version, in file order."""
        rows = np.concatenate([self._rows(entry) for entry in record.files])
        if not len(rows):
            return np.zeros((0, 32), np.uint8)
        return self.denied.store.column(rows, "digest")

    def _rows(self, entry: FileEntry) -> NDArray[np.int64]:
        name = layout_name(entry.sha256, entry.reader)
        if f"layouts/{name}" not in self.denied.inventory.objects:
            return np.zeros(0, np.int64)
        return self._in_layout(name)

    def _in_layout(self, name: str) -> NDArray[np.int64]:
        if name not in self._seen:
            self._seen[name] = self.denied.in_layout(self.denied.store.layout(name))
        return self._seen[name]


def title(record: DatasetRecord) -> str:
    """`train@v4`."""
    return f"{record.dataset}@{record.label}"


def _records(reader: RowReader, pack: Pack, rows: NDArray[np.int64]) -> Iterable[bytes]:
    """The raw bytes of rows; none where their text is not here."""
    try:
        return reader.records(pack, rows)
    except (IntegrityError, UndecidableError):
        return ()
