"""Why a metric moved: the examples that moved it most, and what in them did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from dslineage.diff.cause import Highlight, Influence, Why
from dslineage.diff.rows import Chosen, row_changes
from dslineage.quality.example import Example
from dslineage.quality.influence import influence
from dslineage.quality.metric import MICRO, Kind, Metric
from dslineage.quality.recorded import RecordedMetric
from dslineage.quality.setmetric import SetMetric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dslineage.diff.compared import Compared
    from dslineage.diff.result import Change, RowChange
    from dslineage.quality.movement import Movement
    from dslineage.quality.moving import Changed
    from dslineage.quality.side import Side
    from dslineage.quality.values import Values

OTHERS = 5
"""Digests that are named of the examples with which one counts together."""


def why(
    compared: Compared,
    metric: Metric | SetMetric,
    movement: Movement,
    limit: int | None = None,
    *,
    along: bool = False,
) -> Why:
    """The changed examples that moved a metric most.

    Args:
        compared: the comparison.
        metric: the metric.
        movement: how it moved; must be comparable.
        limit: how many examples to name; None for all.
        along: name those only that moved it the way it went.
    """
    if isinstance(metric, SetMetric):
        return _why_of_set(compared, metric, limit)
    terms = influence(movement, compared.changed(metric))
    if along:
        terms = np.where(terms * (movement.delta or terms) > 0, terms, 0)
    places = _top(compared, terms, limit)
    found = _explained(compared, metric, places, terms[places])
    return Why(metric.name, int(np.count_nonzero(terms)), tuple(found))


def _top(compared: Compared, terms: NDArray[np.float64], limit: int | None) -> NDArray[np.int64]:
    """The places of the terms that are furthest from 0, ties in the order of digests."""
    sizes = np.abs(terms)
    places = np.flatnonzero(sizes)
    if limit is not None and len(places) > limit:
        least = np.partition(sizes[places], len(places) - limit)[len(places) - limit]
        places = places[sizes[places] >= least]
    ties = _digests(compared, places)
    return places[np.lexsort((ties, -sizes[places]))][:limit]


def _digests(compared: Compared, places: NDArray[np.int64]) -> NDArray[Any]:
    """The first bytes of the digests of changed examples, numbered as their influences are."""
    rows = compared.rows
    every = np.concatenate([rows.removed, rows.added, rows.before])[places]
    is_new = (places >= len(rows.removed)) & (places < len(rows.removed) + len(rows.added))
    found = np.zeros(len(places), ">u8")
    for side, mask in zip(compared.sides, (~is_new, is_new), strict=True):
        digests = side.snapshot.digests(every[mask])
        found[mask] = np.ascontiguousarray(digests[:, :8]).view(">u8").ravel()
    return found


class _Place(NamedTuple):
    """A changed example: what happened to it, and its index among those to which that happened."""

    change: Change
    at: int


def _named(compared: Compared, places: Iterable[int]) -> list[_Place]:
    removed, added = len(compared.rows.removed), len(compared.rows.added)
    return [
        _Place("removed", place)
        if place < removed
        else _Place("added", place - removed)
        if place < removed + added
        else _Place("edited", place - removed - added)
        for place in places
    ]


def _changes(compared: Compared, places: Sequence[_Place]) -> Mapping[_Place, RowChange]:
    """The changes at some places, read in one pass over each side."""
    chosen: Chosen = {}
    for change in ("edited", "removed", "added"):
        indices = {place.at for place in places if place.change == change}
        chosen[change] = np.array(sorted(indices), np.int64)
    order = [_Place(change, index) for change in chosen for index in chosen[change].tolist()]
    return dict(zip(order, row_changes(compared.comparison, chosen), strict=True))


def _explained(
    compared: Compared, metric: Metric, places: NDArray[np.int64], terms: NDArray[np.float64]
) -> Iterator[Influence]:
    named = _named(compared, places.tolist())
    changes = _changes(compared, named)
    values = compared.changed(metric)
    for place, term in zip(named, terms.tolist(), strict=True):
        row, at = changes[place], place.at
        yield Influence(
            row,
            term,
            None if row.before is None else value_at(_older(values, row.change), at, metric),
            None if row.after is None else value_at(_newer(values, row.change), at, metric),
            (
                *_highlights(compared, metric, row.before, "before"),
                *_highlights(compared, metric, row.after, "after"),
            ),
        )


def _older(values: Changed, change: Change) -> Values:
    return values.removed if change == "removed" else values.before


def _newer(values: Changed, change: Change) -> Values:
    return values.added if change == "added" else values.after


def value_at(values: Values, at: int, metric: Metric) -> Any:
    """The value of one example as JSON has it; None where the metric does not apply."""
    value: Any = int(values.data[at])
    if not values.applies[at]:
        value = None
    elif values.kind is Kind.NUMBER:
        value /= MICRO
    elif values.kind is Kind.RATE:
        value = [value, int(values.parts()[1][at])]
    elif values.kind is Kind.CATEGORY:
        value = values.names.get(value)
    elif values.kind is Kind.REASONS and metric.labels:
        value = [label for place, label in enumerate(metric.labels) if value >> place & 1]
    elif values.kind in (Kind.FLAG, Kind.REASONS):
        value = bool(value)
    return value


def _highlights(
    compared: Compared,
    metric: Metric,
    fields: Mapping[str, Any] | None,
    side: Literal["before", "after"],
) -> Iterator[Highlight]:
    """What caused the value of one form of an example."""
    if fields is None or isinstance(metric, RecordedMetric):
        return
    example = Example.of(fields, compared.sides[side == "after"].snapshot.adapter)
    by_part: dict[int, list[tuple[int, int]]] = {}
    for span in sorted(metric.of(example).spans):
        by_part.setdefault(span.part, []).append((span.start, span.stop))
    for part, spans in by_part.items():
        found = example.parts[part]
        yield Highlight(side, found.path, found.text, tuple(_joined(spans)))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap taken as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


def _why_of_set(compared: Compared, metric: SetMetric, limit: int | None) -> Why:
    """What counts in the older figure and was removed or edited, and the other way round."""
    comparison = compared.comparison
    sides: tuple[tuple[int, Side, NDArray[np.int64], NDArray[np.int64], Change], ...] = (
        (-1, compared.sides[0], comparison.rows_before, comparison.removed, "removed"),
        (1, compared.sides[1], comparison.rows_after, comparison.added, "added"),
    )
    found = []
    for sign, side, rows, alone, change in sides:
        edited = comparison.edited.before if sign < 0 else comparison.edited.after
        changed = {place: _Place(change, i) for i, place in enumerate(alone.tolist())}
        changed |= {place: _Place("edited", i) for i, place in enumerate(edited.tolist())}
        known = np.flatnonzero(~side.snapshot.forgotten(rows)).tolist()
        for cause in metric.causes(compared.population(side, rows)):
            places = [known[place] for place in cause.places]
            mine = [place for place in places if place in changed]
            if mine:
                rest = [place for place in places if place != mine[0]][:OTHERS]
                others = side.snapshot.digests(rows[np.array(rest, np.int64)])
                names = tuple(digest.tobytes().hex() for digest in others)
                found.append((sign * cause.influence, changed[mine[0]], cause.reason, names))
    found.sort(key=lambda one: -abs(one[0]))
    shown = found[:limit]
    changes = _changes(compared, [place for _, place, _, _ in shown])
    examples = tuple(
        Influence(changes[place], term, reason=reason, others=others)
        for term, place, reason, others in shown
    )
    return Why(metric.name, len(found), examples)
