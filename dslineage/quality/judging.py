"""What judges say of a version: of a sample that is drawn by digest, with its uncertainty.

The examples of a version are its units, in an order by a hash of seed and digest; the sample are
the first of them. So versions that share examples share most of their samples, and any part of a
version (what was added, what stayed) is sampled at random by the first of its own units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.quality.example import Example
from dslineage.quality.judge import Asked, Judge, JudgeError, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.records import MeasurementRecord
    from dslineage.versions.stored import StoredSnapshot

Z = 1.959964
"""Standard errors on each side of a 95 % interval."""

_HEX = 16
"""Digits of a digest by which a score is kept."""


@dataclass(frozen=True, slots=True)
class Units:
    """Examples of a version in the order in which they are drawn, copies counted.

    `keys` are random numbers, ascending; `codes` the first eight bytes of the digests, `rows` where
    the examples are.
    """

    keys: NDArray[np.uint64]
    codes: NDArray[np.uint64]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, snapshot: StoredSnapshot, seed: int) -> Units:
        """All examples of a version."""
        rows = snapshot.rows()
        codes = np.ascontiguousarray(snapshot.digests(rows)[:, :8]).view(">u8").reshape(-1)
        codes = codes.astype(np.uint64)
        order = np.argsort(codes, kind="stable")
        first = np.flatnonzero(np.diff(codes[order], prepend=~codes[order][:1]))
        copies = np.empty(len(rows), np.uint64)
        copies[order] = np.arange(len(rows)) - np.repeat(first, np.diff([*first, len(rows)]))
        keys = _mixed(_mixed(codes ^ _mixed(copies)) ^ np.uint64(seed % 2**64))
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], codes[order], rows[order])

    def names(self, count: int) -> list[str]:
        """By which the scores of the first of them are kept."""
        return [name_of(code) for code in self.codes[:count].tolist()]

    def within(self, other: Units, *, there: bool = True) -> Units:
        """Those that another version has, or has not."""
        chosen = np.isin(self.keys, other.keys) == there
        return Units(self.keys[chosen], self.codes[chosen], self.rows[chosen])

    def scored(self, scores: Mapping[str, Score]) -> list[Score]:
        """The scores of the first units, up to one that has none: a simple random sample."""
        found = []
        for code in self.codes.tolist():
            name = name_of(code)
            if name not in scores:
                break
            found.append(scores[name])
        return found


class Estimate(NamedTuple):
    """A figure of a sample, and its standard error; None where that cannot be told."""

    value: float
    error: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval, by the normal approximation."""
        if self.error is None:
            return None
        return self.value - Z * self.error, self.value + Z * self.error


class Stratum(NamedTuple):
    """A part of the examples, and the scores of a simple random sample of it."""

    size: int
    scores: Sequence[Score]

    def spread(self, residuals: NDArray[np.float64]) -> float | None:
        """The variance of an estimated total of residuals; None where too few were drawn."""
        drawn = len(residuals)
        if drawn == self.size:
            return 0.0
        if drawn < 2:
            return None
        return float(self.size * (self.size - drawn) / drawn * residuals.var(ddof=1))


def mean(strata: Sequence[Stratum]) -> Estimate | None:
    """The mean score of what a judge applies to; None where it applies to nothing.

    A ratio of stratified totals, with the standard error of its first-order expansion and the
    finite population correction (Cochran, Sampling Techniques, chapters 2, 5 and 6).
    """
    return difference(strata, [])


def difference(after: Sequence[Stratum], before: Sequence[Stratum]) -> Estimate | None:
    """The mean of one version less that of another; strata that both have are the same objects."""
    ratios = [ratio(after), ratio(before) if before else (0.0, 1.0)]
    (newer, count_after), (older, count_before) = ratios
    if not count_after or not count_before:
        return None
    variances = []
    for stratum in {id(one): one for one in (*after, *before)}.values():
        values, applies = _arrays(stratum.scores)
        residuals = np.zeros(len(values))
        if any(one is stratum for one in after):
            residuals += applies * (values - newer) / count_after
        if any(one is stratum for one in before):
            residuals -= applies * (values - older) / count_before
        variances.append(stratum.spread(residuals))
    known = [one for one in variances if one is not None]
    error = math.sqrt(sum(known)) if len(known) == len(variances) else None
    if error == 0 and any(len(one.scores) < one.size for one in after):
        error = None  # equal scores say nothing of how far those that were not drawn are away
    return Estimate(newer - older, error)


