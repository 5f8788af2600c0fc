"""The slices that examples belong to: the values of a field."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.diff.compared import Compared
from dslineage.errors import UsageError
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.moving import scale_of
from dslineage.quality.setmetric import SetMetric
from dslineage.quality.slices import by_slice, sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dslineage.diff.view import View
    from dslineage.quality.movement import Movement

FIELDS = ("source", "category", "tier", "language")
"""Fields by which data sets are sliced without being asked to, where they are there."""

MANY = 200
"""More different values than so many are no slices, unless they are asked for."""

ABSENT = "(none)"
FORGOTTEN = "(forgotten)"


class Slicing(NamedTuple):
    """The slice of each example of the two sides: places in `names`."""

    field: str
    names: list[str]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def fields_of(compared: Compared) -> list[str]:
    """The fields by which to slice without being asked to."""
    sides = [side.snapshot.fields for side in compared.sides]
    return [name for name in FIELDS if all(name in fields for fields in sides)]


def check(compared: Compared, fields: Sequence[str]) -> None:
    """Refuse a field that neither side has.

    Raises:
        UsageError: there is one.
    """
    known = {name for side in compared.sides for name in side.snapshot.fields}
    for name in fields:
        if name not in known:
            choices = ", ".join(sorted(known)) or "none"
            raise UsageError(f"no example has a field {name!r}", hint=f"the fields are: {choices}")


def slicings(compared: Compared, fields: Sequence[str]) -> list[Slicing]:
    """Slice both sides by some fields; reads every example once."""
    numbers: dict[str, dict[str, int]] = {name: {} for name in fields}
    frame = compared.comparison.frame
    older = _codes(frame.before, compared.comparison.rows_before, numbers)
    newer = _codes(frame.after, compared.comparison.rows_after, numbers)
    return [
        Slicing(name, list(numbers[name]), older[place], newer[place])
        for place, name in enumerate(fields)
    ]


def sliced(
    compared: Compared,
    metric: Metric | SetMetric,
    movement: Movement,
    slicings: Sequence[Slicing],
    *,
    whole: bool,
) -> Movement:
    """A movement with how it splits by slices, where its metric is a ratio of sums.

    `whole` says whether single slices are told, or the totals alone.
    """
    if isinstance(metric, SetMetric) or metric.kind is Kind.CATEGORY or not movement.comparable:
        return movement
    comparison, quality = compared.comparison, compared.quality
    older = quality.before.values(metric, comparison.rows_before).parts()
    newer = quality.after.values(metric, comparison.rows_after).parts()
    found = (
        by_slice(
            one.field,
            sums(one.before, one.names, *older),
            sums(one.after, one.names, *newer),
            scale_of(metric.kind),
        )
        for one in slicings
    )
    known = (one for one in found if one is not None)
    return replace(
        movement, slices=tuple(one if whole else replace(one, slices=()) for one in known)
    )


def _codes(
    view: View, rows: NDArray[np.int64], numbers: dict[str, dict[str, int]]
) -> NDArray[np.int64]:
    """A number for the slice of each example in each field, shape (fields, n)."""
    distinct, where = np.unique(rows, return_inverse=True)
    own = {new: old for old, new in view.projection.renamed.items()}
    codes = np.zeros((len(numbers), len(distinct)), np.int64)
    forgotten = view.snapshot.forgotten(distinct)
    for line, known in enumerate(numbers.values()):
        if forgotten.any():
            codes[line, forgotten] = known.setdefault(FORGOTTEN, len(known))
    places = np.flatnonzero(~forgotten)
    for place, example in zip(places.tolist(), view.snapshot.read(distinct[places]), strict=True):
        for line, (field, known) in enumerate(numbers.items()):
            name = slice_name(example.get(own.get(field, field)))
            codes[line, place] = known.setdefault(name, len(known))
    return codes[:, where]


def slice_name(value: Any) -> str:
    """What a slice is called: its value, or that there is none."""
    if value is None:
        return ABSENT
    return value if isinstance(value, str) else canonical_bytes(value).decode()
