"""Mix or within: Kitagawa's decomposition, and Simpson's paradox."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.quality.attribution import Ratio
from dslineage.quality.slices import Slices, by_slice, sums

RATIOS = st.dictionaries(
    st.sampled_from(["books", "chat", "code", "web"]),
    st.builds(Ratio, st.integers(0, 500), st.integers(1, 900)),
    min_size=1,
)


def found(before: dict[str, Ratio], after: dict[str, Ratio]) -> Slices:
    slices = by_slice("source", before, after)
    assert slices is not None
    return slices


@given(RATIOS, RATIOS)
def test_it_equals_the_formula_and_adds_up(
    before: dict[str, Ratio], after: dict[str, Ratio]
) -> None:
    wholes = [sum(one.whole for one in side.values()) for side in (before, after)]
    within, mix = Fraction(0), Fraction(0)
    for name in before.keys() | after.keys():
        weights = [
            Fraction(side[name].whole, whole) if name in side else Fraction(0)
            for side, whole in zip((before, after), wholes, strict=True)
        ]
        figures = [Fraction(*side[name]) for side in (before, after) if name in side]
        mix += sum(figures, Fraction(0)) / len(figures) * (weights[1] - weights[0])
        if len(figures) == 2:
            within += sum(weights, Fraction(0)) / 2 * (figures[1] - figures[0])
    slices = found(before, after)
    assert (slices.within, slices.mix) == pytest.approx((float(within), float(mix)))
    assert slices.within + slices.mix == pytest.approx(slices.delta)
    back = found(after, before)
    assert (back.within, back.mix) == pytest.approx((-slices.within, -slices.mix))


def test_where_every_slice_fell_and_the_whole_rose_it_is_said() -> None:
    before = {"chat": Ratio(80, 100), "web": Ratio(20, 900)}
    after = {"chat": Ratio(630, 900), "web": Ratio(1, 100)}
    slices = found(before, after)
    assert slices.delta == pytest.approx(0.531)
    assert slices.within < 0
    assert slices.warning == "inside the slices it moved the other way; the change is one of mix"


def test_where_it_is_all_mix_it_is_said() -> None:
    before = {"chat": Ratio(80, 100), "web": Ratio(20, 900)}
    after = {"chat": Ratio(720, 900), "web": Ratio(2, 100)}
    slices = found(before, after)
    assert slices.warning == "inside the slices it hardly moved; the change is one of mix"


def test_where_most_of_the_data_moved_the_other_way_it_is_said() -> None:
    before = {"chat": Ratio(10, 400), "web": Ratio(30, 600)}
    after = {"chat": Ratio(80, 400), "web": Ratio(24, 600)}
    assert "more than half" in found(before, after).warning
    same = {"chat": Ratio(20, 400), "web": Ratio(36, 600)}
    assert found(before, same).warning == ""


def test_new_and_vanished_slices_are_mix_and_get_no_figure() -> None:
    slices = found({"chat": Ratio(5, 10), "old": Ratio(9, 10)}, {"chat": Ratio(5, 10)})
    assert slices.within == 0
    assert slices.mix == pytest.approx(slices.delta)
    (old,) = [one for one in slices.slices if one.name == "old"]
    assert old.figures == (0.9, None)
    assert old.weights == (0.5, 0.0)


def test_the_sums_of_slices_leave_out_what_does_not_apply() -> None:
    codes = np.array([0, 1, 0, 2])
    part, whole = np.array([3, 4, 5, 0]), np.array([1, 2, 1, 0])
    assert sums(codes, ["a", "b", "c"], part, whole) == {"a": Ratio(8, 2), "b": Ratio(4, 2)}


def test_a_side_without_any_whole_has_no_split() -> None:
    assert by_slice("source", {}, {"chat": Ratio(1, 2)}) is None
