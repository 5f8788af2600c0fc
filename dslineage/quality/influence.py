"""Which changed examples moved a metric most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.attribution import Ratio, influences
from dslineage.quality.metric import Kind
from dslineage.quality.moving import Changed, ratio, scale_of
from dslineage.quality.values import category_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.movement import Movement
    from dslineage.quality.values import Values


def influence(movement: Movement, changed: Changed) -> NDArray[np.float64]:
    """What each changed example contributes: the removed, the added, the edited ones in turn.

    They add up to the movement's split, of a category to that of the one which moved furthest.
    """
    kind = changed.removed.kind
    if movement.tallies is None:
        return np.zeros(0)
    label = movement.labels[0] if kind is Kind.CATEGORY and movement.labels else None
    if label is None:
        older, newer = (ratio(tally) for tally in movement.tallies)
        parts = [values.parts() for values in changed]
    else:
        older, newer = (
            Ratio(count, tally.applicable)
            for count, tally in zip(label.examples, movement.tallies, strict=True)
        )
        parts = [_is(label.name, values) for values in changed]
    if not older.whole or not newer.whole:
        return np.zeros(0)
    gone, new, was, now = parts
    part = np.concatenate([-gone[0], new[0], now[0] - was[0]])
    whole = np.concatenate([-gone[1], new[1], now[1] - was[1]])
    return influences(older, newer, part, whole) / scale_of(kind)


def _is(category: str, values: Values) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whether each example has a category, as numerators and denominators."""
    same = values.data == np.uint64(category_code(category))
    return same.astype(np.int64), values.applies.astype(np.int64)
