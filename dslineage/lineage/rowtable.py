"""Where examples are: which stored row stands in which versions, as intervals, sorted by digest.

The versions of a data set that were read alike make a line, in the order in which they came here;
that a version follows another in its line makes the table small and says nothing else. A stored row
that comes, goes and comes back has an interval for each stay.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from dslineage.errors import IntegrityError, UndecidableError, UsageError
from dslineage.ids import Digest
from dslineage.store.rowfinder import prefix_of
from dslineage.store.view import view_id
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store


class Stays(NamedTuple):
    """Stays of stored rows, as columns: from version `first` to `last` of line `line`, inclusive.

    `key` and `shown` are the first eight bytes of the example digest and of the conversation
    digest; `pack` counts the packs of the table, `row` the rows of the pack.
    """

    key: NDArray[np.uint64]
    shown: NDArray[np.uint64]
    pack: NDArray[np.uint32]
    row: NDArray[np.uint32]
    line: NDArray[np.uint32]
    first: NDArray[np.uint32]
    last: NDArray[np.uint32]

    def where(self, chosen: NDArray[Any]) -> Self:
        """Some of the stays."""
        return type(self)(*(column[chosen] for column in self))


def no_stays() -> Stays:
    """No stays."""
    return Stays(*(np.zeros(0, kind) for kind in ("<u8", "<u8", *["<u4"] * 5)))


@dataclass(frozen=True, slots=True)
class Line:
    """The versions of one data set under one view, by the digits of their ids."""

    dataset: str
    view: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowTable:
    """The stays of all rows of all versions of some lines, in no order."""

    lines: tuple[Line, ...] = ()
    packs: tuple[Digest, ...] = ()
    stays: Stays = field(default_factory=no_stays)

    @property
    def versions(self) -> frozenset[str]:
        """The digits of the versions in it."""
        return frozenset(digits for line in self.lines for digits in line.versions)


def with_versions(
    store: Store, table: RowTable, records: Sequence[DatasetRecord]
) -> tuple[RowTable, dict[str, str]]:
    """A table with more versions, and for each that could not be read, by its id, why.

    Args:
        store: where their objects are.
        table: what is known; none of the versions is in it.
        records: the versions, those that differ little next to each other.
    """
    lines = {(line.dataset, line.view): line for line in table.lines}
    for record in records:
        lines.setdefault((record.dataset, _view(record)), Line(record.dataset, _view(record), ()))
    packs = {name: number for number, name in enumerate(table.packs)}
    failed: dict[str, str] = {}
    parts, done = [table.stays], []
    for number, line in enumerate(lines.values()):
        new = [one for one in records if (one.dataset, _view(one)) == (line.dataset, line.view)]
        if not new:
            done.append(line)
            continue
        known = parts[0]
        open_ = (known.line == number) & (known.last == len(line.versions) - 1)
        parts[0] = known.where(~open_)
        growing = _Growing.of(store, table.packs, known.where(open_), len(line.versions))
        added = [one.digits for one in new if growing.takes(one, failed)]
        parts.append(growing.stays(number, packs))
        done.append(Line(line.dataset, line.view, (*line.versions, *added)))
    stays = Stays(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return RowTable(tuple(done), tuple(packs), stays), failed


def stored_rows(
    store: Store, packs: Sequence[Digest], pack: NDArray[np.uint32], row: NDArray[np.uint32]
) -> NDArray[np.int64]:
    """Rows of the packs of a table as the store numbers them.

    Raises:
        IntegrityError: a pack has not so many.
    """
    rows = row.astype(np.int64)
    for number in np.unique(pack).tolist():
        inside = pack == number
        if rows[inside].max() >= store.pack(packs[number]).rows:
            folder = store.root / "cache" / "rows"
            raise IntegrityError(
                f"damaged cache: the index of rows in {folder} names rows that are not there",
                kind="damaged-cache",
                hint=f"rm -r {shlex.quote(str(folder))}",
            )
        rows[inside] += store.base(packs[number])
    return rows


def _view(record: DatasetRecord) -> str:
    return view_id(record.adapter, record.key)


class _Ended(NamedTuple):
    """Stays of rows, by the store's numbers, that all end with one version."""

    rows: NDArray[np.int64]
    since: NDArray[np.uint32]
    key: NDArray[np.uint64]
    shown: NDArray[np.uint64]
    last: int


