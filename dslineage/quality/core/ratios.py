"""Ratios in millionths, rounded exactly: the same from integers one by one and from arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dslineage.quality.metric import MICRO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Number = TypeVar("Number", int, "NDArray[np.int64]")


def millionths(part: Number, whole: Number) -> Number:
    """part/whole in millionths, halves to the even one; `whole` is positive, `part` not negative.

    `part` is below 2^43, so that arrays do not overflow.
    """
    floor = part * MICRO // whole
    twice = 2 * (part * MICRO - floor * whole)
    rounded: Number = floor + ((twice > whole) | (twice == whole) & (floor % 2 == 1))
    return rounded


def ratio(part: int, whole: int) -> float:
    """part/whole, rounded to millionths."""
    return millionths(part, whole) / MICRO
