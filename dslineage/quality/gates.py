"""Gates: thresholds and ratchets on metrics, which a team wrote down with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dslineage.config import RATCHETS
from dslineage.members import member
from dslineage.quality.metric import Kind, name_of
from dslineage.quality.tally import Tally
from dslineage.records.form import understood

if TYPE_CHECKING:
    from dslineage.config import Bound, GateConfig
    from dslineage.records import ClaimRecord, MeasurementRecord

Verdict = Literal["pass", "warn", "fail", "waived", "not comparable"]
WAIVER = "waiver"
"""The type of claim by which a failed gate is let through."""

_SAID = ("metric", "reason", "until")
_SHARES = ("share", "ratio", "ppm")


@dataclass(frozen=True, slots=True)
class Waiver:
    """Who lets a gate's failure through for a data set, why, and until which day (ISO 8601)."""

    metric: str
    author: str
    reason: str
    until: str

    @classmethod
    def of(cls, claim: ClaimRecord) -> Waiver:
        """The waiver that a claim is; an IntegrityError where it is none."""
        with understood(f"the claim {claim.id}"):
            metric, reason, until = (member(claim.body, name, str) for name in _SAID)
            return cls(metric, claim.author, reason, date.fromisoformat(until).isoformat())

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
    """A version with what was measured of it, the newest first; without, if its record is gone."""

    label: str
    measurements: Sequence[MeasurementRecord] = ()


def check_gates(
    version: Measured,
    parent: Measured | None,
    gates: Sequence[GateConfig],
    waivers: Sequence[Waiver],
    today: str,
) -> Iterator[GateResult]:
    """What each gate says of a version, in the order in which the gates are written.

    Args:
        version: the version, as `train@v4`.
        parent: that from which ratchets count; None for a first version.
        gates: those that concern its data set.
        waivers: those of its data set.
        today: the day, as ISO 8601.
    """
    for gate in gates:
        for bound in gate.bounds:
            verdict, why, now, before = _judged(version, parent, gate, bound)
            waiver = _waiver(waivers, gate.metric, today) if verdict == "fail" else None
            dataset, _, label = version.label.rpartition("@")
            yield GateResult(
                dataset=dataset,
                version=label,
                metric=gate.metric,
                bound=f"{bound.kind} {bound.written}",
                verdict="waived" if waiver else verdict,
                value=now.value if now else None,
                before=before.value if before else None,
                unit=now.unit if now else "",
                why=why,
                reason=gate.reason,
                against=parent.label.rpartition("@")[2] if parent else "",
                waiver=waiver,
            )


class _Figure(NamedTuple):
    id: str
    value: float | None
    unit: str
    better: str
    of_judge: bool


class _UnknownError(ValueError):
    """Why a gate cannot be judged."""


def _judged(
    version: Measured, parent: Measured | None, gate: GateConfig, bound: Bound
) -> tuple[Verdict, str, _Figure | None, _Figure | None]:
    """The verdict, a word on it, and the figures of the version and of its parent."""
    now = before = None
    try:
        now = _figure(version, gate.metric)
        _fits(bound, now)
        if bound.kind in RATCHETS and parent is not None:
            before = _figure(parent, gate.metric, now.id)
    except _UnknownError as error:
        return "not comparable", str(error), now, None
    return *_verdict(gate, bound, now, before, first=parent is None), now, before


def _verdict(
    gate: GateConfig, bound: Bound, now: _Figure, before: _Figure | None, *, first: bool
) -> tuple[Verdict, str]:
    if now.value is None:
        return "pass", "it applies to no example"
    value = now.value
    if bound.kind in RATCHETS:
        if before is None or before.value is None:
            none = "a first version has no parent to be compared with"
            return "pass", none if first else "it applied to no example of the parent"
        value -= before.value
    broken = {
        "min": value < bound.value,
        "max": value > bound.value,
        "max_increase": value > bound.value,
        "max_decrease": -value > bound.value,
    }[bound.kind]
    warnings = {
        "judges only warn, unless the gate says judge = true": now.of_judge and not gate.judge,
        "neutral metrics only warn": now.better == "neutral",
        "": gate.warn,
    }
    why = next((why for why, holds in warnings.items() if holds), None)
    if not broken:
        return "pass", ""
    return ("fail", "") if why is None else ("warn", why)


