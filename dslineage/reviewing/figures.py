"""The metrics of single examples, as figures that a sheet can show and a sample can be drawn by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.measures import Measures
from dslineage.quality.metric import MICRO, Kind, Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.profile import Profile
    from dslineage.quality.values import Values
    from dslineage.reviewing.population import Metrics
    from dslineage.versions.stored import StoredSnapshot

_WITHOUT_FIGURE = {Kind.CATEGORY, Kind.KEY}


def figures(snapshot: StoredSnapshot, profile: Profile) -> Metrics:
    """The metrics of a profile that a version was measured under, and that are numbers."""
    measures = Measures(snapshot)
    rows = snapshot.rows()
    return {
        metric.name: _Figures(measures, metric)
        for metric in profile.metrics
        if isinstance(metric, Metric)
        and metric.kind not in _WITHOUT_FIGURE
        and not measures.missing([metric], rows)
    }


class _Figures:
    """The figures of one metric."""

    def __init__(self, measures: Measures, metric: Metric) -> None:
        self._measures = measures
        self._metric = metric

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return _numbers(self._measures.values(self._metric, rows))


def _numbers(values: Values) -> NDArray[np.float64]:
    """One number for each example; NaN where the metric does not apply."""
    part, whole = values.parts()
    scale = MICRO if values.kind is Kind.NUMBER else 1
    found = np.full(len(part), np.nan)
    np.divide(part, whole * scale, out=found, where=whole > 0)
    return found