class _Growing:
    """One line to which versions are added, its rows numbered as the store numbers them."""

    def __init__(self, store: Store, position: int) -> None:
        self._store = store
        self._position = position
        self._here = np.zeros(0, bool)
        self._since = np.zeros(0, "<u4")
        self._key = np.zeros(0, "<u8")
        self._shown = np.zeros(0, "<u8")
        self._ended: list[_Ended] = []

    @classmethod
    def of(cls, store: Store, packs: Sequence[Digest], tip: Stays, position: int) -> Self:
        """A line of so many versions, of which the last has the stays `tip`."""
        growing = cls(store, position)
        rows = stored_rows(store, packs, tip.pack, tip.row)
        growing._grow()
        growing._here[rows] = True
        growing._since[rows], growing._key[rows] = tip.first, tip.key
        growing._shown[rows] = tip.shown
        return growing

    def takes(self, record: DatasetRecord, failed: dict[str, str]) -> bool:
        """Add a version; where it cannot be read, note why, and leave all as it was."""
        try:
            snapshot = open_version(self._store, record)
            rows = snapshot.rows()
            self._grow()
            now = np.zeros(len(self._here), bool)
            now[rows] = True
            come = np.flatnonzero(now & ~self._here)
            keys = prefix_of(snapshot.digests(come))
            shown = prefix_of(snapshot.conversations(come)) if len(come) else keys
        except (IntegrityError, UndecidableError, UsageError) as error:
            failed[record.id] = error.message
            return False
        self._end(np.flatnonzero(self._here & ~now))
        self._here = now
        self._since[come], self._key[come], self._shown[come] = self._position, keys, shown
        self._position += 1
        return True

    def stays(self, line: int, packs: dict[Digest, int]) -> Stays:
        """All stays that ended, and those of the last version; `packs` learns new packs."""
        self._end(np.flatnonzero(self._here))
        *columns, ends = zip(*self._ended, strict=True)
        rows, since, keys, shown = map(np.concatenate, columns)
        last = np.repeat(np.array(ends), [len(ended.rows) for ended in self._ended])
        pack, inner = np.zeros(len(rows), "<u4"), np.zeros(len(rows), "<u4")
        for one, where, places in self._store.by_pack(rows):
            pack[where] = packs.setdefault(one.name, len(packs))
            inner[where] = places
        return Stays(keys, shown, pack, inner, np.full(len(rows), line, "<u4"), since,
                     last.astype("<u4"))  # fmt: skip

    def _end(self, rows: NDArray[np.int64]) -> None:
        """Close the stays of some rows with the version before the position."""
        columns = (self._since[rows], self._key[rows], self._shown[rows])
        self._ended.append(_Ended(rows, *columns, self._position - 1))

    def _grow(self) -> None:
        """Make room for the rows of packs that were opened since."""
        more = self._store.size - len(self._here)
        if more > 0:
            for name in ("_here", "_since", "_key", "_shown"):
                column = getattr(self, name)
                setattr(self, name, np.concatenate([column, np.zeros(more, column.dtype)]))


def as_columns(table: RowTable) -> Mapping[str, NDArray[Any]]:
    """The stays sorted by `key`; `shown` is sorted by itself, `place` says whose each one is."""
    stays = table.stays.where(np.argsort(table.stays.key, kind="stable"))
    order = np.argsort(stays.shown, kind="stable")
    columns = stays._asdict()
    return {**columns, "shown": stays.shown[order], "place": order.astype("<u4")}
