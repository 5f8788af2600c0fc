"""Which texts may be near duplicates: those that share a band of their signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.sets.grouping import repeated

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Candidates(NamedTuple):
    """Pairs of texts, shape (n, 2), sorted, the smaller first.

    `window` is None where all that share a band are there. Otherwise the texts of a band were
    sorted by the bands that follow it, and each was paired with so many after it only.
    """

    pairs: NDArray[np.int64]
    window: int | None


def candidates(signatures: NDArray[np.uint64], most: int) -> Candidates:
    """The pairs of rows that are equal in a column, at most so many, each column counted.

    The window is the widest for which they are few enough. It depends on the set of rows alone; so
    do the pairs, as rows that are equal in three columns in a row stay in the order given.
    """
    sorted_bands = [_Band.of(signatures, place) for place in range(signatures.shape[1])]
    sizes = np.concatenate([band.sizes for band in sorted_bands])
    window = _widest(sizes, most)
    codes = np.concatenate([band.pairs(window, len(signatures)) for band in sorted_bands])
    codes.sort()
    codes = codes[np.append(True, codes[1:] != codes[:-1])] if len(codes) else codes
    complete = window >= sizes.max(initial=1) - 1
    pairs = np.stack(np.divmod(codes, max(len(signatures), 1)), axis=1)
    return Candidates(pairs, None if complete else window)


class _Band(NamedTuple):
    """The rows that share their value in one column with others, bucket behind bucket."""

    order: NDArray[np.int64]
    ends: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, signatures: NDArray[np.uint64], place: int) -> _Band:
        columns = signatures.shape[1]
        shared = repeated(signatures[:, place])
        following = [signatures[shared, (place + step) % columns] for step in (2, 1, 0)]
        ordered = np.lexsort(following)
        keys = following[-1][ordered]
        starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else ordered
        sizes = np.diff(np.append(starts, len(keys)))
        return cls(shared[ordered], np.repeat(starts + sizes, sizes), sizes)

    def pairs(self, window: int, rows: int) -> NDArray[np.int64]:
        """Pairs at most `window` apart, as smaller · rows + larger."""
        places = np.arange(len(self.order))
        found = [places[:0]]
        for step in range(1, window + 1):
            places = places[places + step < self.ends[places]]
            if not len(places):
                break
            first, second = self.order[places], self.order[places + step]
            found.append(np.minimum(first, second) * rows + np.maximum(first, second))
        return np.concatenate(found)


def _widest(sizes: NDArray[np.int64], most: int) -> int:
    """How far apart two rows of a bucket may be for at most `most` pairs, and at least 1."""
    holding = np.bincount(sizes)
    at_least = np.cumsum(holding[::-1])[::-1]
    apart = np.cumsum(at_least[::-1])[::-1]
    # Of a bucket of m rows, m - d pairs are d apart: the sum of its ranks beyond d.
    total = np.cumsum(apart[2:])
    return max(1, int(np.searchsorted(total, most, side="right")))
