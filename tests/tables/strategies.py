"""Random examples: nested, with nulls, mixed types, big integers, empty objects and odd names."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NAMES = st.sampled_from(["a", "b", "", "a.b", "_type"]) | TEXT
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
EXAMPLES = st.lists(st.dictionaries(NAMES, JSON, max_size=4), max_size=5)
EXACT = (
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
    TEXT,
    st.lists(st.none() | st.integers(-9, 9), max_size=3),
    st.fixed_dictionaries({"role": TEXT}, optional={"content": st.none() | TEXT}),
)
TYPED_EXAMPLES = st.lists(st.sampled_from(EXACT), min_size=1, max_size=4).flatmap(
    lambda columns: st.lists(
        st.fixed_dictionaries(
            {}, optional={f"c{at}": st.none() | column for at, column in enumerate(columns)}
        ),
        max_size=6,
    )
)
"""Examples for which the law of `docs/arrow-law.md` holds: one Arrow type at each place."""
