"""Tallies: what is known of a metric over many examples, in integers.

Tallies are added and subtracted exactly, so neither the order of the data, nor the number of
workers, nor the path by which a version was reached changes a figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.quality.metric import Kind
from dslineage.quality.values import MICRO, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAMMA = 1.02
"""Ratio of the bounds of a histogram's buckets, so that quantiles are right within 1 %
(DDSketch, Masson, Rim and Lee, VLDB 2019)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over some examples.

    `rows` is how many there are and `applicable` how many the metric applies to; `part` and
    `whole` are the sums of the numerators and denominators, `squares`, `crossed` and `wholes` those
    of their products (part², part·whole, whole²), from which variances come. `nonzero` is how many
    numerators are not 0: the examples that are affected. `buckets` is the histogram of a COUNT or
    NUMBER, by bucket number; `counts` of a CATEGORY by name and of REASONS by label.
    """

    kind: Kind
    rows: int = 0
    applicable: int = 0
    part: int = 0
    whole: int = 0
    squares: int = 0
    crossed: int = 0
    wholes: int = 0
    nonzero: int = 0
    buckets: Mapping[int, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, values: Values, labels: tuple[str, ...] = (), times: NDArray[np.int64] | None = None
    ) -> Tally:
        """The tally of some values, each taken once or so many times."""
        part, whole = values.parts()
        applies = values.applies
        weight = np.ones(len(part), np.int64) if times is None else times
        if values.kind in (Kind.CATEGORY, Kind.KEY):
            part = np.zeros_like(part)
        return cls(
            values.kind,
            int(weight.sum()),
            int(weight[applies].sum()),
            _sum(part, weight),
            _sum(whole, weight),
            _sum(part, part, weight),
            _sum(part, whole, weight),
            _sum(whole, whole, weight),
            int(weight[part != 0].sum()),
            buckets=_buckets(values, part, weight),
            counts=_counts(values, labels, weight),
        )

    def __add__(self, other: Tally) -> Tally:
        return self._with(other, 1)

    def __sub__(self, other: Tally) -> Tally:
        return self._with(other, -1)

    def _with(self, other: Tally, sign: int) -> Tally:
        if self.kind is not other.kind:
            raise ValueError("tallies of different kinds")
        return Tally(
            self.kind,
            **{name: getattr(self, name) + sign * getattr(other, name) for name in _SUMS},
            buckets=_merged(self.buckets, other.buckets, sign),
            counts=_merged(self.counts, other.counts, sign),
        )

    @property
    def figure(self) -> float | None:
        """The metric of all examples: a share, mean or rate; None where it applies to none."""
        if not self.whole or self.kind in (Kind.CATEGORY, Kind.KEY):
            return None
        return self.part / self.whole / (MICRO if self.kind is Kind.NUMBER else 1)

    @property
    def deviation(self) -> float | None:
        """The standard deviation, over the examples, of what moves the figure (influence).

        For a mean that of the values; for a rate that of part - figure·whole, per mean whole.
        """
        if not self.applicable or self.figure is None:
            return None
        ratio = self.part / self.whole
        squared = self.squares - 2 * ratio * self.crossed + ratio * ratio * self.wholes
        spread = math.sqrt(max(0.0, squared / self.applicable)) * self.applicable / self.whole
        return spread / (MICRO if self.kind is Kind.NUMBER else 1)

    def quantile(self, share: float) -> float | None:
        """The value below which that share of the examples lies, within 1 %."""
        rank = share * (self.applicable - 1)
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen > rank:
                return bucket_value(bucket)
        return None

    def to_dict(self) -> dict[str, Any]:
        """The tally as a JSON object; sums that are 0 are left out."""
        sums = {name: value for name in _SUMS if (value := getattr(self, name))}
        document: dict[str, Any] = {"kind": self.kind.value} | sums
        if self.buckets:
            document["buckets"] = [[place, self.buckets[place]] for place in sorted(self.buckets)]
        if self.counts:
            document["counts"] = {name: self.counts[name] for name in sorted(self.counts)}
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Tally:
        """Read a tally; a ValueError, TypeError or KeyError where it is none."""
        return cls(
            Kind(document["kind"]),
            **{name: int(document.get(name, 0)) for name in _SUMS},
            buckets={int(place): int(count) for place, count in document.get("buckets", ())},
            counts={str(name): int(count) for name, count in document.get("counts", {}).items()},
        )


_SUMS = ("rows", "applicable", "part", "whole", "squares", "crossed", "wholes", "nonzero")


def bucket_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bucket of each value: 0 for 0, ±(k + _SHIFT) for values up to ±GAMMA^k."""
    with np.errstate(divide="ignore"):
        place = np.ceil(np.log(np.abs(values)) / math.log(GAMMA))
    place = np.where(values == 0, 0, place + _SHIFT)
    return (np.sign(values) * place).astype(np.int64)


def bucket_value(bucket: int) -> float:
    """The middle of a bucket, at most 1 % from any value in it."""
    if bucket == 0:
        return 0.0
    size = 2 * GAMMA ** (abs(bucket) - _SHIFT) / (GAMMA + 1)
    return size if bucket > 0 else -size


_SHIFT = 1000
"""So that buckets of values below 1 have positive numbers: GAMMA^-1000 is 2.5e-9."""


def _sum(*factors: NDArray[np.int64]) -> int:
    """The exact sum of products, however large."""
    top = math.prod(int(np.abs(factor).max(initial=0)) for factor in factors)
    if top * len(factors[0]) < 2**62:
        return int(math.prod(factors[1:], start=factors[0]).sum())
    return sum(math.prod(row) for row in zip(*(f.tolist() for f in factors), strict=True))


def _buckets(values: Values, part: NDArray[np.int64], weight: NDArray[np.int64]) -> dict[int, int]:
    if values.kind not in (Kind.COUNT, Kind.NUMBER):
        return {}
    scale = MICRO if values.kind is Kind.NUMBER else 1
    applies = values.applies
    distinct, where = np.unique(part[applies], return_inverse=True)
    times = np.zeros(len(distinct), np.int64)
    np.add.at(times, where, weight[applies])
    found: Counter[int] = Counter()
    for bucket, count in zip(bucket_of(distinct / scale).tolist(), times.tolist(), strict=True):
        found[bucket] += count
    return {bucket: count for bucket, count in sorted(found.items()) if count}


def _counts(values: Values, labels: tuple[str, ...], weight: NDArray[np.int64]) -> dict[str, int]:
    applies = values.applies
    data = values.data[applies]
    if values.kind is Kind.CATEGORY:
        codes, where = np.unique(data, return_inverse=True)
        times = np.zeros(len(codes), np.int64)
        np.add.at(times, where, weight[applies])
        pairs = zip(codes.tolist(), times.tolist(), strict=True)
        named = ((values.names[code], count) for code, count in pairs)
        return {name: count for name, count in sorted(named) if count}
    if values.kind is Kind.REASONS:
        shares = (
            (label, int(weight[applies][(data >> np.uint32(place) & 1).astype(bool)].sum()))
            for place, label in enumerate(labels)
        )
        return {label: count for label, count in shares if count}
    return {}


def _merged(first: Mapping[Any, int], second: Mapping[Any, int], sign: int) -> dict[Any, int]:
    keys = sorted({*first, *second})
    sums = {key: first.get(key, 0) + sign * second.get(key, 0) for key in keys}
    return {key: total for key, total in sums.items() if total}
