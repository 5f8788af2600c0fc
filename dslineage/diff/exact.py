"""Step 1: what both sides have, to the byte or to the value, as a multiset.

Examples are numbered by what they are: equal examples have equal codes. Where both snapshots
number their rows alike, the row numbers are such codes, and no digest is read but those of what
is left over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.numbering import numbered
from dslineage.versions.snapshot import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ORDER_CHUNK = 1 << 16

_Codes = tuple["NDArray[np.int64]", "NDArray[np.int64]", int]


class Exact(NamedTuple):
    """What step 1 found.

    `left_before` and `left_after` are the positions, ascending, of what is left over; of several
    equal examples the last ones are. `rows_before` and `rows_after` are the row numbers by
    position. `bytes_only` is None where the snapshots number their rows apart, so that their
    bytes cannot be compared.
    """

    rows_before: NDArray[np.int64]
    rows_after: NDArray[np.int64]
    left_before: NDArray[np.int64]
    left_after: NDArray[np.int64]
    bytes_only: int | None
    reordered: bool


def match_exactly(before: Snapshot, after: Snapshot) -> Exact:
    """Match equal examples."""
    rows = before.rows(), after.rows()
    if before.space is not after.space:
        codes = digest_codes(before.digests(rows[0]), after.digests(rows[1]))
        left = subtract(*codes)
        return Exact(*rows, *left, None, _reordered((before, after), rows, codes))
    codes = _compact(*rows, before.space_size)
    left = subtract(*codes)
    still_left = subtract(
        *digest_codes(before.digests(rows[0][left[0]]), after.digests(rows[1][left[1]]))
    )
    return Exact(
        *rows,
        left[0][still_left[0]],
        left[1][still_left[1]],
        len(left[0]) - len(still_left[0]),
        _reordered((before, after), rows, codes),
    )


def subtract(
    before: NDArray[np.int64], after: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions whose codes the other side has no equal left for; codes are below `size`."""
    in_before = np.bincount(before, minlength=size)
    in_after = np.bincount(after, minlength=size)
    return (
        _surplus(before, in_before, in_before - in_after),
        _surplus(after, in_after, in_after - in_before),
    )


def digest_codes(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> _Codes:
    """Codes for digests of shape (n, 32): equal digests, equal codes. Also how many there are."""
    codes, first = numbered(np.concatenate([before, after]))
    return codes[: len(before)], codes[len(before) :], len(first)


def _compact(before: NDArray[np.int64], after: NDArray[np.int64], size: int) -> _Codes:
    """Number rows anew where a small part of a large space is in use."""
    if size <= 4 * (len(before) + len(after)) + 1_000_000:
        return before, after, size
    distinct, codes = np.unique(np.concatenate([before, after]), return_inverse=True)
    return codes[: len(before)], codes[len(before) :], len(distinct)


def _surplus(
    codes: NDArray[np.int64], counts: NDArray[np.int64], surplus: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The positions of the last `surplus` examples of each code."""
    positions = np.flatnonzero((surplus > 0)[codes])
    own = codes[positions]
    if np.array_equal(surplus[own], counts[own]):
        return positions
    order = np.lexsort((-positions, own))
    grouped = own[order]
    starts = np.flatnonzero(np.diff(grouped, prepend=-1))
    from_the_end = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    return np.sort(positions[order[from_the_end < surplus[grouped]]])


def _reordered(
    snapshots: tuple[Snapshot, Snapshot],
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    codes: _Codes,
) -> bool:
    """Whether examples that are as many on both sides stand in another relative order.

    Where one of several equal examples was added or removed, nobody can say which, so their
    order is no evidence.
    """
    before, after, size = codes
    same = np.bincount(before, minlength=size) == np.bincount(after, minlength=size)
    first, second = np.flatnonzero(same[before]), np.flatnonzero(same[after])
    moved = before[first] != after[second]
    # Two rows may hold one example in other bytes; such a swap is no change of order.
    first, second = rows[0][first[moved]], rows[1][second[moved]]
    return any(
        not np.array_equal(
            snapshots[0].digests(first[start : start + _ORDER_CHUNK]),
            snapshots[1].digests(second[start : start + _ORDER_CHUNK]),
        )
        for start in range(0, len(first), _ORDER_CHUNK)
    )
