"""How far apart two distributions are: descriptions, not tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.tally import Tally, bucket_value

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Distance(NamedTuple):
    """Two distances between histograms whose buckets are at most 2 % wide.

    `earth` is the Wasserstein distance W₁ in the metric's unit: how far a value moves on average.
    `reach` is Kolmogorov and Smirnov's D: the largest difference of the shares below a value.
    """

    earth: float
    reach: float


def distance(before: Tally, after: Tally) -> Distance | None:
    """The distances of two histograms; None where one of them is empty."""
    if not before.buckets or not after.buckets:
        return None
    places = sorted({*before.buckets, *after.buckets})
    values = np.array([bucket_value(place) for place in places])
    gaps = np.abs(_below(before.buckets, places) - _below(after.buckets, places))
    return Distance(float(gaps[:-1] @ np.diff(values)), float(gaps.max()))


def _below(buckets: Mapping[int, int], places: list[int]) -> NDArray[np.float64]:
    """The share of the values up to each place."""
    counts = np.array([buckets.get(place, 0) for place in places], np.int64)
    shares: NDArray[np.float64] = np.cumsum(counts) / counts.sum()
    return shares
