"""Tallies: what is known of a metric over many examples, in integers.

Tallies are added and subtracted exactly, so neither the order of the data, nor the number of
workers, nor the path by which a version was reached changes a figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dslineage.quality.metric import MICRO, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.quality.values import Values

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
        """The tally of some values, each taken once or so many times, which may be negative."""
        from dslineage.quality.counting import tally

        return tally(values, labels, times)

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
        """The value below which that share of the examples lies, within 1 %; of counts, rounded."""
        rank = share * (self.applicable - 1)
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen > rank:
                value = bucket_value(bucket)
                return float(round(value)) if self.kind is Kind.COUNT else value
        return None

    def to_dict(self) -> dict[str, Any]:
        """The tally as a JSON object; sums that are what `_IMPLIED` says are left out."""
        sums = {
            name: _written(getattr(self, name))
            for name in _SUMS
            if getattr(self, name) != (getattr(self, _IMPLIED[name]) if name in _IMPLIED else 0)
        }
        document: dict[str, Any] = {"kind": self.kind.value} | sums
        if self.buckets:
            places = sorted(self.buckets)
            document["buckets"] = " ".join(f"{place}:{self.buckets[place]}" for place in places)
        if self.counts:
            document["counts"] = {name: self.counts[name] for name in sorted(self.counts)}
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Tally:
        """Read a tally; a ValueError, TypeError or KeyError where it is none."""
        sums: dict[str, int] = {}
        for name in _SUMS:
            implied = sums[_IMPLIED[name]] if name in _IMPLIED else 0
            sums[name] = int(document.get(name, implied))
        pairs = (pair.split(":") for pair in str(document.get("buckets", "")).split())
        return cls(
            Kind(document["kind"]),
            **sums,
            buckets={int(place): int(count) for place, count in pairs},
            counts={str(name): int(count) for name, count in document.get("counts", {}).items()},
        )


def _written(value: int) -> int | str:
    """A number that any JSON reader gives back; beyond 2^53 its digits as a text."""
    return value if abs(value) < 2**53 else str(value)


_IMPLIED = {
    "applicable": "rows", "whole": "applicable", "wholes": "whole",
    "squares": "part", "crossed": "part", "nonzero": "part",
}  # fmt: skip
"""What a sum is where nothing else is said: so it is for a truth value."""

_SUMS = ("rows", "applicable", "part", "whole", "squares", "crossed", "wholes", "nonzero")


def bucket_value(bucket: int) -> float:
    """The middle of a bucket, at most 1 % from any value in it."""
    if bucket == 0:
        return 0.0
    size = 2 * GAMMA ** (abs(bucket) - SHIFT) / (GAMMA + 1)
    return size if bucket > 0 else -size


SHIFT = 1000
"""So that buckets of values below 1 have positive numbers: GAMMA^-1000 is 2.5e-9."""


def _merged(first: Mapping[Any, int], second: Mapping[Any, int], sign: int) -> dict[Any, int]:
    keys = sorted({*first, *second})
    sums = {key: first.get(key, 0) + sign * second.get(key, 0) for key in keys}
    return {key: total for key, total in sums.items() if total}
