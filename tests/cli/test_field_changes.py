"""Which fields an edit changed, beside what deepdiff says of the same two examples."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dslineage_cli.render.changes import field_changes

NAMES = st.sampled_from(["id", "text", "meta", "old"])
LEAVES = st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from(["", "x", "y"]))
EXAMPLES = st.dictionaries(
    NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner), max_leaves=6)
)


@given(EXAMPLES, EXAMPLES)
def test_the_fields_that_changed_are_those_that_deepdiff_finds(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    from deepdiff import DeepDiff

    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    found = {
        ".".join(level.path(output_format="list")) for levels in tree.values() for level in levels
    }
    assert {change.path for change in field_changes(before, after)} == found


def test_a_turn_in_the_middle_of_a_list_is_one_change_and_says_who_speaks() -> None:
    first, last = {"role": "user", "content": "x"}, {"role": "user", "content": "z"}
    before = {"messages": [first, last]}
    after = {"messages": [first, {"role": "assistant", "content": "y"}, last]}
    (change,) = field_changes(before, after)
    assert change.label == "messages[1] (assistant)"
    assert change.before is None
