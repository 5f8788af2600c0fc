"""The reference of a random change is what random changes do."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.quality.chance import Chance, deviation
from dslineage.quality.metric import Kind, Rate
from tests.quality.changes import Change, tally


@given(st.lists(st.integers(0, 900), min_size=2, max_size=40), st.data())
def test_for_removals_it_is_the_standard_deviation_of_a_sample_mean(
    values: list[int], data: st.DataObject
) -> None:
    kept = data.draw(st.integers(1, len(values)))
    share = kept / len(values)
    expected = statistics.stdev(values) * math.sqrt((1 - share) / kept)
    assert deviation(tally(Kind.COUNT, values), kept, 0) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("kept", "drawn"), [(600, 0), (1000, 300), (900, 100), (500, 900)])
@pytest.mark.parametrize("kind", [Kind.FLAG, Kind.COUNT, Kind.RATE])
def test_it_agrees_with_random_changes(kind: Kind, kept: int, drawn: int) -> None:
    rng = np.random.default_rng(1)
    whole = rng.integers(50, 1500, 1000)
    part = {
        Kind.FLAG: (rng.random(1000) < 0.1).astype(int),
        Kind.COUNT: rng.lognormal(4, 1, 1000).astype(int),
        Kind.RATE: rng.binomial(whole, 0.02),
    }[kind]
    if kind is Kind.RATE:
        before = tally(
            kind, [Rate(*pair) for pair in zip(part.tolist(), whole.tolist(), strict=True)]
        )
    else:
        whole = np.ones(1000, int)
        before = tally(kind, [bool(n) if kind is Kind.FLAG else n for n in part.tolist()])
    figures = []
    for _ in range(700):
        rows = np.concatenate([rng.permutation(1000)[:kept], rng.integers(0, 1000, drawn)])
        figures.append(part[rows].sum() / whole[rows].sum())
    assert deviation(before, kept, drawn) == pytest.approx(np.std(figures), rel=0.1)
    assert np.mean(figures) == pytest.approx(before.figure, rel=0.02)


def test_examples_to_which_a_metric_does_not_apply_are_removed_at_random_as_well() -> None:
    rng = np.random.default_rng(2)
    values = [None if n % 3 else n for n in range(1, 600)]
    figures = [
        statistics.fmean(value for i in rng.permutation(599)[:200] if (value := values[i]))
        for _ in range(700)
    ]
    assert deviation(tally(Kind.COUNT, values), 200, 0) == pytest.approx(np.std(figures), rel=0.1)


def test_what_no_random_change_could_do_is_beyond_chance() -> None:
    assert Chance.of(after=0.1, expected=0, sd=0).times is None
    assert Chance.of(after=0.1, expected=0, sd=0).is_beyond
    assert not Chance.of(after=0.0, expected=0, sd=0).is_beyond
    assert not Chance.of(after=0.1, expected=0, sd=0.04).is_beyond
    assert Chance.of(after=0.1, expected=0, sd=0.03).times == pytest.approx(10 / 3)


def test_a_set_of_which_nothing_is_left_or_nothing_was_has_no_reference() -> None:
    assert Change(Kind.COUNT, removed=(1, 2)).movement().chance is None
    assert Change(Kind.COUNT, added=(1, 2)).movement().chance is None
    one = Change(Kind.COUNT, removed=(1,), added=(2,)).movement().chance
    assert one is not None
    assert one.times is None
