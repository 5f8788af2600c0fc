"""Joins of two columns of 8-byte digests; 0 stands for nothing and joins nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Groups(NamedTuple):
    """The values that both columns have, and where.

    Group g is `before[before_starts[g]:before_starts[g + 1]]` and likewise for `after`; indices
    ascend within a group, groups ascend by value.
    """

    before: NDArray[np.int64]
    before_starts: NDArray[np.int64]
    after: NDArray[np.int64]
    after_starts: NDArray[np.int64]

    @property
    def sizes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many indices each group has on each side."""
        return np.diff(self.before_starts), np.diff(self.after_starts)

    def singles(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pairs of the groups with one index on each side."""
        sizes = self.sizes
        alone = np.flatnonzero((sizes[0] == 1) & (sizes[1] == 1))
        return self.before[self.before_starts[alone]], self.after[self.after_starts[alone]]

    def in_turn(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs within each group: the first with the first, the second with the second."""
        fewer = np.minimum(*self.sizes)
        rank = np.arange(int(fewer.sum())) - np.repeat(np.cumsum(fewer) - fewer, fewer)
        return (
            self.before[np.repeat(self.before_starts[:-1], fewer) + rank],
            self.after[np.repeat(self.after_starts[:-1], fewer) + rank],
        )


def join(before: NDArray[np.uint64], after: NDArray[np.uint64]) -> Groups:
    """Group the indices of two columns by value."""
    order_before, values_before, starts_before = _grouped(before)
    order_after, values_after, starts_after = _grouped(after)
    common, in_before, in_after = np.intersect1d(
        values_before, values_after, assume_unique=True, return_indices=True
    )
    kept = common != 0
    return Groups(
        *_pick(order_before, starts_before, in_before[kept]),
        *_pick(order_after, starts_after, in_after[kept]),
    )


def occurrences(values: NDArray[np.uint64], column: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How often each value occurs in a column."""
    ordered = np.sort(column)
    first, last = np.searchsorted(ordered, values), np.searchsorted(ordered, values, "right")
    counts: NDArray[np.int64] = last - first
    return counts


def mixed(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One value for two; 0 where the first is 0. Unequal pairs collide as digests would."""
    both = (first * np.uint64(0x9E3779B97F4A7C15)) ^ (second * np.uint64(0xC2B2AE3D27D4EB4F))
    return np.where(first == 0, np.uint64(0), both | np.uint64(1))


def _grouped(
    column: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    order = np.argsort(column, kind="stable")
    ordered = column[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    return order, ordered[first], np.append(first, len(ordered))


def _pick(
    order: NDArray[np.int64], starts: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    begins, ends = starts[groups], starts[groups + 1]
    return order[ranges(begins, ends)], np.append(0, np.cumsum(ends - begins))


def ranges(begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of several half-open ranges, one after another."""
    lengths = ends - begins
    offsets = np.cumsum(lengths) - lengths
    numbers: NDArray[np.int64] = np.arange(int(lengths.sum()), dtype=np.int64)
    numbers += np.repeat(begins - offsets, lengths)
    return numbers