def _fits(bound: Bound, figure: _Figure) -> None:
    """Refuse bounds that could not hold what they seem to: a gate that cannot fail is none."""
    of_share = figure.unit in _SHARES or figure.unit.startswith("share ")
    if bound.is_share and not of_share:
        raise _UnknownError(f"{bound.written} is no bound on {figure.unit}")
    if of_share and not bound.is_share and abs(bound.value) > 1:
        raise _UnknownError(
            f"{bound.written} is no share: write {bound.written}% or {bound.written}ppm"
        )


def _figure(version: Measured, metric: str, id_: str = "") -> _Figure:
    """The figure of a metric, or of one label or category of it (`pii/email`).

    Args:
        version: the version.
        metric: its name, with the label behind a slash.
        id_: the definition that is wanted; empty for that which was measured last.
    """
    if not version.measurements:
        raise _UnknownError(f"{version.label} was not measured")
    name, label = _name_and_label(metric, version.measurements)
    found = [
        (id_of, document)
        for one in version.measurements
        for id_of, document in one.metrics.items()
        if name_of(id_of) == name
    ]
    same = [one for one in found if id_ in ("", one[0])]
    if not same and found:
        raise _UnknownError(f"{version.label} was measured under another definition, {found[0][0]}")
    if not same:
        unmeasured = version.measurements[0].unmeasured.get(name) or _no_such(name, version)
        raise _UnknownError(f"{name} was not measured of {version.label}: {unmeasured}")
    id_, document = same[0]
    of_judge = "judge" in document
    if of_judge and "figure" not in document:
        raise _UnknownError(f"{version.label} was not judged to the end")
    if not label and document.get("kind") == Kind.CATEGORY.value:
        raise _UnknownError(f"{name} has no figure but those of its categories, as {name}/NAME")
    value = _share_of(document, label) if label else document.get("figure")
    unit = "share" if label else document["unit"]
    return _Figure(id_, value, unit, document["better"], of_judge)


def _no_such(name: str, version: Measured) -> str:
    """That there is no metric of a name, and which ones that is nearest to."""
    known = {name_of(id_) for one in version.measurements for id_ in one.metrics}
    near = get_close_matches(name, sorted(known | version.measurements[0].unmeasured.keys()))
    return "there is no such metric" + (f"; did you mean {', '.join(near)}?" if near else "")


def _name_and_label(metric: str, measurements: Sequence[MeasurementRecord]) -> tuple[str, str]:
    """A label stands behind the last slash, unless the whole is a metric (`contam[a/b.jsonl]`)."""
    known = {name_of(id_) for one in measurements for id_ in one.metrics}
    name, _, label = metric.rpartition("/")
    return (name, label) if name in known and metric not in known else (metric, "")


def _share_of(document: Mapping[str, Any], label: str) -> float | None:
    """The share of the examples that have a category or a reason."""
    labels = document.get("labels")
    if "kind" not in document or Kind(document["kind"]) not in (Kind.CATEGORY, Kind.REASONS):
        raise _UnknownError(f"the metric has no parts such as {label!r}")
    if labels is not None and label not in labels:
        raise _UnknownError(f"the metric has no reason {label!r}: {', '.join(labels)} are")
    tally = Tally.from_dict(document)
    return tally.counts.get(label, 0) / tally.applicable if tally.applicable else None


def _waiver(waivers: Sequence[Waiver], metric: str, today: str) -> Waiver | None:
    holding = (one for one in waivers if one.metric == metric and one.until >= today)
    return max(holding, key=lambda one: one.until, default=None)
