"""Small histograms of two sides, drawn to one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dslineage.quality.tally import Tally, bucket_value

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " .:-=+*#@"
"""Levels from nothing to all; any value that is there is drawn."""

_BINS = 24
_EDGE = 0.005
"""The share of values that may lie beyond either end; they count in the outermost bins."""


class Bins(NamedTuple):
    """The shares of the values of two sides in equal bins, and where these begin and end."""

    before: list[float]
    after: list[float]
    low: float
    high: float


class Histograms(NamedTuple):
    """Two drawings of equal width, and the values at which they begin and end."""

    before: str
    after: str
    low: float
    high: float


def bins(before: Tally, after: Tally) -> Bins | None:
    """How the values of two sides lie; None where a side or a spread is missing."""
    ends = [(tally.quantile(_EDGE), tally.quantile(1 - _EDGE)) for tally in (before, after)]
    lows = [low for low, _ in ends if low is not None]
    highs = [high for _, high in ends if high is not None]
    if len(lows) < 2 or min(lows) >= max(highs):
        return None
    low, high = min(lows), max(highs)
    older, newer = (_shares(tally.buckets, low, high) for tally in (before, after))
    return Bins(older, newer, low, high)


def histograms(before: Tally, after: Tally, ramp: str = BLOCKS) -> Histograms | None:
    """The bins of two sides, drawn with characters."""
    found = bins(before, after)
    if found is None:
        return None
    top = max(*found.before, *found.after)
    older, newer = (_drawn(shares, top, ramp) for shares in (found.before, found.after))
    return Histograms(older, newer, found.low, found.high)


def _shares(buckets: Mapping[int, int], low: float, high: float) -> list[float]:
    """The share of the values in each bin."""
    counts = [0] * _BINS
    for bucket, count in buckets.items():
        place = int(_BINS * (bucket_value(bucket) - low) / (high - low))
        counts[min(max(place, 0), _BINS - 1)] += count
    total = sum(counts)
    return [count / total for count in counts]


def _drawn(shares: Sequence[float], top: float, ramp: str) -> str:
    return "".join(ramp[math.ceil(share / top * (len(ramp) - 1))] for share in shares)
