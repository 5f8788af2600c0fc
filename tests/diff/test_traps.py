"""What other tools get wrong, one test each."""

from __future__ import annotations

from typing import Any

import pytest

from dslineage.adapters.fields import Fields
from dslineage.diff.engine import DiffOptions
from dslineage.errors import UsageError
from tests.diff.chat import ALPACA, compared, counts, instruction

SIXTY = [instruction(n, id=n) for n in range(60)]


def edited(place: int, **changes: Any) -> list[dict[str, Any]]:
    """The sixty examples with one of them changed."""
    after = [dict(example) for example in SIXTY]
    after[place] |= changes
    return after


def test_an_example_without_a_key_is_not_taken_for_an_added_one() -> None:
    """Oxen reads the status of a row off the nullness of its key."""
    before = [*SIXTY[:-1], SIXTY[-1] | {"id": None}]
    after = edited(59, id=None, output="Nobody knows.")
    for result in (compared(before, after, key="id"), compared(before, after, named="id")):
        assert counts(result) == (59, 1, 0, 0)
        assert dict(result.pairing) == {"prompt": 1}


def test_repeated_keys_multiply_nothing_and_are_reported() -> None:
    """Oxen joins on a hash of the key; csv-diff keeps the last row of a key."""
    before = [example | {"id": n // 2} for n, example in enumerate(SIXTY)]
    after = [example | {"output": f"{example['output']} Really."} for example in before]
    result = compared(before, after, named="id")
    assert counts(result) == (0, 60, 0, 0)
    assert dict(result.pairing) == {"prompt": 60}
    assert result.notices[0].startswith("30 values of the key 'id' are borne by several")


def test_exact_duplicates_do_not_vanish() -> None:
    """csv-diff keys rows by their hash, so that one of two equal rows goes unseen."""
    result = compared([*SIXTY, SIXTY[0]], SIXTY)
    assert counts(result) == (60, 0, 1, 0)
    assert counts(compared(SIXTY, [*SIXTY, SIXTY[0], SIXTY[0]])) == (60, 0, 0, 2)


def test_a_change_of_the_type_of_the_key_rewrites_nothing() -> None:
    """Dolt rewrites every row when the type of a key changes."""
    after = [example | {"id": str(example["id"])} for example in SIXTY]
    result = compared(SIXTY, after, key="id")
    assert counts(result) == (60, 0, 0, 0)
    assert [(c.op, c.field, c.to) for c in result.schema_changes] == [("retyped", "id", "string")]


def test_pairs_do_not_follow_the_sort_order_of_equal_keys() -> None:
    """datacompy pairs rows with equal keys by their sort order."""
    before = [example | {"id": 7} for example in SIXTY]
    after = [example | {"output": f"{example['output']} Really."} for example in before[1:]]
    result = compared(before, after, key="id")
    assert counts(result) == (0, 59, 1, 0)
    assert result.rows is not None
    assert all(
        row.before is not None and row.after is not None
        and row.before["instruction"] == row.after["instruction"]
        for row in result.rows
        if row.change == "edited"
    )  # fmt: skip


def test_every_edited_pair_says_what_changed() -> None:
    """Dolt shows rows in which nothing is to be seen, after a column was added."""
    after = [example | {"note": ""} for example in edited(3, output="Nobody knows.")]
    result = compared(SIXTY, after)
    assert counts(result) == (59, 1, 0, 0)
    assert result.rows is not None
    assert [row.kinds for row in result.rows] == [("response",)]


def test_a_changed_key_is_one_edit_and_not_a_removal_and_an_addition() -> None:
    """Dolt shows a change of the key as a deleted and an added row, not even adjacent."""
    assert counts(compared(SIXTY, edited(9, id=999), key="id")) == (59, 1, 0, 0)


def test_an_edit_of_one_field_without_any_key_is_one_edit() -> None:
    """Oxen without keys uses all columns as the key, so that any edit is remove and add."""
    before = [{"city": instruction(n)["output"], "size": n} for n in range(60)]
    after = [dict(example) for example in before]
    after[4]["size"] = 4000
    result = compared(before, after, Fields())
    assert counts(result) == (59, 1, 0, 0)
    assert "field" in result.edits


@pytest.mark.parametrize("key", [None, "id"])
def test_sides_may_be_empty_or_identical(key: str | None) -> None:
    """csv-diff raises on empty input."""
    assert counts(compared([], [], key=key)) == (0, 0, 0, 0)
    assert counts(compared([], SIXTY, key=key)) == (0, 0, 0, 60)
    assert counts(compared(SIXTY, [], key=key)) == (0, 0, 60, 0)
    same = compared(SIXTY, SIXTY, key=key)
    assert counts(same) == (60, 0, 0, 0)
    assert same.identical
    assert not same.reordered
    assert same.notices == ()


def test_naming_a_key_or_a_field_that_an_empty_file_lacks_is_no_error() -> None:
    assert counts(compared([], [], named="id")) == (0, 0, 0, 0)
    assert counts(compared([], SIXTY, named="id", ignore=("output",))) == (0, 0, 0, 60)


def test_a_column_that_repeats_does_not_hide_rows_when_it_is_named_as_the_key() -> None:
    before = [
        {"act": "Poet", "prompt": f"Rhyme about {instruction(n)['output']}"} for n in range(9)
    ]
    after = [*before[1:], {"act": "Poet", "prompt": "Say nothing at all, whatever I ask of you."}]
    result = compared(before, after, Fields(), named="act")
    assert result.unchanged == 8
    assert result.edited + result.removed == result.edited + result.added == 1


def test_unknown_kinds_and_negative_numbers_are_refused() -> None:
    for options in ({"kinds": ("answer",)}, {"limit": -1}, {"samples": -1}):
        with pytest.raises(UsageError):
            DiffOptions(**options)


def test_rows_can_be_limited_and_chosen_and_samples_come_from_anywhere() -> None:
    after = [e | {"output": "Nobody knows."} if e["id"] % 2 else dict(e) for e in SIXTY][:-6]
    every = compared(SIXTY, after, key="id")
    assert every.rows is not None
    assert [row.change for row in every.rows] == ["edited"] * 27 + ["removed"] * 6
    positions = [row.before_position for row in every.rows]
    assert positions == [*range(1, 54, 2), *range(54, 60)]
    assert len(compared(SIXTY, after, limit=5).rows or ()) == 5
    assert {r.change for r in compared(SIXTY, after, only=("removed",)).rows or ()} == {"removed"}
    assert len(compared(SIXTY, after, kinds=("response",)).rows or ()) == 27
    assert compared(SIXTY, after, kinds=("prompt",)).rows == ()
    draws = [compared(SIXTY, after, seed=seed).samples for seed in (1, 1, 2, 3)]
    assert draws[0] == draws[1]
    assert draws[1] != draws[2] or draws[2] != draws[3]
    for samples in draws:
        assert [row.change for row in samples] == ["edited"] * 2 + ["removed"] * 2
    assert compared(SIXTY, after, ALPACA, rows=False).rows is None
