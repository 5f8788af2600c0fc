"""Shares of a change that is no sum: three kinds of change, in all orders."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.quality.attribution import Split
from dslineage.quality.shapley import shapley

SETS = [
    frozenset(name for name, bit in zip(Split._fields, (1, 2, 4), strict=True) if number & bit)
    for number in range(8)
]


@given(st.lists(st.floats(-9, 9), min_size=8, max_size=8))
def test_each_gets_the_mean_of_what_it_adds_over_all_orders(figures: list[float]) -> None:
    known = dict(zip(SETS, figures, strict=True))
    shares = dict.fromkeys(Split._fields, 0.0)
    for order in permutations(Split._fields):
        done: frozenset[str] = frozenset()
        for player in order:
            shares[player] += (known[done | {player}] - known[done]) / 6
            done |= {player}
    found = shapley(known.__getitem__)
    assert found is not None
    assert found._asdict() == pytest.approx(shares, abs=1e-9)
    assert math.fsum(found) == pytest.approx(figures[7] - figures[0], abs=1e-9)


@given(st.lists(st.floats(-9, 9), min_size=8, max_size=8))
def test_a_change_turned_round_is_the_mirror(figures: list[float]) -> None:
    known = dict(zip(SETS, figures, strict=True))
    swapped = {"added": "removed", "removed": "added", "edited": "edited"}
    back = shapley(lambda done: known[SETS[7] - {swapped[player] for player in done}])
    there = shapley(known.__getitem__)
    assert there is not None
    assert back == Split(-there.removed, -there.added, -there.edited)


def test_where_some_set_has_no_figure_nothing_is_split() -> None:
    assert shapley(lambda done: None if "removed" in done else 1.0) is None
