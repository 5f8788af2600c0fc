"""A stored version, or a file in a scratch store, as a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage import merkle
from dslineage.adapters.base import Facets
from dslineage.adapters.parts import media_names
from dslineage.adapters.registry import adapter_id
from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.store.columns import ColumnFile
from dslineage.store.framed import damaged
from dslineage.store.media import NO_MEDIA, MediaList
from dslineage.store.store import Store
from dslineage.store.view import view_id
from dslineage.versions.digesting import digest_examples
from dslineage.versions.reading import RowReader
from dslineage.versions.snapshot import FacetTable, FieldStats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.records import DatasetRecord
    from dslineage.store.layout import Layout
    from dslineage.store.pack import Pack

_KINDS = {**dict.fromkeys(Facets._fields, "<u8"), "conversation": "(32,)u1"}
"""What a row has in each column of a view."""
_BATCH = 4096
_BATCH_BYTES = 1 << 20


@dataclass(frozen=True)
class StoredSnapshot:
    """A state of a data set whose rows are in a store; see `Snapshot`.

    Hashes and counts come from `recorded` where it is given, else from the rows themselves and
    the media in `listed`. `commit` has the version's records, where the work tree has not.
    """

    label: str
    dataset: str
    store: Store
    adapter: Adapter
    key: str | None
    layouts: tuple[Layout, ...]
    quarantined: int = 0
    recorded: DatasetRecord | None = None
    listed: MediaList = NO_MEDIA
    commit: str = ""
    _reader: RowReader = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reader", RowReader(self.store))
        for layout in self.layouts:
            for name in layout.packs:
                self.store.pack(name)

    @property
    def space(self) -> object:
        """The store: its rows are numbered once."""
        return self.store

    @property
    def space_size(self) -> int:
        """Row numbers are below this."""
        return self.store.size

    @cached_property
    def examples(self) -> int:
        """How many examples there are."""
        return sum(layout.examples for layout in self.layouts)

    @property
    def unique(self) -> int:
        """How many different examples there are."""
        return self.recorded.unique if self.recorded is not None else self._hashes[0].unique

    @property
    def content_hash(self) -> Digest:
        """The Merkle root over the multiset of example digests."""
        if self.recorded is not None:
            return self.recorded.content_hash
        return self._hashes[0].content_hash

    @property
    def order_hash(self) -> Digest:
        """The hash of the example digests in file order."""
        return self.recorded.order_hash if self.recorded is not None else self._hashes[1]

    @cached_property
    def _hashes(self) -> tuple[merkle.Multiset, Digest]:
        """Both hashes over the example digests, which are read once."""
        digests = self.digests(self.rows())
        return merkle.multiset(digests), merkle.order_hash([digests])

    @cached_property
    def training_hash(self) -> Digest:
        """The Merkle root over the multiset of conversation digests."""
        if self.recorded is not None:
            return self.recorded.training_hash
        digests = self._facet(self.rows(), "conversation")
        for example in range(len(self.listed.references)):
            media = self.listed.digests(example)
            if any(media):
                shown = merkle.shown_digest(digests[example].tobytes(), media)
                digests[example] = np.frombuffer(shown, np.uint8)
        return merkle.content_hash(digests)

    @cached_property
    def media(self) -> MediaList:
        """The media that the examples refer to, as they were when the version was recorded."""
        if self.recorded is None:
            return self.listed
        return listed_media(self.store, self.recorded)

    def media_names(self) -> list[list[Sequence[str]]]:
        """For each file, for each of its examples, the names of the media that it refers to.

        Reads the examples that have media; nothing where none has.
        """
        packs = {pack for layout in self.layouts for pack in layout.packs}
        if not any(self._view(self.store.pack(pack))["media"].any() for pack in packs):
            return []
        rows = self.rows()
        some = np.unique(rows[self._facet(rows, "media") != 0])
        conversations = map(self.adapter.conversation, self.read(some))
        names = {
            row: media_names(conversation.get("media", ()))
            for row, conversation in zip(some.tolist(), conversations, strict=True)
        }
        if not any(names.values()):
            return []
        ends = np.cumsum([layout.examples for layout in self.layouts])
        return [[names.get(row, ()) for row in part.tolist()] for part in np.split(rows, ends[:-1])]

    @cached_property
    def fields(self) -> Mapping[str, FieldStats]:
        """How each top-level field is filled."""
        if self.recorded is not None:
            return {name: FieldStats(types) for name, types in self.recorded.fields.items()}
        numbers, shapes = self.shapes(self.rows())
        counts = np.bincount(numbers, minlength=len(shapes)).tolist()
        types: dict[str, dict[str, int]] = {}
        for count, shape in zip(counts, shapes, strict=True):
            for name, kind in shape.items():
                if count:
                    of_field = types.setdefault(name, {})
                    of_field[kind] = of_field.get(kind, 0) + count
        return {name: FieldStats(dict(sorted(types[name].items()))) for name in sorted(types)}

    def rows(self) -> NDArray[np.int64]:
        """The row number of each example, in file order."""
        parts = [self.store.rows_of(layout) for layout in self.layouts]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def digests(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Example digests, shape (n, 32)."""
        if not len(rows):
            return np.zeros((0, 32), dtype=np.uint8)
        return self.store.column(rows, "digest")

    def conversations(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Conversation digests, shape (n, 32), without what media they refer to hold."""
        return self._facet(rows, "conversation")

    def facets(self, rows: NDArray[np.int64]) -> FacetTable:
        """Facets under the snapshot's adapter and key."""
        columns = {
            name: np.zeros((len(rows), 32), "u1")
            if name == "conversation"
            else np.zeros(len(rows), "<u8")
            for name in Facets._fields
        }
        for pack, where, inner in self.store.by_pack(rows):
            found = self._view(pack).take(tuple(columns), inner)
            for name, column in columns.items():
                column[where] = found[name]
        conversation = columns.pop("conversation")
        return FacetTable(conversation, columns)

    def shapes(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Sequence[Mapping[str, str]]]:
        """Which top-level fields of which JSON type each row has."""
        numbers = np.zeros(len(rows), dtype=np.int64)
        known: dict[tuple[tuple[str, str], ...], int] = {}
        for pack, where, inner in self.store.by_pack(rows):
            mine = [known.setdefault(tuple(sorted(s.items())), len(known)) for s in pack.shapes]
            shapes = pack.file.take(["shape"], inner)["shape"]
            if len(shapes) and shapes.max() >= len(mine):
                raise damaged(f"{pack.name.hex}.rows", "a row has a shape that it does not list")
            numbers[where] = np.array(mine, dtype=np.int64)[shapes]
        return numbers, [dict(shape) for shape in known]

    def forgotten(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of which rows the bytes were forgotten."""
        return self.store.forgotten(rows)

    def text_bytes(self, rows: NDArray[np.int64]) -> int:
        """How many bytes the texts of some rows have, as they stood in their files."""
        return int(self.store.column(rows, "length").sum(dtype=np.int64))

    def read(self, rows: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
        """The examples with the given row numbers, in the order asked."""
        self.store.expect(rows)
        for batch in self._batches(rows):
            for row in self._reader.parsed(batch):
                yield row.value

    def _facet(self, rows: NDArray[np.int64], name: str) -> NDArray[Any]:
        """One facet of the given row numbers."""
        column = (
            np.zeros((len(rows), 32), "u1")
            if name == "conversation"
            else np.zeros(len(rows), "<u8")
        )
        for pack, where, inner in self.store.by_pack(rows):
            column[where] = self._view(pack).take([name], inner)[name]
        return column

    def _batches(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Rows in batches that are bounded in number and, but for the last row, in bytes."""
        for first in range(0, len(rows), _BATCH):
            some = rows[first : first + _BATCH]
            places = np.cumsum(self.store.column(some, "length"), dtype=np.int64)
            yield from np.split(some, np.flatnonzero(np.diff(places // _BATCH_BYTES)) + 1)

    def _view(self, pack: Pack) -> ColumnFile:
        name = view_id(adapter_id(self.adapter), self.key)
        view = self.store.view(pack, name, _KINDS)
        if view is not None:
            return view
        base = self.store.base(pack.name)
        kept = np.setdiff1d(np.arange(pack.rows), pack.forgotten)
        columns: dict[str, NDArray[Any]] = {
            name: np.zeros((pack.rows, 32), "u1")
            if name == "conversation"
            else np.zeros(pack.rows, "<u8")
            for name in Facets._fields
        }
        self.store.expect(base + kept)
        for batch in self._batches(base + kept):
            found = digest_examples(self._reader.parsed(batch), self.adapter, self.key)[3]
            for facet, column in columns.items():
                column[batch - base] = found[facet]
        return self.store.cache_view(pack.name, name, columns)


def listed_media(store: Store, record: DatasetRecord) -> MediaList:
    """The media list of a version.

    Raises:
        IntegrityError: it is missing or damaged, or not one of this version.
    """
    if record.media is None:
        return NO_MEDIA
    media = store.media(record.media.list)
    if len(media.references) != record.examples:
        raise IntegrityError(
            f"damaged record {record.file_name}: its media are those of "
            f"{len(media.references):,} examples, not of {record.examples:,}",
            kind="damaged-record",
            hint="dslineage verify",
        )
    return media
