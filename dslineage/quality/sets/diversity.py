"""`openers_eff` and `distinct3@10k`: how different prompts are, at one size for all data sets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.chunk import Chunk
from dslineage.quality.setmetric import Figure, Figures, Ragged
from dslineage.quality.sets.distinct import Distinct
from dslineage.quality.sets.keys import OPENER
from dslineage.quality.sets.kinds import Kinds
from dslineage.quality.sets.rarefaction import effective, expected_distinct, expected_effective
from dslineage.quality.words import ngrams
from dslineage.sorting import order_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places, Population

_FOLDS = 10


def effective_openers(population: Population, *, examples: int) -> Figures:
    """2^H of the openers expected in so many examples; None where there are fewer."""
    openers = population.values(OPENER)
    kinds = Kinds(openers.data, openers.applies)

    def figure(places: Places, *, error: bool = False) -> Figure:
        counts = kinds.counts(places)
        total = int(counts.sum())
        if not total:
            return Figure(None)
        value = expected_effective(counts, examples) if total >= examples else None
        return Figure(value, {"examples": total, "raw": effective(counts)})

    return figure


def distinct_ngrams(
    population: Population, *, size: int, drawn: int, conversations: int
) -> Figures:
    """The share of different n-grams expected in so many; None where there are fewer.

    Args:
        population: the examples.
        size: words in an n-gram of a prompt.
        drawn: how many n-grams are drawn.
        conversations: different ones up to which all are read; of more, that many.
    """
    return _NGrams(population, size, drawn, conversations).figure


def prompt_ngrams(chunk: Chunk, size: int) -> Ragged:
    """The n-grams of each prompt."""
    return Ragged(*ngrams(chunk.prompt_words, size))


class _NGrams:
    """The n-grams of the prompts of a population, as far as its subsets needed them."""

    def __init__(self, population: Population, size: int, drawn: int, conversations: int) -> None:
        self._population = population
        self._size, self._drawn, self._limit = size, drawn, conversations
        self._distinct = Distinct(population)
        self._known = 0
        self._table = _Table(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)

    def figure(self, places: Places, *, error: bool = False) -> Figure:
        """The figure of some examples."""
        sample = self._distinct.first(places, self._limit)
        if not len(sample.nodes):
            return Figure(None)
        table = self._table_of(sample.nodes)
        times = np.zeros(table.nodes, np.int64)
        times[sample.nodes] = sample.times
        found = table.counts(times)
        total = int(found.sum())
        if not total:
            return Figure(None)
        detail: dict[str, float | None] = {
            "ngrams": total,
            "raw": int(np.count_nonzero(found)) / total,
        }
        if not sample.complete:
            detail["sample"] = len(sample.nodes)
            if error:
                unread = 1 - len(sample.nodes) / self._distinct.count(places)
                detail["standard_error"] = self._error(table, times, unread)
        return Figure(self._share(found), detail)

    def _table_of(self, nodes: NDArray[np.int64]) -> _Table:
        reach = self._distinct.reach(int(nodes[-1]), self._limit)
        if reach is None:
            return self._read(nodes)
        if reach > self._known:
            self._known, self._table = reach, self._read(np.arange(reach))
        return self._table

    def _read(self, nodes: NDArray[np.int64]) -> _Table:
        compute = partial(prompt_ngrams, size=self._size)
        rows = self._distinct.rows(nodes)
        values, offsets = self._population.ragged(f"prompt_ngrams@1/{self._size}", compute, rows)
        return _Table.of(np.repeat(nodes, np.diff(offsets)), values, int(nodes[-1]) + 1)

    def _share(self, found: NDArray[np.int64]) -> float | None:
        enough = found.sum() >= self._drawn
        return expected_distinct(found, self._drawn) / self._drawn if enough else None

    def _error(self, table: _Table, times: NDArray[np.int64], unread: float) -> float | None:
        """The standard error by the jackknife, a tenth of the conversations left out at a time."""
        whole = table.counts(times)
        left = [self._share(whole - fold) for fold in table.folds(times)]
        known = [share for share in left if share is not None]
        if len(known) < _FOLDS:
            return None
        return math.sqrt(unread * (_FOLDS - 1) * float(np.var(known)))


class _Table(NamedTuple):
    """The conversation and the number of each n-gram, equal n-grams behind one another.

    Conversations have numbers below `nodes`, and n-grams those from 0 on.
    """

    node: NDArray[np.int64]
    code: NDArray[np.int64]
    nodes: int

    @classmethod
    def of(cls, node: NDArray[np.int64], values: NDArray[np.uint64], nodes: int) -> _Table:
        """Numbers n-grams that are told by digests."""
        order = order_of(values)
        ordered = values.take(order)
        code = np.zeros(len(values), np.int64)
        np.cumsum(ordered[1:] != ordered[:-1], out=code[1:])
        return cls(node.take(order), code, nodes)

    def counts(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """How often each n-gram is there, each conversation being there so many times."""
        return np.bincount(self.code, weights=times[self.node]).astype(np.int64)

    def folds(self, times: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """`counts` in each tenth of the conversations, by their numbers."""
        ngrams = int(self.code.max(initial=-1)) + 1
        fold = (np.arange(self.nodes) % _FOLDS).astype(np.uint8).take(self.node)
        order = np.argsort(fold, kind="stable")
        code, weights = self.code.take(order), times.take(self.node.take(order))
        stops = np.cumsum(np.bincount(fold, minlength=_FOLDS)).tolist()
        for start, stop in pairwise([0, *stops]):
            found = np.bincount(code[start:stop], weights[start:stop], minlength=ngrams)
            yield found.astype(np.int64)
