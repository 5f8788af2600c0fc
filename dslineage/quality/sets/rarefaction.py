"""Diversity at one size: what is expected of so many units drawn without replacement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = np.array([math.lgamma(number + 1) for number in range(256)])


def expected_distinct(counts: NDArray[np.int64], drawn: int) -> float:
    """How many kinds are expected among `drawn` of sum(counts) units; there are that many.

    Sum over kinds of 1 - C(N - f, K) / C(N, K), f units being of the kind (Hurlbert, The nonconcept
    of species diversity, Ecology 52, 1971).
    """
    total = int(counts.sum())
    sizes, kinds = _by_size(counts)
    missed = np.arange(int(sizes.max(initial=0)))
    # C(N - f, K) / C(N, K) is the product of (N - K - i) / (N - i) for i < f.
    none = np.cumprod(np.maximum(total - drawn - missed, 0) / (total - missed))
    return float((kinds * (1 - none[sizes - 1])).sum())


def expected_effective(counts: NDArray[np.int64], drawn: int) -> float:
    """2 to the entropy, in bits, that is expected of `drawn` of sum(counts) units.

    The entropy of a sample is a sum over kinds, and how often a kind is drawn is hypergeometric:
    the expectation is exact (Chao et al., Rarefaction and extrapolation with Hill numbers,
    Ecological Monographs 84, 2014, order 1).
    """
    total = int(counts.sum())
    sizes, kinds = _by_size(counts)
    most = np.minimum(sizes, drawn)
    size, kind = np.repeat(sizes, most), np.repeat(kinds, most)
    # 1, 2, ... up to `most` for each size.
    found = np.arange(1, len(size) + 1) - np.repeat(np.cumsum(most) - most, most)
    possible = drawn - found <= total - size
    size, kind, found = size[possible], kind[possible], found[possible]
    chance = np.exp(
        _choose(size, found) + _choose(total - size, drawn - found) - _choose(total, drawn)
    )
    share = found / drawn
    return float(2 ** -(kind * chance * share * np.log2(share)).sum())


def effective(counts: NDArray[np.int64]) -> float:
    """2 to the entropy, in bits, of the kinds of all units."""
    share = counts[counts > 0] / counts.sum()
    return float(2 ** -(share * np.log2(share)).sum())


def _by_size(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many kinds there are of each size, from 1 on."""
    kinds = np.bincount(counts, minlength=1)
    sizes = np.flatnonzero(kinds[1:]) + 1
    return sizes, kinds[sizes]


def _choose(number: NDArray[np.int64] | int, some: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """The natural logarithm of a binomial coefficient."""
    every, chosen = np.asarray(number), np.asarray(some)
    return _log_factorial(every) - _log_factorial(chosen) - _log_factorial(every - chosen)


def _log_factorial(number: NDArray[np.int64]) -> NDArray[np.float64]:
    """The logarithm of n!: from a table, and by Stirling's series, next term below 1e-15."""
    large = np.maximum(number, len(_TABLE)).astype(np.float64)
    series = 1 / (12 * large) - 1 / (360 * large**3)
    stirling = (large + 0.5) * np.log(large) - large + 0.5 * math.log(2 * math.pi) + series
    return np.where(number < len(_TABLE), _TABLE[np.minimum(number, len(_TABLE) - 1)], stirling)
