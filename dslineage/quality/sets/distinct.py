"""The different conversations of a population, in an order in which they can be sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.sets.shingles import mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places, Population


class Sample(NamedTuple):
    """Some different conversations, and how often each is there; `complete` if these are all."""

    nodes: NDArray[np.int64]
    times: NDArray[np.int64]
    complete: bool


class Distinct:
    """Numbers the different conversations of a population in an order that only hashes decide.

    The first of any subset are therefore a sample of it, and much the same one for another subset.
    """

    def __init__(self, population: Population, first_by: NDArray[np.uint64] | None = None) -> None:
        """Number them.

        Args:
            population: the examples.
            first_by: for each example a key that equal conversations share; those with one key get
                numbers in a row. Unless given, each conversation is a group of its own.
        """
        digests = population.conversations()
        known, row_at, node = np.unique(digests, return_index=True, return_inverse=True)
        groups = known if first_by is None else first_by[row_at]
        order = np.lexsort((mixed(known), mixed(groups)))
        number = np.empty(len(order), np.int64)
        number[order] = np.arange(len(order))
        self.node = number[node]
        self.rows = population.rows[row_at[order]]
        self.groups = groups[order]

    def __len__(self) -> int:
        return len(self.rows)

    def counts(self, places: Places) -> NDArray[np.int64]:
        """How often each conversation is among some examples."""
        return np.bincount(self.node[places], minlength=len(self))

    def first(self, counts: NDArray[np.int64], limit: int) -> Sample:
        """The first of those that are there."""
        present = np.flatnonzero(counts)
        nodes = present[:limit]
        return Sample(nodes, counts[nodes], len(present) == len(nodes))

    def reach(self, last: int, limit: int) -> int | None:
        """Up to where to know conversations when those up to `last` are asked for.

        The samples of subsets end at different ones: a little more spares the next. None where that
        would be far more than the limit of a sample.
        """
        if len(self) <= 2 * limit:
            return len(self)
        return min(len(self), last + 1 + limit // 8) if last < 2 * limit else None
