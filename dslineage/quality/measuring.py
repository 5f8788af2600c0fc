"""Measuring a version under a profile: tallies and figures for its measurement record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.quality.custom import failure
from dslineage.quality.measures import Measures
from dslineage.quality.metric import Kind
from dslineage.quality.tally import Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.metric import Metric
    from dslineage.quality.profile import Profile
    from dslineage.quality.setmetric import SetMetric
    from dslineage.records import MeasurementRecord
    from dslineage.versions.executor import Executor
    from dslineage.versions.stored import StoredSnapshot


_CATEGORIES = 1_000
"""More than a record should list, and than anybody reads."""
_SETS_AT_ONCE = 2
"""Set metrics sort arrays as long as the set: two keep two cores busy, more would need memory."""


@dataclass(frozen=True, slots=True)
class Before:
    """A version that was measured in the same store, from which a tally can go on."""

    snapshot: StoredSnapshot
    measurement: MeasurementRecord


def measure(
    snapshot: StoredSnapshot,
    profile: Profile,
    executor: Executor,
    *,
    before: Before | None = None,
) -> dict[str, dict[str, Any]]:
    """What was measured of a version, by metric id: the members of a `MeasurementRecord`.

    Tallies go on from those of a version before where they can; as sums of integers they come out
    the same.

    Args:
        snapshot: the version; values that are not stored yet are stored.
        profile: the metrics.
        executor: where texts are read.
        before: a version that shares most rows.
    """
    measures = Measures(snapshot, executor)
    rows = snapshot.rows()
    measures.fill(profile.measured, rows)
    found: dict[str, dict[str, Any]] = {}
    for metric, tally in _tallies(measures, profile.measured, rows, before):
        labels = {"labels": list(metric.labels)} if metric.labels else {}
        found[metric.id] = {**_head(metric, tally.figure), **labels, **tally.to_dict()}
        if len(tally.counts) > _CATEGORIES:
            raise failure(
                metric, f"has {len(tally.counts):,} categories, more than {_CATEGORIES:,}"
            )
    keys = [metric for metric in profile.measured if metric.kind is Kind.KEY]
    population = measures.population(rows, keys)
    sets = profile.sets[::-1]  # those that take longest are the last of a profile
    with ThreadPoolExecutor(_SETS_AT_ONCE) as pool:
        figures = list(pool.map(lambda one: one.of(population), sets))
    for one, figure in zip(sets, figures, strict=True):
        detail = {name: value for name, value in figure.detail.items() if value is not None}
        found[one.id] = {**_head(one, figure.value), "detail": detail}
    return {metric.id: found[metric.id] for metric in profile.metrics}


def _tallies(
    measures: Measures, metrics: Sequence[Metric], rows: NDArray[np.int64], before: Before | None
) -> Iterator[tuple[Metric, Tally]]:
    """The tally of each metric that has one; of what goes on, only changed rows are read, once."""
    known = before.measurement.metrics if before else {}
    older = rows if before is None else before.snapshot.rows()
    changed, times = _changed(older, rows)
    if measures.snapshot.forgotten(changed).any():  # what they added to a tally, nobody knows
        known, changed, times = {}, rows[:0], rows[:0]
    going_on = [one for one in metrics if one.id in known and one.kind is not Kind.KEY]
    values = measures.table(going_on, changed)
    for metric in metrics:
        if metric.id in values:
            change = Tally.of(values[metric.id], metric.labels, times)
            yield metric, Tally.from_dict(known[metric.id]) + change
        elif metric.kind is not Kind.KEY:
            yield metric, measures.tally(metric, rows)


def _head(metric: Metric | SetMetric, figure: float | None) -> dict[str, Any]:
    """What makes a record readable by itself; no figure where the metric does not apply."""
    head = {"unit": metric.unit, "better": metric.better}
    return head if figure is None else head | {"figure": figure}


def _changed(
    before: NDArray[np.int64], after: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that are there more or less often than before, and by how much."""
    size = int(max(before.max(initial=-1), after.max(initial=-1))) + 1
    times = np.bincount(after, minlength=size) - np.bincount(before, minlength=size)
    rows = np.flatnonzero(times)
    return rows, times[rows]
