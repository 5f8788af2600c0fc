"""Connected components of a graph, and how alike the sets at the ends of its edges are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Ragged


def components(count: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The smallest node of the component of each of so many nodes; edges have shape (n, 2)."""
    label = np.arange(count)
    while len(edges):
        low, high = edges.min(axis=1), edges.max(axis=1)
        np.minimum.at(label, high, low)
        while not np.array_equal(label, label[label]):
            label = label[label]
        edges = label[edges]
        edges = edges[edges[:, 0] != edges[:, 1]]
    return label


def alike(sets: Ragged, pairs: NDArray[np.int64], least: float) -> NDArray[np.bool_]:
    """Whether the Jaccard index of two sets is at least so much, for each pair of them.

    Args:
        sets: each sorted, without repeats.
        pairs: shape (n, 2), sorted by the first of each pair.
        least: the bound.
    """
    _, names = np.unique(sets.values, return_inverse=True)
    sizes = np.diff(sets.offsets)
    held = np.zeros(names.max(initial=-1) + 1, bool)
    shared = np.zeros(len(pairs), np.int64)
    firsts, begins = np.unique(pairs[:, 0], return_index=True)
    ends = np.append(begins, len(pairs))[1:]
    for first, begin, end in zip(firsts, begins, ends, strict=True):
        own = names[sets.offsets[first] : sets.offsets[first + 1]]
        others = pairs[begin:end, 1]
        starts = np.concatenate(([0], np.cumsum(sizes[others])))
        within = np.arange(starts[-1]) - np.repeat(
            starts[:-1] - sets.offsets[others], sizes[others]
        )
        held[own] = True
        shared[begin:end] = np.add.reduceat(held[names[within]], starts[:-1], dtype=np.int64)
        held[own] = False
    either = sizes[pairs[:, 0]] + sizes[pairs[:, 1]] - shared
    return np.asarray(shared >= least * either)
