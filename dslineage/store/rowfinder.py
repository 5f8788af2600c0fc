"""Finding stored rows by row id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from dslineage.sorting import order_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RowFinder:
    """Finds stored rows by row id: eight bytes by binary search, then all thirty-two."""

    def __init__(self, packs: Iterable[tuple[int, NDArray[np.uint8]]]) -> None:
        self._packs = list(packs)
        prefixes = [prefix_of(ids) for _, ids in self._packs]
        numbers = [base + np.arange(len(ids), dtype=np.int64) for base, ids in self._packs]
        joined = np.concatenate(prefixes) if prefixes else np.zeros(0, dtype=np.uint64)
        order = order_of(joined)
        self._prefixes = joined.take(order)
        self._numbers = np.concatenate(numbers).take(order) if numbers else np.zeros(0, np.int64)
        self._bases = np.array([base for base, _ in self._packs], dtype=np.int64)

    def find(self, ids: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The row number of each id of shape (n, 32), or -1."""
        found = np.full(len(ids), -1, dtype=np.int64)
        if not len(self._prefixes) or not len(ids):
            return found
        wanted = prefix_of(ids)
        order = order_of(wanted)
        place = np.empty(len(ids), dtype=np.int64)
        place[order] = np.searchsorted(self._prefixes, wanted.take(order))
        open_ = np.arange(len(ids))
        while len(open_):
            open_ = open_[place[open_] < len(self._prefixes)]
            open_ = open_[self._prefixes[place[open_]] == wanted[open_]]
            numbers = self._numbers[place[open_]]
            same = self._equal(numbers, ids.take(open_, axis=0))
            found[open_[same]] = numbers[same]
            open_ = open_[~same]
            place[open_] += 1
        return found

    def _equal(self, numbers: NDArray[np.int64], ids: NDArray[np.uint8]) -> NDArray[np.bool_]:
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
