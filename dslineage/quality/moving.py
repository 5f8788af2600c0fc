"""From the tallies of two sides and the values of what changed to a movement."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.quality.attribution import Ratio, Split, split
from dslineage.quality.chance import Chance, deviation
from dslineage.quality.distance import distance
from dslineage.quality.metric import MICRO, Kind, Metric
from dslineage.quality.movement import Affected, Label, Movement, Pairs
from dslineage.quality.tally import Tally
from dslineage.quality.values import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARES = (Kind.FLAG, Kind.REASONS)


class Changed(NamedTuple):
    """The values of a metric for the changed examples; each of `before` became one of `after`."""

    removed: Values
    added: Values
    before: Values
    after: Values


def move(metric: Metric, before: Tally, after: Tally, changed: Changed) -> Movement:
    """How a metric with a value for each example moved.

    Args:
        metric: its definition, the same on both sides.
        before: the tally of all examples of the older side.
        after: that of the newer side.
        changed: the values of the examples that are not the same on both sides.
    """
    removed, added, was, now = (Tally.of(values, metric.labels) for values in changed)
    kept = before.rows - removed.rows - was.rows
    of_unchanged = _split(before, after, added + now, removed + was)
    return Movement(
        metric=metric.name,
        id=metric.id,
        unit=metric.unit,
        better=metric.better,
        kind=metric.kind.value,
        before=before.figure,
        after=after.figure,
        split=_split(before, after, added, removed),
        unchanged=of_unchanged.edited if of_unchanged else 0.0,
        chance=_chance(before, after, kept),
        standardised=_standardised(before, after),
        affected=None if metric.kind is Kind.CATEGORY else affected(before, after, added, removed),
        coverage=(_share(before), _share(after)),
        pairs=pairs(changed.before, changed.after),
        distance=distance(before, after),
        tallies=(before, after),
        labels=_labels(before, after, removed, added, kept),
    )


def ordered(movements: Iterable[Movement]) -> list[Movement]:
    """What moved more than chance first.

    Of those, what no random change could have moved comes first, that with a direction before
    that without, by how many examples are affected; then by how many times the reference it moved.
    The rest keeps its order.
    """
    listed = list(movements)
    moved = sorted((one for one in listed if one.comparable and one.moved), key=_rank)
    return [*moved, *(one for one in listed if not (one.comparable and one.moved))]


def affected(before: Tally, after: Tally, added: Tally, removed: Tally) -> Affected:
    """How many examples have a value other than 0; what is neither added nor removed is edited."""
    edited = after.nonzero - before.nonzero - added.nonzero + removed.nonzero
    return Affected(before.nonzero, after.nonzero, added.nonzero, -removed.nonzero, edited)


def ratio(tally: Tally) -> Ratio:
    """The sums of a tally."""
    return Ratio(tally.part, tally.whole)


def scale_of(kind: Kind) -> int:
    """How many units of a numerator are 1 of the metric's unit."""
    return MICRO if kind is Kind.NUMBER else 1


def pairs(before: Values, after: Values) -> Pairs:
    """How many edited examples have a higher, a lower, the same value as before."""
    both = before.applies & after.applies
    older: NDArray[Any]
    newer: NDArray[Any]
    if before.whole is not None and after.whole is not None:
        # Ratios are compared without dividing: products of two 32-bit numbers fit 64 bits.
        older = before.data.astype(np.uint64) * after.whole
        newer = after.data.astype(np.uint64) * before.whole
    else:
        older, newer = before.parts()[0], after.parts()[0]
    same = int((both & (older == newer)).sum() + (~before.applies & ~after.applies).sum())
    if before.kind in (Kind.CATEGORY, Kind.KEY):
        return Pairs(0, 0, same, len(both) - same)
    higher, lower = int((both & (newer > older)).sum()), int((both & (newer < older)).sum())
    return Pairs(higher, lower, same, len(both) - higher - lower - same)


def _rank(movement: Movement) -> tuple[bool, bool, float]:
    leading = movement.leading
    if leading is None or leading.times is not None:
        times = leading.times if leading is not None and leading.times is not None else 0.0
        return True, False, -abs(times)
    touched = movement.affected
    count = touched.after - touched.before if touched else 0
    return False, movement.better == "neutral", -abs(count)


def _split(before: Tally, after: Tally, added: Tally, removed: Tally) -> Split | None:
    if before.figure is None or after.figure is None:
        return None
    sides = (ratio(before), ratio(after), ratio(added), ratio(removed))
    return split(*sides, scale_of(before.kind))


def _chance(before: Tally, after: Tally, kept: int) -> Chance | None:
    figures = before.figure, after.figure
    spread = deviation(before, kept, after.rows - kept)
    if figures[0] is None or figures[1] is None or spread is None:
        return None
    return Chance.of(figures[1], figures[0], spread / scale_of(before.kind))


def _standardised(before: Tally, after: Tally) -> float | None:
    older, newer = before.figure, after.figure
    if older is None or newer is None:
        return None
    if before.kind in _SHARES:
        return 2 * (math.asin(math.sqrt(newer)) - math.asin(math.sqrt(older)))
    return (newer - older) / before.deviation if before.deviation else None


def _share(tally: Tally) -> float:
    return tally.applicable / tally.rows if tally.rows else 0.0


def _labels(
    before: Tally, after: Tally, removed: Tally, added: Tally, kept: int
) -> tuple[Label, ...]:
    """How the share of each category or reason moved: each is a flag of its own."""
    found = []
    for name in {**before.counts, **after.counts}:
        older, newer, gone, new = (_flag(side, name) for side in (before, after, removed, added))
        parts, chance = _split(older, newer, new, gone), _chance(older, newer, kept)
        if parts is not None and chance is not None:
            shares = older.part / older.whole, newer.part / newer.whole
            found.append(Label(name, (older.part, newer.part), *shares, parts, chance))
    return tuple(sorted(found, key=lambda label: (-abs(label.after - label.before), label.name)))


def _flag(tally: Tally, name: str) -> Tally:
    """The tally of whether each example has a category or a reason."""
    count, whole = tally.counts.get(name, 0), tally.applicable
    return Tally(Kind.FLAG, tally.rows, whole, count, whole, count, count, whole, nonzero=count)
