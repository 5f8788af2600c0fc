"""Mix or within: whether a figure moved inside the slices of the data, or because their mix did.

Kitagawa's decomposition (JASA 1955) with midpoints, because the choice of one side as the reference
can turn the conclusion around: for slices s with weights w (shares of the whole) and figures m,

    M₂ - M₁ = Σ ½(w₁ + w₂)(m₂ - m₁)  [within]  +  Σ (½(m₁ + m₂) - c)(w₂ - w₁)  [mix]

with c = ½(M₁ + M₂), which changes no sum and makes the terms of single slices meaningful. A slice
that only one side has is all mix; no figure is made up for the other side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.quality.attribution import Ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF = Fraction(1, 2)
_HARDLY = 0.05
"""The part of a change up to which what moved inside slices is nearly nothing."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice: its weight and figure on each side (None where it is not there), its share."""

    name: str
    weights: tuple[float, float]
    figures: tuple[float | None, float | None]
    within: float
    mix: float

    def to_dict(self) -> dict[str, Any]:
        """The slice as a JSON object."""
        return {
            "slice": self.name,
            "weight": list(self.weights),
            "figure": list(self.figures),
            "within": self.within,
            "mix": self.mix,
        }


@dataclass(frozen=True, slots=True)
class Slices:
    """How a change splits by the values of a field.

    `warning` says why the change as a whole may mislead (Simpson's paradox); of `slices`, which
    may be left out, those that moved the figure most come first.
    """

    field: str
    delta: float
    within: float
    mix: float
    warning: str
    slices: tuple[Slice, ...]

    def to_dict(self) -> dict[str, Any]:
        """The split as a JSON object."""
        return {
            "by": self.field,
            "within": self.within,
            "mix": self.mix,
            "warning": self.warning,
            "slices": [one.to_dict() for one in self.slices],
        }


def sums(
    codes: NDArray[np.int64],
    names: Sequence[str],
    part: NDArray[np.int64],
    whole: NDArray[np.int64],
) -> dict[str, Ratio]:
    """The sums of each slice that has a whole; `codes` are places in `names`, one per example."""
    totals = np.zeros((2, len(names)), np.int64)
    np.add.at(totals[0], codes, part)
    np.add.at(totals[1], codes, whole)
    pairs = zip(names, *totals.tolist(), strict=True)
    return {name: Ratio(part, whole) for name, part, whole in pairs if whole}


def by_slice(
    field: str, before: Mapping[str, Ratio], after: Mapping[str, Ratio], scale: int = 1
) -> Slices | None:
    """The split of a change by slices; None where one side has no whole.

    Args:
        field: what the slices are values of.
        before: the sums of each slice of the older side; slices with no whole are left out.
        after: those of the newer side.
        scale: how many units of the numerator are 1 of the metric's unit.
    """
    totals = [_total(side.values()) for side in (before, after)]
    if not totals[0].whole or not totals[1].whole:
        return None
    figures = [Fraction(total.part, total.whole) for total in totals]
    centre = sum(figures) * _HALF
    found = []
    for name in {**before, **after}:
        sides = (before.get(name, _NOTHING), after.get(name, _NOTHING))
        weights = [Fraction(one.whole, all_.whole) for one, all_ in zip(sides, totals, strict=True)]
        own = [Fraction(one.part, one.whole) if one.whole else None for one in sides]
        level, within = _terms(own, weights)
        found.append(
            Slice(
                name,
                (float(weights[0]), float(weights[1])),
                (_scaled(own[0], scale), _scaled(own[1], scale)),
                float(within / scale),
                float((level - centre) * (weights[1] - weights[0]) / scale),
            )
        )
    found.sort(key=lambda one: (-abs(one.within + one.mix), one.name))
    moved = float((figures[1] - figures[0]) / scale)
    inside = math.fsum(one.within for one in found)
    mixed = math.fsum(one.mix for one in found)
    return Slices(field, moved, inside, mixed, _warning(moved, inside, found), tuple(found))


def _warning(delta: float, within: float, slices: Sequence[Slice]) -> str:
    if delta and abs(within) < _HARDLY * abs(delta):
        return "inside the slices it hardly moved; the change is one of mix"
    if within * delta < 0:
        return "inside the slices it moved the other way; the change is one of mix"
    opposite = math.fsum(
        sum(one.weights) / 2
        for one in slices
        if one.figures[0] is not None
        and one.figures[1] is not None
        and (one.figures[1] - one.figures[0]) * delta < 0
    )
    if opposite > 0.5:
        return "in slices that make up more than half of the data it moved the other way"
    return ""


_NOTHING = Ratio(0, 0)


def _total(ratios: Iterable[Ratio]) -> Ratio:
    listed = list(ratios)
    return Ratio(sum(one.part for one in listed), sum(one.whole for one in listed))


def _terms(own: list[Fraction | None], weights: list[Fraction]) -> tuple[Fraction, Fraction]:
    """The level at which a slice's weight changed, and what changed inside it."""
    figures = [figure for figure in own if figure is not None]
    level = sum(figures, Fraction(0)) / len(figures)
    if len(figures) < 2:
        return level, Fraction(0)
    return level, (weights[0] + weights[1]) * _HALF * (figures[1] - figures[0])


def _scaled(figure: Fraction | None, scale: int) -> float | None:
    return None if figure is None else float(figure / scale)
