"""How metrics of whole sets moved: no example has a value of its own, so subsets are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff.compared import Compared
from dslineage.quality.chance import Chance
from dslineage.quality.movement import Movement
from dslineage.quality.setmetric import Figure, Population, SetMetric
from dslineage.quality.shapley import shapley

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Figures

DRAWS = 50
"""Random subsets that are tried: their standard deviation is known within some 10 %."""

_SEED = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Union:
    """All examples of both sides of a comparison.

    Those that are equal on both sides are there once, unless a schema change makes their texts
    differ; then each side has its own, and changing them counts as editing.
    """

    compared: Compared

    @cached_property
    def population(self) -> Population:
        """The examples."""
        return self.compared.population(self.compared.quality.after, np.concatenate(self._parts))

    def after(self, done: frozenset[str]) -> NDArray[np.bool_]:
        """The older side after some of the changes `added`, `removed` and `edited`."""
        chosen = (
            True,
            "removed" not in done,
            "edited" not in done,
            "added" in done,
            "edited" in done,
        )
        mask: NDArray[np.bool_] = np.repeat(chosen, [len(part) for part in self._parts])
        return mask

    @cached_property
    def _parts(self) -> tuple[NDArray[np.int64], ...]:
        """The same without those that were forgotten, of which nothing can be computed."""
        forgotten = self.compared.quality.after.snapshot.forgotten
        return tuple(part[~forgotten(part)] for part in self._all_parts())

    def _all_parts(self) -> tuple[NDArray[np.int64], ...]:
        """Rows that stay, are removed, are edited, are added, and come of editing."""
        comparison, rows = self.compared.comparison, self.compared.rows
        older, newer = comparison.unchanged_positions()
        same = comparison.rows_before[older]
        if not comparison.frame.equalises:
            return same, rows.removed, rows.before, rows.added, rows.after
        before, after = np.concatenate([same, rows.before]), comparison.rows_after[newer]
        none = same[:0]
        return none, rows.removed, before, rows.added, np.concatenate([after, rows.after])


def move(metric: SetMetric, figures: tuple[Figure, Figure], union: Union | None) -> Movement:
    """How a metric of whole sets moved.

    Args:
        metric: its definition, the same on both sides.
        figures: the figures of the two sides.
        union: the examples of both; None to leave out what takes many figures of subsets.
    """
    older, newer = figures
    movement = Movement(
        metric=metric.name,
        id=metric.id,
        unit=metric.unit,
        better=metric.better,
        kind="set",
        before=older.value,
        after=newer.value,
        detail=(older.detail, newer.detail),
    )
    if union is None or older.value is None or newer.value is None:
        return movement
    over = metric.over(union.population)
    return replace(
        movement,
        split=shapley(lambda done: over(union.after(done)).value),
        chance=_chance(over, union, older.value, newer.value),
    )


def _chance(over: Figures, union: Union, older: float, newer: float) -> Chance | None:
    """What the figure of the smaller side would be, were it a random part of the larger one.

    Many figures of sets depend on the size of the set alone: this tells that from the rest.
    """
    sides = union.after(frozenset()), union.after(frozenset({"added", "removed", "edited"}))
    sizes = [int(side.sum()) for side in sides]
    if sizes[0] == sizes[1]:
        return None
    larger = np.flatnonzero(sides[int(sizes[1] > sizes[0])])
    found = [over(places).value for places in _subsets(union.population, larger, min(sizes))]
    known = [value for value in found if value is not None]
    if not known:
        return None
    mean = float(np.mean(known))
    expected = mean if sizes[0] > sizes[1] else older + newer - mean
    return Chance.of(newer, expected, float(np.std(known)), len(known))


def _subsets(
    population: Population, places: NDArray[np.int64], size: int
) -> Iterator[NDArray[np.int64]]:
    """Random subsets, the same ones wherever and in whatever order the examples are kept."""
    keys = population.conversations()[places]
    ordered = places[np.argsort(keys, kind="stable")]
    numbers = np.arange(len(ordered), dtype=np.uint64)
    for draw in range(DRAWS):
        ranks = _mixed(numbers + np.uint64((_SEED * (draw + 1)) % 2**64))
        yield np.sort(ordered[np.argpartition(ranks, size)[:size]])


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one pseudorandom number for each."""
    mixed = numbers * np.uint64(_SEED)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return result
