"""Finding stored rows by row id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from dslineage.sorting import order_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RowFinder:
    """Finds stored rows by row id, the first one of several with equal ids.

    Ids are spread evenly, so their first bits are good places in a table with two to four times
    as many places as there are rows. Rows whose place was taken are crowded: they are found by a
    binary search for eight bytes. What is found has all thirty-two compared.
    """

    def __init__(self, packs: Iterable[tuple[int, NDArray[np.uint8]]]) -> None:
        self._packs = list(packs)
        self._bases = np.array([base for base, _ in self._packs], dtype=np.int64)
        prefixes = np.concatenate([np.zeros(0, "u8"), *(prefix_of(ids) for _, ids in self._packs)])
        some = (base + np.arange(len(ids)) for base, ids in self._packs)
        numbers = np.concatenate([np.zeros(0, np.int64), *some])
        bits = len(numbers).bit_length() + 1
        self._shift = np.uint64(64 - bits)
        self._table = np.full(1 << bits, -1, np.int64)
        place = self._place(prefixes)
        self._table[place[::-1]] = numbers[::-1]  # of rows with one place, the last written stays
        crowded = np.flatnonzero(self._table.take(place) != numbers)
        crowded = crowded.take(order_of(prefixes.take(crowded)))
        self._crowded, self._prefixes = numbers.take(crowded), prefixes.take(crowded)

    def find(self, ids: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The row number of each id of shape (n, 32), or -1."""
        wanted = prefix_of(ids)
        found = self._table.take(self._place(wanted))
        taken = np.flatnonzero(found >= 0)
        found[taken[~self._equal(found.take(taken), ids.take(taken, axis=0))]] = -1
        open_ = np.flatnonzero(found < 0)
        open_ = open_.take(order_of(wanted.take(open_)))
        place = np.searchsorted(self._prefixes, wanted.take(open_))
        while len(open_):
            here = place < len(self._prefixes)
            here[here] = self._prefixes[place[here]] == wanted[open_[here]]
            open_, place = open_[here], place[here]
            numbers = self._crowded[place]
            same = self._equal(numbers, ids.take(open_, axis=0))
            found[open_[same]] = numbers[same]
            open_, place = open_[~same], place[~same] + 1
        return found

    def _place(self, prefixes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Where in the table a row with such an id is, if there is one and it is not crowded."""
        return (prefixes >> self._shift).view(np.int64)

    def _equal(self, numbers: NDArray[np.int64], ids: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Whether the rows of some numbers have these ids."""
        same = np.zeros(len(numbers), dtype=bool)
        sorter = np.argsort(self._bases)
        owner = sorter[np.searchsorted(self._bases[sorter], numbers, side="right") - 1]
        for pack in np.flatnonzero(np.bincount(owner)).tolist():
            where = np.flatnonzero(owner == pack)
            base, stored = self._packs[pack]
            known, asked = stored.take(numbers[where] - base, axis=0), ids.take(where, axis=0)
            same[where] = (known.view("u8") == asked.view("u8")).all(axis=1)
        return same


def prefix_of(ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The first eight bytes of each id, as numbers that sort as the bytes do."""
    return np.ascontiguousarray(ids[:, :8]).view(">u8").reshape(-1).astype(np.uint64)