def ratio(strata: Sequence[Stratum]) -> tuple[float, float]:
    """The mean score, and how many examples it is estimated to apply to."""
    total = count = 0.0
    for stratum in strata:
        if stratum.size:
            values, applies = _arrays(stratum.scores)
            total += stratum.size * float((values * applies).mean())
            count += stratum.size * float(applies.mean())
    return (total / count if count else 0.0), count


class Judged(NamedTuple):
    """What a record keeps of a judge's work, and why it is not whole, if it is not."""

    document: dict[str, Any]
    failure: str


def judged(
    judge: Judge,
    snapshot: StoredSnapshot,
    parent: StoredSnapshot | None,
    known: Mapping[str, Score],
) -> Judged:
    """Have a version judged, as far as its scores are not known.

    Judged are the first examples of the version, and the first of what was added to its parent and
    of what was taken away, so that the difference is known better than either figure.

    Args:
        judge: who judges.
        snapshot: the version.
        parent: the version before it.
        known: scores by the first 16 hex digits of the example digest.
    """
    units = Units.of(snapshot, judge.seed)
    before = None if parent is None else Units.of(parent, judge.seed)
    strata = [units] if before is None else _split(units, before)
    parts = [(snapshot, one) for one in [units, *strata[1:]]]
    if parent is not None and before is not None:
        parts.append((parent, before.within(units, there=False)))
    scores: dict[str, Score] = {}
    failure = ""
    for where, part in parts:
        names = part.names(judge.sample)
        scores |= {name: known[name] for name in names if name in known}
        if not failure:
            failure = _ask(judge, where, part, names, scores)
    samples = [Stratum(len(one.keys), one.scored({**known, **scores})) for one in strata]
    for one, sample in zip(strata, samples, strict=True):
        scores |= {name: known[name] for name in one.names(len(sample.scores)) if name in known}
    return Judged(_document(judge, samples, scores, whole=not failure), failure)


def _split(units: Units, before: Units) -> list[Units]:
    """What a version has in common with the one before it, and what is new, if there is any."""
    return [one for there in (True, False) if len((one := units.within(before, there=there)).keys)]


def _document(
    judge: Judge, samples: Sequence[Stratum], scores: Mapping[str, Score], *, whole: bool
) -> dict[str, Any]:
    """What a record keeps: null is written out, for records have no null."""
    drawn = [score for sample in samples for score in sample.scores]
    found = mean(samples) if whole else None
    interval = None if found is None else found.interval
    return {
        "unit": judge.unit,
        "better": judge.better,
        **({} if found is None else {"figure": found.value}),
        "detail": {
            "sample": len(drawn),
            "of": sum(sample.size for sample in samples),
            "applies_to": sum(score is not None for score in drawn),
            **({} if interval is None else dict(zip(("low", "high"), interval, strict=True))),
        },
        "judge": judge.identity,
        "scores": {
            name: "null" if score is None else score for name, score in sorted(scores.items())
        },
    }


def scores_in(records: Sequence[MeasurementRecord], id_: str) -> dict[str, Score]:
    """The scores that records keep of a judge."""
    found: dict[str, Score] = {}
    for record in records:
        kept = record.metrics.get(id_, {}).get("scores", {})
        found |= {name: None if value == "null" else float(value) for name, value in kept.items()}
    return found


def name_of(code: int) -> str:
    """The hex digits by which the score of an example is kept."""
    return f"{code:0{_HEX}x}"


def _ask(
    judge: Judge,
    snapshot: StoredSnapshot,
    units: Units,
    names: Sequence[str],
    scores: dict[str, Score],
) -> str:
    """Add the scores that are missing; why some still are, if so."""
    wanted = {name: place for place, name in enumerate(names) if name not in scores}
    if not wanted:
        return ""
    places = np.array(list(wanted.values()))
    read = snapshot.read(units.rows[places])
    asked = [
        Asked(name, Example.of(fields, snapshot.adapter))
        for name, fields in zip(wanted, read, strict=True)
    ]
    given = judge.scores(asked)
    for name, _ in asked:
        try:
            scores[name] = next(given)
        except JudgeError as error:
            return error.message
    try:
        next(given, None)
    except JudgeError as error:
        return error.message
    return ""


def _arrays(scores: Sequence[Score]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = np.array([0.0 if score is None else score for score in scores])
    return values, np.array([score is not None for score in scores], np.float64)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one pseudorandom number for each."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return result
