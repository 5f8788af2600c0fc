"""What a metric is, for people: formula, unit, direction, source and a worked example."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from dslineage.errors import NotFoundError
from dslineage.quality.judge import Judge
from dslineage.quality.metric import Metric
from dslineage.quality.profile import Profile
from dslineage.quality.setmetric import SetMetric


@dataclass(frozen=True, slots=True)
class Explanation:
    """One metric; `about` is its code's docstring, or the command of a judge.

    `kind` is `set` for one of the whole set, and `judge` for a judge.
    """

    name: str
    id: str
    kind: str
    unit: str
    better: str
    formula: str
    source: str
    worked: str
    about: str
    params: Mapping[str, Any]
    labels: tuple[str, ...]
    lexicons: tuple[str, ...]
    unavailable: str = ""

    @classmethod
    def of(cls, metric: Metric | SetMetric) -> Explanation:
        """The explanation of a metric."""
        single = metric if isinstance(metric, Metric) else None
        code = metric.function if isinstance(metric, Metric) else metric.prepare
        return cls(
            name=metric.name,
            id=metric.id,
            kind=single.kind.value if single else "set",
            unit=metric.unit,
            better=metric.better,
            formula=metric.formula,
            source=metric.source,
            worked=metric.worked,
            about=inspect.getdoc(code) or "",
            params=dict(metric.params),
            labels=single.labels if single else (),
            lexicons=tuple(one.name for one in single.lexicons) if single else (),
        )

    @classmethod
    def of_judge(cls, judge: Judge) -> Explanation:
        """The explanation of a judge."""
        return cls(
            name=judge.name,
            id=judge.id,
            kind="judge",
            unit=judge.unit,
            better=judge.better,
            formula=f"mean score of {judge.sample:,} examples, drawn by a hash of seed and digest",
            source=f"{judge.model}, asked by metrics run --judges",
            worked="",
            about=judge.about,
            params={"prompt": judge.identity["prompt"], "sample": judge.sample, "seed": judge.seed},
            labels=(),
            lexicons=(),
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.metric/1`."""
        return {
            "schema": "dslineage.metric/1",
            "metric": self.name,
            "id": self.id,
            "kind": self.kind,
            "unit": self.unit,
            "better": self.better,
            "formula": self.formula,
            "source": self.source,
            "worked": self.worked,
            "about": self.about,
            "params": dict(self.params),
            "labels": list(self.labels),
            "lexicons": list(self.lexicons),
            "unavailable": self.unavailable or None,
        }


@dataclass(frozen=True, slots=True)
class ProfileExplanation:
    """All metrics of a profile, in its order, and those that cannot be measured here."""

    profile: str
    metrics: tuple[Explanation, ...]
    unavailable: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.profile/1`."""
        return {
            "schema": "dslineage.profile/1",
            "profile": self.profile,
            "metrics": [metric.to_dict() for metric in self.metrics],
            "unavailable": dict(self.unavailable),
        }


def explain_profile(profile: Profile) -> ProfileExplanation:
    """Every metric and judge of a profile."""
    explanations = [Explanation.of(metric) for metric in profile.metrics]
    explanations += map(Explanation.of_judge, profile.judges)
    # Judges are in the id of a profile by which they were asked.
    id_ = replace(profile, judges=()).id
    return ProfileExplanation(id_, tuple(explanations), profile.unavailable)


def explain_metric(profile: Profile, name: str) -> Explanation:
    """One metric or judge of a profile, by name.

    Raises:
        NotFoundError: the profile has no such metric.
    """
    metrics = {one.name: one for one in explain_profile(profile).metrics}
    if name in metrics:
        return metrics[name]
    why = profile.unavailable.get(name)
    if why is not None:
        raise NotFoundError(f"{name} is not measured here: {why}", kind="metric-unavailable")
    near = get_close_matches(name, metrics, n=1)
    raise NotFoundError(
        f"the profile {profile.name} has no metric {name!r}",
        kind="unknown-metric",
        hint=f"dslineage metrics explain {near[0]}" if near else "dslineage metrics list",
    )
