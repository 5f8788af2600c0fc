"""The index over all versions: in which of them is an example, or one with its conversation?

It is a cache: built when somebody first asks, brought up to date when there are new versions, and
made anew where it is damaged. Eight bytes of a digest find candidates; stored rows confirm all 32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.errors import IntegrityError, UndecidableError
from dslineage.lineage.rowfile import RowFile, read_rows, write_rows
from dslineage.lineage.rowtable import RowTable, Stays, stored_rows, with_versions
from dslineage.store.rowfinder import prefix_of
from dslineage.versions.opening import adapter_of
from dslineage.versions.reading import RowReader
from dslineage.versions.stored import StoredSnapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store

Read = Callable[[str], "DatasetRecord"]
INDEX_VERSION = 1


class Form(NamedTuple):
    """One example as it stands in versions: its digest, and a bit for each version that has it."""

    digest: bytes
    versions: int


@dataclass(frozen=True, eq=False)
class RowIndex:
    """The open index, seen from one work tree.

    Bit i of a number stands for the version with the id `ids[i]`, or for one that is not in this
    work tree, where that is None; no answer has such a bit. `unsearched` says of versions that
    could not be read, by their ids, why.
    """

    store: Store
    ids: tuple[str | None, ...]
    unsearched: Mapping[str, str]
    _read: Read
    _kept: RowFile

    @classmethod
    def over(cls, store: Store, ids: Sequence[str], read: Read) -> RowIndex:
        """The index over some versions.

        Writes nothing but the cache, and where that cannot be written, nothing.

        Args:
            store: where their objects are.
            ids: the versions, those that differ little next to each other.
            read: gives the record of a version; asked for new ones only.
        """
        path = store.root / "cache" / "rows" / f"index-{INDEX_VERSION}"
        kept = read_rows(path)
        if kept is not None and not store.own_pack_names().issuperset(kept.packs):
            kept = None
        known = frozenset(kept.versions if kept else ())
        new = [read(id_) for id_ in ids if id_[-64:] not in known]
        failed: dict[str, str] = {}
        if new or kept is None:
            table, failed = with_versions(store, kept.table if kept else RowTable(), new)
            if kept is None or table.versions != known:
                kept = write_rows(path, table)
        here = {id_[-64:]: id_ for id_ in ids}
        return cls(store, tuple(map(here.get, kept.versions)), failed, read, kept)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each version in this work tree, by its id."""
        return {id_: number for number, id_ in enumerate(self.ids) if id_ is not None}

    @cached_property
    def here(self) -> int:
        """A bit for each version in this work tree."""
        return sum(1 << i for i in self.number.values())

    def form(self, digest: bytes) -> Form:
        """An example by its digest; in no version, where it is unknown."""
        found = self._forms(self._range("key", digest, digest))
        return found.get(digest, Form(digest, 0))

    def forms(self, digests: NDArray[np.uint8]) -> dict[bytes, Form]:
        """The examples of digests of shape (n, 32) that are in any version, by their digests."""
        found = self._forms(_between(self._columns["key"], np.unique(prefix_of(digests))))
        return {raw: found[raw] for raw in map(bytes, digests) if raw in found}

    def beginning(self, prefix: str) -> list[Form]:
        """The examples whose digest begins with some hex digits, by digest."""
        found = self._forms(self._beginning("key", prefix))
        return sorted(form for form in found.values() if form.digest.hex().startswith(prefix))

    def conversations(self, form: Form) -> frozenset[bytes]:
        """The conversation digests of an example: one for each way in which it was read."""
        shown = self._conversations(*self._confirmed(form.digest))
        return frozenset(map(bytes, shown))

    def showing(self, prefix: str) -> dict[bytes, Form]:
        """The examples with a conversation, whose digest begins with some hex digits, by their own.

        Their bits are those that show it.
        """
        places = self._columns["place"][self._beginning("shown", prefix)].astype(np.int64)
        shown = self._conversations(places, self._rows(places))
        same = np.array([bytes(one).hex().startswith(prefix) for one in shown], bool)
        return self._forms(places[same])

    def families(self, digests: NDArray[np.uint8]) -> dict[bytes, set[bytes]]:
        """For digests of shape (n, 32), those of the examples with the same conversation.

        Each is in its own family; what is in no version has none.
        """
        places = _between(self._columns["key"], np.unique(prefix_of(digests)))
        known = _grouped(self._digests(places), self._conversations(places, self._rows(places)))
        asked = {one: known[one] for one in map(bytes, digests) if one in known}
        column = np.frombuffer(b"".join({shown for some in asked.values() for shown in some}), "u1")
        places = _between(self._columns["shown"], np.unique(prefix_of(column.reshape(-1, 32))))
        places = self._columns["place"][places].astype(np.int64)
        showing = _grouped(self._conversations(places, self._rows(places)), self._digests(places))
        return {one: set().union(*map(showing.__getitem__, some)) for one, some in asked.items()}

    def example(self, form: Form) -> dict[str, Any] | None:
        """An example as it is stored; None where its text is not kept, or gone."""
        _, rows = self._confirmed(form.digest)
        try:
            return next((row.value for row in RowReader(self.store).parsed(rows[:1])), None)
        except (IntegrityError, UndecidableError):
            return None

    def is_forgotten(self, form: Form) -> bool:
        """Whether the bytes of an example were forgotten wherever it was stored."""
        _, rows = self._confirmed(form.digest)
        return len(rows) > 0 and bool(self.store.forgotten(rows).all())

    def stored(self) -> Iterator[tuple[NDArray[np.int64], list[int]]]:
        """The row numbers of all that versions of this work tree have, a pack at a time.

        With each, the numbers of the versions that have any of them.
        """
        stays = self._stays(np.arange(self._kept.file.rows))
        for pack in np.unique(stays.pack).tolist():
            places = np.flatnonzero(stays.pack == pack)
            spans = {*zip(*(column[places].tolist() for column in stays[4:]), strict=True)}
            versions = self._bits(spans)
            if versions:
                yield np.unique(self._rows(places)), list(bits(versions))

    def digests_in(self, versions: int) -> NDArray[np.uint8]:
        """The different digests of the examples of some versions, shape (n, 32)."""
        stays = self._stays(np.arange(self._kept.file.rows))
        chosen = np.zeros(self._kept.file.rows, bool)
        for number in bits(versions):
            line, position = self._line_of(number)
            inside = (stays.first <= position) & (position <= stays.last)
            chosen |= (stays.line == line) & inside
        return np.unique(self._digests(np.flatnonzero(chosen)), axis=0)

    @cached_property
    def _columns(self) -> Mapping[str, NDArray[Any]]:
        return {name: self._kept.file[name] for name in self._kept.file.columns}

    @cached_property
    def _offsets(self) -> list[int]:
        return [0, *accumulate(len(line.versions) for line in self._kept.lines)]

    def _line_of(self, number: int) -> tuple[int, int]:
        line = int(np.searchsorted(self._offsets, number, side="right")) - 1
        return line, number - self._offsets[line]

    def _beginning(self, name: str, prefix: str) -> NDArray[np.int64]:
        """The places in a column of keys whose digests may begin with some hex digits."""
        first, last = (bytes.fromhex(prefix.ljust(64, digit)) for digit in "0f")
        return self._range(name, first, last)

    def _range(self, name: str, first: bytes, last: bytes) -> NDArray[np.int64]:
        """The places in a column of keys from that of one digest to that of another."""
        column = self._columns[name]
        low = int(column.searchsorted(_key(first), side="left"))
        return np.arange(low, int(column.searchsorted(_key(last), side="right")))

    def _confirmed(self, digest: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The stays of an example, and their rows."""
        places = self._range("key", digest, digest)
        same = (self._digests(places) == np.frombuffer(digest, np.uint8)).all(axis=1)
        return places[same], self._rows(places[same])

    def _stays(self, places: NDArray[np.int64]) -> Stays:
        return Stays(*(self._columns[name][places] for name in Stays._fields))

    def _rows(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        columns = (self._columns[name][places] for name in ("pack", "row"))
        return stored_rows(self.store, self._kept.packs, *columns)

    def _digests(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The example digests of some stays, shape (n, 32)."""
        rows = self._rows(places)
        return self.store.column(rows, "digest") if len(rows) else np.zeros((0, 32), np.uint8)

    def _forms(self, places: NDArray[np.int64]) -> dict[bytes, Form]:
        """The examples of some stays, by their digests, with the versions of these stays."""
        if not len(places):
            return {}
        raw = self._digests(places).tobytes()
        spans: dict[bytes, list[tuple[int, int, int]]] = {}
        columns = (self._columns[name][places].tolist() for name in ("line", "first", "last"))
        for i, span in enumerate(zip(*columns, strict=True)):
            spans.setdefault(raw[32 * i : 32 * i + 32], []).append(span)
        found = {digest: Form(digest, self._bits(some)) for digest, some in spans.items()}
        return {digest: form for digest, form in found.items() if form.versions}

    def _bits(self, spans: Iterable[tuple[int, int, int]]) -> int:
        versions = 0
        for line, first, last in spans:
            versions |= ((1 << (last - first + 1)) - 1) << (self._offsets[line] + first)
        return versions & self.here

    def _conversations(
        self, places: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """The conversation digests of some stays, each as its line reads it."""
        out = np.zeros((len(places), 32), np.uint8)
        lines = self._columns["line"][places]
        for line in np.unique(lines).tolist():
            where = np.flatnonzero(lines == line)
            reader = self._reader(line)
            if reader is not None:
                out[where] = reader.conversations(rows[where])
        return out

    @lru_cache  # noqa: B019 - an index lives as long as a command
    def _reader(self, line: int) -> StoredSnapshot | None:
        """Reads the rows of a line; None where no version of it is in this work tree."""
        some = self.ids[self._offsets[line] : self._offsets[line + 1]]
        id_ = next((id_ for id_ in some if id_ is not None), None)
        if id_ is None:
            return None
        record = self._read(id_)
        return StoredSnapshot(
            record.label, record.dataset, self.store, adapter_of(record), record.key, ()
        )


def bits(number: int) -> Iterator[int]:
    """The places of the bits of a number, ascending."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def _key(digest: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(digest[:8], "big"))


def _between(keys: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
    """All places of some sorted keys that are wanted."""
    low, high = (np.searchsorted(keys, wanted, side=side) for side in ("left", "right"))
    counts = high - low
    ends = np.cumsum(counts)
    return np.repeat(low - (ends - counts), counts) + np.arange(ends[-1] if len(ends) else 0)


def _grouped(keys: NDArray[np.uint8], values: NDArray[np.uint8]) -> dict[bytes, set[bytes]]:
    """The different values of each key; both of shape (n, 32)."""
    found: dict[bytes, set[bytes]] = {}
    for key, value in zip(map(bytes, keys), map(bytes, values), strict=True):
        found.setdefault(key, set()).add(value)
    return found
