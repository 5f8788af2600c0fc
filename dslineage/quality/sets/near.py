"""`near_dup`: the share of examples that have to go until no two are nearly the same."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.quality.setmetric import Cause, Figure, Figures
from dslineage.quality.sets.candidates import Candidates, candidates
from dslineage.quality.sets.components import alike, components
from dslineage.quality.sets.distinct import Distinct, Sample
from dslineage.quality.sets.grouping import members
from dslineage.quality.sets.keys import NEAR
from dslineage.quality.sets.shingles import shingle_sets, signatures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places, Population


class Method(NamedTuple):
    """How near duplicates are found.

    `least` is the Jaccard index of two sets of shingles, of `shingle` words each, from which texts
    are near duplicates; `bands` of `rows` minima say which pairs are compared, at most `pairs` of
    them; `conversations` is how many different ones are looked at.
    """

    least: float
    shingle: int
    bands: int
    rows: int
    pairs: int
    conversations: int


def near_duplicates(population: Population, **method: Any) -> Figures:
    """The figures of a population's subsets; see `Method` for the parameters."""
    return NearDuplicates(population, Method(**method)).figure


def why_near_duplicates(population: Population, **method: Any) -> list[Cause]:
    """The clusters of near duplicates."""
    return NearDuplicates(population, Method(**method)).causes()


class NearDuplicates:
    """The graph of near duplicates among the different conversations of a population.

    Subsets share it: their graph is the part of it between their examples.
    """

    def __init__(self, population: Population, method: Method) -> None:
        self._population = population
        self._method = method
        self._distinct = Distinct(population, population.values(NEAR).data)
        self._known = 0
        self._graph = Candidates(np.zeros((0, 2), np.int64), None)

    def figure(self, places: Places, *, error: bool = False) -> Figure:
        """(examples - clusters) / examples; what is no exact copy is estimated in a sample."""
        examples, distinct = len(self._population.rows[places]), self._distinct.count(places)
        if not examples:
            return Figure(None)
        sample = self._distinct.first(places, self._method.conversations)
        label, window = self._clusters(sample)
        clusters = int(np.count_nonzero(label == np.arange(len(label))))
        detail: dict[str, float] = {"examples": examples, "distinct": distinct}
        if window is not None:
            detail["window"] = window
        if sample.complete:
            return Figure((examples - clusters) / examples, detail | {"clusters": clusters})
        near = 1 - clusters / len(label)
        detail["sample"] = len(label)
        if error:
            share_of_distinct = distinct / examples
            detail["standard_error"] = share_of_distinct * self._error(sample, label, distinct)
        return Figure((examples - distinct + near * distinct) / examples, detail)

    def causes(self) -> list[Cause]:
        """The clusters, the largest first."""
        sample = self._distinct.first(slice(None), self._method.conversations)
        label, _ = self._clusters(sample)
        node = self._distinct.nodes()
        labels = np.full(node.max(initial=-1) + 2, -1)  # the last one is that of node -1
        labels[sample.nodes] = label
        places = np.flatnonzero(labels[node] >= 0)
        found = [places[list(group)] for group in members(labels[node[places]])]
        return [
            Cause(
                tuple(group.tolist()),
                (1 - 1 / len(group)) / len(node),
                f"{len(group)} near duplicates, {len(np.unique(node[group]))} different",
            )
            for group in found
        ]

    def _clusters(self, sample: Sample) -> tuple[NDArray[np.int64], int | None]:
        """The number of the cluster of each conversation in a sample."""
        edges, window = self._edges(sample)
        return components(len(sample.nodes), edges), window

    def _edges(self, sample: Sample) -> Candidates:
        """The near duplicates in a sample, by their places in it."""
        nodes = sample.nodes
        reach = self._distinct.reach(int(nodes[-1]), self._method.conversations)
        if reach is None:
            return self._connect(nodes)
        if reach > self._known:
            self._known, self._graph = reach, self._connect(np.arange(reach))
        if self._graph.window is not None and len(nodes) < self._known:
            # Which pairs are compared depends then on which others are there.
            return self._connect(nodes)
        place = np.full(self._known, -1)
        place[nodes] = np.arange(len(nodes))
        edges = place[self._graph.pairs]
        return Candidates(edges[(edges >= 0).all(axis=1)], self._graph.window)

    def _connect(self, nodes: NDArray[np.int64]) -> Candidates:
        """The near duplicates among some conversations, by their places there."""
        least, size, bands, minima, most, _ = self._method
        name, rows = f"near_dup@1/{size}", self._distinct.rows(nodes)
        signed = partial(signatures, size=size, bands=bands, rows=minima)
        found = self._population.ragged(f"{name}/{bands}/{minima}", signed, rows)
        pairs, window = candidates(found.values.reshape(-1, bands), most)
        used, places = np.unique(pairs, return_inverse=True)
        sets = self._population.ragged(name, partial(shingle_sets, size=size), rows[used])
        return Candidates(pairs[alike(sets, places.reshape(pairs.shape), least)], window)

    def _error(self, sample: Sample, label: NDArray[np.int64], of: int) -> float:
        """The standard error of the share among so many.

        What has one smallest shingle was drawn as one: it is a ratio estimated from whole clusters
        (Cochran, Sampling Techniques, 1977, chapter 9A).
        """
        weight = 1 - 1 / np.bincount(label)[label]
        _, group = np.unique(self._distinct.groups(sample.nodes), return_inverse=True)
        parts, wholes = np.bincount(group, weights=weight), np.bincount(group)
        beyond = parts - wholes * weight.mean()
        scale = (1 - len(label) / of) * len(parts) / max(len(parts) - 1, 1)
        return math.sqrt(scale * float(np.square(beyond).sum())) / len(label)
