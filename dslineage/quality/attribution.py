"""Exact shares of a change: what the added, removed and edited examples did to a ratio.

A figure is M = N/D. From the older side, M₂ - M₁ is the sum over the changed examples of
(Δn - M₁·Δd)/D₂; from the newer side, of (Δn - M₂·Δd)/D₁. Both are exact, and they differ; their
mean is antisymmetric, so that the diff of (b, a) is the mirror of that of (a, b). It is

    (Δn·(D₁ + D₂) - Δd·(N₁ + N₂)) / (2·D₁·D₂)

in whole numbers but for the division. An unchanged example contributes nothing.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Ratio(NamedTuple):
    """Sums of numerators and of denominators over some examples."""

    part: int
    whole: int

    def __sub__(self, other: Ratio) -> Ratio:
        return Ratio(self.part - other.part, self.whole - other.whole)

    @property
    def value(self) -> float | None:
        """The figure; None where there is no whole."""
        return float(Fraction(self.part, self.whole)) if self.whole else None


class Split(NamedTuple):
    """What the added, the removed and the edited examples contribute to a change."""

    added: float
    removed: float
    edited: float


def split(
    before: Ratio, after: Ratio, added: Ratio, removed: Ratio, scale: int = 1
) -> Split | None:
    """How a change from `before` to `after` splits; None where one side has no figure.

    What is neither added nor removed counts as edited, so that the three always add up.

    Args:
        before: the sums of all examples of the older side.
        after: those of the newer side.
        added: those of the examples that only the newer side has.
        removed: those of the examples that only the older side has.
        scale: how many units of a numerator are 1 of the metric's unit.
    """
    if not before.whole or not after.whole:
        return None
    edited = (after - added) - (before - removed)
    gone = Ratio(-removed.part, -removed.whole)
    return Split(*(_contribution(before, after, one, scale) for one in (added, gone, edited)))


def influences(
    before: Ratio, after: Ratio, part: NDArray[np.int64], whole: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What each changed example contributes, given by how much it changed the two sums.

    They are the terms whose sums `split` gives, to the precision of a double.
    """
    pooled = (before.part + after.part) / (before.whole + after.whole)
    harmonic = 2 * before.whole * after.whole / (before.whole + after.whole)
    terms: NDArray[np.float64] = (part - pooled * whole) / harmonic
    return terms


def _contribution(before: Ratio, after: Ratio, change: Ratio, scale: int) -> float:
    numerator = change.part * (before.whole + after.whole)
    numerator -= change.whole * (before.part + after.part)
    return float(Fraction(numerator, 2 * before.whole * after.whole * scale))
