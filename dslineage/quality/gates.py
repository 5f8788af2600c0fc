"""Gates: thresholds and ratchets on metrics, which a team wrote down with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dslineage.quality.metric import name_of
from dslineage.quality.tally import Tally

if TYPE_CHECKING:
    from dslineage.config import GateConfig
    from dslineage.records import ClaimRecord, DatasetRecord, MeasurementRecord

Verdict = Literal["pass", "warn", "fail", "waived", "not comparable"]
WAIVER = "waiver"
"""The type of claim by which a failed gate is let through."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Who lets a gate's failure through for a data set, why, and until which day (ISO 8601)."""

    metric: str
    author: str
    reason: str
    until: str

    @classmethod
    def of(cls, claim: ClaimRecord) -> Waiver:
        """The waiver that a claim is; a KeyError where it is none."""
        body = claim.body
        return cls(str(body["metric"]), claim.author, str(body["reason"]), str(body["until"]))

    def to_dict(self) -> dict[str, Any]:
        """The waiver as a JSON object."""
        return {
            "metric": self.metric,
            "author": self.author,
            "reason": self.reason,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate says of a version: a sentence, the figures, and the waiver if one holds."""

    dataset: str
    version: str
    metric: str
    bound: str
    verdict: Verdict
    value: float | None
    before: float | None
    unit: str
    why: str
    reason: str
    against: str = ""
    waiver: Waiver | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as a JSON object."""
        return {
            "dataset": self.dataset,
            "version": self.version,
            "metric": self.metric,
            "gate": self.bound,
            "verdict": self.verdict,
            "value": self.value,
            "against": self.against or None,
            "before": self.before,
            "unit": self.unit,
            "why": self.why,
            "reason": self.reason,
            "waiver": self.waiver.to_dict() if self.waiver else None,
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """A version with what was measured of it, if anything was."""

    record: DatasetRecord
    measurement: MeasurementRecord | None


def check_gates(
    version: Measured,
    parent: Measured | None,
    gates: Sequence[GateConfig],
    waivers: Sequence[Waiver],
    today: str,
) -> Iterator[GateResult]:
    """What each gate says of a version, in the order in which the gates are written.

    Args:
        version: the version.
        parent: that from which ratchets count; None for a first version.
        gates: those that concern its data set.
        waivers: those of its data set.
        today: the day, as ISO 8601.
    """
    for gate in gates:
        for bound, limit in _bounds(gate):
            yield _judged(version, parent, gate, bound, limit, waivers, today)


def _bounds(gate: GateConfig) -> Iterator[tuple[str, float]]:
    for bound, limit in (
        ("min", gate.least),
        ("max", gate.most),
        ("max_increase", gate.max_increase),
        ("max_decrease", gate.max_decrease),
    ):
        if limit is not None:
            yield bound, limit


def _judged(
    version: Measured,
    parent: Measured | None,
    gate: GateConfig,
    bound: str,
    limit: float,
    waivers: Sequence[Waiver],
    today: str,
) -> GateResult:
    now = _figure(version, gate.metric)
    against = _figure(parent, gate.metric) if parent is not None else None
    ratchet = bound in ("max_increase", "max_decrease")
    verdict: Verdict = "pass"
    why = ""
    if isinstance(now, str):
        verdict, why = "not comparable", now
    elif now.value is None:
        why = "it applies to no example"
    elif ratchet and parent is None:
        why = "a first version has no parent to be compared with"
    elif ratchet and isinstance(against, str):
        verdict, why = "not comparable", f"of the parent: {against}"
    elif ratchet and isinstance(against, _Found) and against.id != now.id:
        verdict, why = "not comparable", f"the parent was measured under {against.id}"
    else:
        before = against.value if isinstance(against, _Found) else None
        broken, why = _broken(bound, limit, now.value, before)
        weak = gate.warn or now.better == "neutral"
        verdict = "pass" if not broken else "warn" if weak else "fail"
    waiver = _waiver(waivers, gate.metric, today) if verdict == "fail" else None
    return GateResult(
        dataset=version.record.dataset,
        version=version.record.label,
        metric=gate.metric,
        bound=f"{bound} {limit:g}",
        verdict="waived" if waiver else verdict,
        value=now.value if isinstance(now, _Found) else None,
        before=against.value if ratchet and isinstance(against, _Found) else None,
        unit=now.unit if isinstance(now, _Found) else "",
        why=why,
        reason=gate.reason,
        against=parent.record.label if parent else "",
        waiver=waiver,
    )


def _broken(bound: str, limit: float, value: float, before: float | None) -> tuple[bool, str]:
    """Whether a figure is out of its bound, and a word on it where the parent has no figure."""
    if bound == "max":
        return value > limit, ""
    if bound == "min":
        return value < limit, ""
    if before is None:
        return False, "it applied to no example of the parent"
    moved = value - before if bound == "max_increase" else before - value
    return moved > limit, ""


@dataclass(frozen=True, slots=True)
class _Found:
    id: str
    value: float | None
    unit: str
    better: str


def _figure(version: Measured, metric: str) -> _Found | str:
    """The figure of a metric, or of one label or category of it (`pii/email`); else why not."""
    if version.measurement is None:
        return f"{version.record.dataset}@{version.record.label} was not measured"
    name, _, label = metric.partition("/")
    found: Mapping[str, Any] | None = None
    for id_, document in version.measurement.metrics.items():
        if name_of(id_) == name:
            found = document
            break
    else:
        why = version.measurement.unmeasured.get(name, "the profile has no such metric")
        return f"{name} was not measured: {why}"
    value = found.get("figure")
    if label:
        tally = Tally.from_dict(found)
        value = tally.counts.get(label, 0) / tally.applicable if tally.applicable else None
    return _Found(id_, value, found["unit"], found["better"])


def _waiver(waivers: Sequence[Waiver], metric: str, today: str) -> Waiver | None:
    holding = (one for one in waivers if one.metric == metric and one.until >= today)
    return max(holding, key=lambda one: one.until, default=None)
