"""Profiles: named, hashed sets of metric definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.quality.judge import Judge
from dslineage.quality.metric import Metric, by_name
from dslineage.quality.setmetric import SetMetric


@dataclass(frozen=True)
class Profile:
    """Which metrics are measured, under a name; the order is that of a report.

    `judges` are there only where somebody asked for them.
    """

    name: str
    metrics: tuple[Metric | SetMetric, ...]
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """Names of metrics that cannot be measured here, and why, with what to do about it."""
    judges: tuple[Judge, ...] = ()
    failed: tuple[str, ...] = ()
    """What is among `unavailable` because it failed: it is to be tried again."""

    def failing(self, name: str, why: str) -> Profile:
        """The same without a metric or judge that failed, and how."""
        return replace(self.lacking(name, why), failed=(*self.failed, name))

    def lacking(self, name: str, why: str) -> Profile:
        """The same without a metric, or without the metrics of a file, and the reason."""
        return replace(
            self,
            metrics=tuple(metric for metric in self.metrics if metric.name != name),
            judges=tuple(judge for judge in self.judges if judge.name != name),
            unavailable={**self.unavailable, name: why},
        )

    def has(self, name: str) -> bool:
        """Whether a metric of that name is measured."""
        return any(metric.name == name for metric in self.metrics)

    @cached_property
    def id(self) -> str:
        """`name:<16 hex digits>` over the ids of the metrics."""
        ids = [one.id for one in (*self.metrics, *self.judges)]
        ids += [f"failed: {name}" for name in self.failed]
        return f"{self.name}:{Digest.of(canonical_bytes(ids)).hex[:16]}"

    @cached_property
    def measured(self) -> Sequence[Metric]:
        """The metrics that have a value for each example, keys of set metrics among them."""
        own = [metric for metric in self.metrics if isinstance(metric, Metric)]
        keys = [key for one in self.sets for key in one.keys]
        distinct = {metric.id: metric for metric in (*own, *keys)}
        return list(by_name(list(distinct.values())).values())

    @cached_property
    def sets(self) -> Sequence[SetMetric]:
        """The metrics of whole sets."""
        return [metric for metric in self.metrics if isinstance(metric, SetMetric)]
