"""How many values files have in common, pair by pair, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AT_ONCE = 1 << 22


def shared_counts(
    columns: Sequence[NDArray[np.uint64]], at_once: int = _AT_ONCE
) -> NDArray[np.int64]:
    """The number of values that each pair of columns shares; on the diagonal, that each has.

    Values that stand in the same files are counted together, so that many versions of one file
    cost little more than one. Values are taken range by range.

    Args:
        columns: sorted, distinct values spread evenly over 64 bits, as digests are.
        at_once: about how many values to hold in memory.
    """
    matrix = np.zeros((len(columns), len(columns)), np.int64)
    marks = np.random.default_rng(0).integers(1, 2**63, len(columns), np.uint64)
    for values, columns_of in _ranges(columns, at_once):
        order = np.argsort(values, kind="stable")
        owners = columns_of[order]
        starts = np.flatnonzero(np.diff(values[order], prepend=~values[order][:1]))
        stops = np.append(starts[1:], len(values))
        # A sum of random marks tells one set of files from another.
        sets = np.add.reduceat(marks[owners], starts)
        _, first, counts = np.unique(sets, return_index=True, return_counts=True)
        for group, count in zip(first.tolist(), counts.tolist(), strict=True):
            files = owners[starts[group] : stops[group]]
            matrix[np.ix_(files, files)] += count
    return matrix


def _ranges(
    columns: Sequence[NDArray[np.uint64]], at_once: int
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """The values of all columns in ranges, each with the columns that they are from."""
    parts = 1 + sum(map(len, columns)) // at_once
    bounds = np.array([2**64 * part // parts for part in range(1, parts)], np.uint64)
    cuts = [[0, *np.searchsorted(column, bounds).tolist(), len(column)] for column in columns]
    for part in range(parts):
        slices = [
            column[cut[part] : cut[part + 1]] for column, cut in zip(columns, cuts, strict=True)
        ]
        owners = np.repeat(np.arange(len(columns)), [len(values) for values in slices])
        if len(owners):
            yield np.concatenate(slices), owners
