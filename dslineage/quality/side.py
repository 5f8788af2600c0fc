"""One side of a comparison: a snapshot, and what is known of its measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.quality.measures import Measures
from dslineage.quality.metric import name_of
from dslineage.quality.recorded import RecordedMetric, recorded_metrics
from dslineage.quality.setmetric import Figure
from dslineage.quality.tally import Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.quality.metric import Metric
    from dslineage.quality.profile import Profile
    from dslineage.quality.setmetric import SetMetric
    from dslineage.quality.values import Values
    from dslineage.records import MeasurementRecord
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.stored import StoredSnapshot


@dataclass(frozen=True, slots=True)
class Side:
    """A state of a data set as it was measured.

    `records` are its measurement records, the newest first; a state that is no recorded version
    has none.
    """

    measures: Measures
    records: Sequence[MeasurementRecord] = ()

    @classmethod
    def of(cls, snapshot: StoredSnapshot, catalog: Catalog | None = None) -> Side:
        """A snapshot with what the records of its repository say of it."""
        record = snapshot.recorded
        known = catalog.measurements(record, snapshot.commit) if catalog and record else ()
        return cls(Measures(snapshot), tuple(known))

    @property
    def snapshot(self) -> StoredSnapshot:
        """The state itself."""
        return self.measures.snapshot

    @property
    def is_version(self) -> bool:
        """Whether it is a recorded version, which has to be measured by a command of its own."""
        return self.snapshot.recorded is not None

    def tally(self, metric: Metric) -> Tally | None:
        """The recorded tally of all examples; None where there is none under the metric's id."""
        known = self._recorded(metric.id)
        return None if known is None else Tally.from_dict(known)

    def figure(self, metric: SetMetric) -> Figure | None:
        """The recorded figure; None where there is none under the metric's id."""
        known = self._recorded(metric.id)
        return None if known is None else Figure(known.get("figure"), known.get("detail", {}))

    def measured_otherwise(self, name: str) -> bool:
        """Whether a metric of that name was measured, whatever its definition."""
        return any(name_of(id_) == name for one in self.records for id_ in one.metrics)

    def values(self, metric: Metric, rows: NDArray[np.int64]) -> Values:
        """The values of a metric for some rows, which are measured where that is missing.

        Raises:
            UndecidableError: they are missing, and the metric is known from records alone.
        """
        return self.table([metric], rows)[metric.id]

    def table(self, metrics: Sequence[Metric], rows: NDArray[np.int64]) -> dict[str, Values]:
        """The values of several metrics, by their ids; see `values`."""
        own = [metric for metric in metrics if not isinstance(metric, RecordedMetric)]
        self.measures.fill(own, rows, cached=True)
        return self.measures.table(metrics, rows)

    def _recorded(self, id_: str) -> Mapping[str, Any] | None:
        return next((one.metrics[id_] for one in self.records if id_ in one.metrics), None)


@dataclass(frozen=True, slots=True)
class Quality:
    """The metrics of a comparison, and its two sides as they were measured.

    The code of the profile's metrics is run where a value is missing; what else was recorded is
    compared without.
    """

    profile: Profile
    before: Side
    after: Side

    @property
    def metrics(self) -> list[Metric | SetMetric]:
        """The metrics that are compared: those of the profile, then those in records alone."""
        known = (*self.profile.metrics, *self.profile.measured)
        records = (*self.after.records[:1], *self.before.records[:1])
        return [
            *self.profile.metrics,
            *recorded_metrics(records, (metric.name for metric in known)),
        ]
