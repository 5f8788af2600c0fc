"""The laws of tallies: sums in integers, so that no order, split or path changes a figure."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from dslineage.quality.counting import bucket_of
from dslineage.quality.metric import MICRO, Kind, Value
from dslineage.quality.tally import GAMMA, Tally, bucket_value
from dslineage.quality.values import Values
from tests.quality.changes import LABELS, VALUES, fraction_of, tally

kinds = st.sampled_from(list(VALUES))
numeric = st.sampled_from([kind for kind in VALUES if kind is not Kind.CATEGORY])


def lists(kind: Kind) -> st.SearchStrategy[list[Value]]:
    return st.lists(st.none() | VALUES[kind], max_size=12)


@given(kinds, st.data())
def test_the_tally_of_all_is_the_sum_of_the_tallies_of_the_parts(
    kind: Kind, data: st.DataObject
) -> None:
    first, second = data.draw(lists(kind)), data.draw(lists(kind))
    assert tally(kind, first) + tally(kind, second) == tally(kind, [*first, *second])


@given(kinds, st.data())
def test_what_is_added_and_taken_away_again_leaves_no_trace(
    kind: Kind, data: st.DataObject
) -> None:
    kept, gone = data.draw(lists(kind)), data.draw(lists(kind))
    assert tally(kind, [*kept, *gone]) - tally(kind, gone) == tally(kind, kept)
    assert tally(kind, gone) - tally(kind, gone) == Tally(kind)


@given(kinds, st.data())
def test_the_order_of_the_data_changes_nothing(kind: Kind, data: st.DataObject) -> None:
    values = data.draw(lists(kind))
    shuffled = data.draw(st.permutations(values))
    assert tally(kind, shuffled).to_dict() == tally(kind, values).to_dict()


@given(kinds, st.data())
def test_two_ways_to_one_version_end_in_the_same_bytes(kind: Kind, data: st.DataObject) -> None:
    """v1 edited into v3 by way of v2, and v3 measured on its own."""
    first, second, third = (data.draw(lists(kind)) for _ in range(3))
    walked = tally(kind, first)
    walked = walked - tally(kind, first) + tally(kind, second)
    walked = walked + tally(kind, third) - tally(kind, second)
    assert json.dumps(walked.to_dict()) == json.dumps(tally(kind, third).to_dict())


@given(kinds, st.data())
def test_values_that_are_taken_several_times_are_so_many_values(
    kind: Kind, data: st.DataObject
) -> None:
    values = data.draw(lists(kind))
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values)))
    stored = Values.of(kind, values, LABELS)
    repeated = [value for value, count in zip(values, times, strict=True) for _ in range(count)]
    assert Tally.of(stored, LABELS, np.array(times, np.int64)) == tally(kind, repeated)


@given(kinds, st.data())
def test_a_tally_is_read_back_from_its_document(kind: Kind, data: st.DataObject) -> None:
    found = tally(kind, data.draw(lists(kind)))
    assert Tally.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@given(numeric, st.data())
def test_the_figure_is_the_ratio_of_exact_sums_and_what_does_not_apply_is_left_out(
    kind: Kind, data: st.DataObject
) -> None:
    values = data.draw(lists(kind))
    parts = [fraction_of(value) for value in values]
    whole = sum(one for _, one in parts)
    found = tally(kind, values)
    assert found.rows == len(values)
    assert found.applicable == sum(one > 0 for _, one in parts)
    if not whole:
        assert found.figure is None
    else:
        expected = sum((part for part, _ in parts), Fraction(0)) / whole
        assert found.figure is not None
        assert math.isclose(found.figure, expected, rel_tol=1e-12, abs_tol=1e-15)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200), st.floats(0, 1))
@example([68], 0.0)
def test_quantiles_are_right_within_one_percent_and_rounding(
    values: list[int], share: float
) -> None:
    """The middle of a bucket is within 1 %, the whole number next to it half of one more."""
    found = tally(Kind.COUNT, values).quantile(share)
    exact = sorted(values)[int(share * (len(values) - 1))]
    assert found is not None
    assert abs(found - exact) <= (GAMMA - 1) / (GAMMA + 1) * exact + 0.5
    assert exact >= 50 or found == exact


@given(st.floats(1e-6, 1e12) | st.floats(-1e12, -1e-6) | st.just(0.0))
def test_the_middle_of_a_bucket_is_at_most_one_percent_from_its_values(value: float) -> None:
    bucket = int(bucket_of(np.array([value]))[0])
    assert abs(bucket_value(bucket) - value) <= 0.0100001 * abs(value)


def test_sums_do_not_overflow() -> None:
    values = np.full(10, 2**62, np.int64)
    found = Tally.of(Values(Kind.NUMBER, values))
    assert found.part == 10 * 2**62
    assert found.squares == 10 * 2**124
    assert found.figure == 2**62 / MICRO
