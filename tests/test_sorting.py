"""Sorting digests by their first eight bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dslineage.sorting import order_of

_KEYS = st.one_of(
    st.integers(0, 2**64 - 1),
    st.integers(0, 3),
    st.integers(0, 3).map(lambda number: number << 48),
)


@given(st.lists(_KEYS, max_size=200))
def test_the_order_of_any_keys_is_that_of_a_stable_sort(keys: list[int]) -> None:
    column = np.array(keys, np.uint64)
    assert np.array_equal(order_of(column), np.argsort(column, kind="stable"))
