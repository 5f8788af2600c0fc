"""The different conversations of a population, in an order in which they can be sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.sets.kinds import Kinds
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
    Only as many are put in order as samples reach.
    """

    def __init__(self, population: Population, first_by: NDArray[np.uint64] | None = None) -> None:
        """Take a population.

        Args:
            population: the examples.
            first_by: for each example a key that equal conversations share; those with one key get
                numbers in a row. Unless given, each conversation is a group of its own.
        """
        digests = population.conversations()
        self._rows = population.rows
        self._kinds = Kinds(digests)
        self._rank = mixed(digests)
        self._group = self._rank if first_by is None else mixed(first_by)
        self._head = self._first(0)

    def count(self, places: Places) -> int:
        """How many different conversations there are among some examples."""
        return len(self._kinds.counts(places))

    def rows(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """A row of each of some conversations that were in a sample or are within its reach."""
        return self._rows[self._head.example[nodes]]

    def groups(self, nodes: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The groups of such conversations."""
        return self._group[self._head.example[nodes]]

    def nodes(self) -> NDArray[np.int64]:
        """The conversation of each example, -1 where no sample reached so far."""
        return self._head.node

    def first(self, places: Places, limit: int) -> Sample:
        """The first conversations among some examples."""
        while True:
            found = self._head.node[places]
            times = np.bincount(found[found >= 0])
            present = np.flatnonzero(times)
            if len(present) >= limit + 1 or self._head.complete:
                nodes = present[:limit]
                return Sample(nodes, times[nodes], len(present) == len(nodes))
            self._head = self._first(max(2 * limit + 1, 4 * self._head.examples))

    def reach(self, last: int, limit: int) -> int | None:
        """Up to where to know conversations when those up to `last` are asked for.

        The samples of subsets end at different ones: a little more spares the next. None where that
        would be far more than the limit of a sample.
        """
        known = len(self._head.example)
        if known <= 2 * limit and self._head.complete:
            return known
        return min(known, last + 1 + limit // 8) if last < 2 * limit else None

    def _first(self, examples: int) -> _Head:
        """The order of the conversations of so many examples, or some more with the last group."""
        complete = examples >= len(self._group)
        some = np.arange(len(self._group) if complete else 0)
        if examples and not complete:
            last = np.partition(self._group, examples)[examples]
            some = np.flatnonzero(self._group <= last)
        order = some[np.lexsort((self._rank[some], self._group[some]))]
        rank = self._rank[order]
        new = np.append(True, rank[1:] != rank[:-1])[: len(order)]
        node = np.full(len(self._group), -1)
        node[order] = np.cumsum(new) - 1
        return _Head(node, order[new], len(some), complete)


class _Head(NamedTuple):
    """The first conversations in order.

    `node` is the number of each example's conversation, -1 beyond; `example` is one example of
    each; so many `examples` have one of them, and `complete` is whether these are all.
    """

    node: NDArray[np.int64]
    example: NDArray[np.int64]
    examples: int
    complete: bool
