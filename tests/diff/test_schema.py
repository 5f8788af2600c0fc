"""Step 2: a change of nearly all examples is one schema change, and what both have counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dslineage.adapters.fields import Fields
from dslineage.adapters.registry import family
from dslineage.diff.result import SchemaChange
from dslineage.errors import UsageError
from tests.diff.chat import ALPACA, MESSAGES, chat, compared, counts, instruction

FORTY = [instruction(n) for n in range(40)]


def test_an_added_column_is_one_change_and_an_edit_beside_it_is_still_seen() -> None:
    after: list[dict[str, Any]] = [example | {"for_devs": "FALSE"} for example in FORTY]
    after[7]["output"] = "Ask a colleague."
    result = compared(FORTY, after)
    assert counts(result) == (39, 1, 0, 0)
    assert result.schema_changes == (SchemaChange("added", "for_devs", 40),)
    assert dict(result.edits) == {"response": 1}


def test_a_removed_column_is_the_same_the_other_way_round() -> None:
    before = [example | {"for_devs": "FALSE"} for example in FORTY]
    result = compared(before, FORTY)
    assert counts(result) == (40, 0, 0, 0)
    assert result.schema_changes == (SchemaChange("removed", "for_devs", 40),)


def test_a_field_added_to_fewer_than_95_in_100_is_as_many_edits() -> None:
    after = [e | ({"source": "web"} if n < 36 else {}) for n, e in enumerate(FORTY)]
    result = compared(FORTY, after)
    assert counts(result) == (4, 36, 0, 0)
    assert result.schema_changes == ()
    assert dict(result.edits) == {"metadata": 36}


def test_a_renamed_answer_column_is_one_change_and_nothing_is_edited() -> None:
    after = [{"instruction": e["instruction"], "response": e["output"]} for e in FORTY]
    renamed = family("alpaca").from_mapping({"response": "response"})
    for first, second in ((ALPACA, renamed), (ALPACA, Fields()), (Fields(), Fields())):
        result = compared(FORTY, after, first, after_adapter=second)
        assert counts(result) == (40, 0, 0, 0)
        assert result.schema_changes == (SchemaChange("renamed", "output", 40, "response"),)
        mirrored = compared(after, FORTY, second, after_adapter=first)
        assert counts(mirrored) == (40, 0, 0, 0)
        assert mirrored.schema_changes == (SchemaChange("renamed", "response", 40, "output"),)


def test_answers_edited_under_a_renamed_column_are_edits_of_the_response() -> None:
    after = [{"instruction": e["instruction"], "response": e["output"]} for e in FORTY]
    for n in range(10):
        after[n]["response"] = f"No, {n}."
    renamed = family("alpaca").from_mapping({"response": "response"})
    for first, second in ((ALPACA, renamed), (ALPACA, Fields())):
        result = compared(FORTY, after, first, after_adapter=second)
        assert counts(result) == (30, 10, 0, 0)
        assert dict(result.edits) == {"response": 10}


def test_a_column_with_a_name_like_another_but_other_values_is_not_renamed() -> None:
    before = [e | {"quality": n % 2} for n, e in enumerate(FORTY)]
    after = [e | {"qualities": (n // 2) % 2} for n, e in enumerate(FORTY)]
    result = compared(before, after)
    assert result.schema_changes == (
        SchemaChange("removed", "quality", 40),
        SchemaChange("added", "qualities", 40),
    )
    assert counts(result) == (40, 0, 0, 0)


def test_every_field_renamed_is_recognised_by_the_values_alone() -> None:
    after = [{"prompt": e["instruction"], "completion": e["output"]} for e in FORTY]
    result = compared(FORTY, after, Fields())
    assert counts(result) == (40, 0, 0, 0)
    assert {(c.field, c.to) for c in result.schema_changes} == {
        ("instruction", "prompt"),
        ("output", "completion"),
    }


def test_a_renamed_field_that_only_some_examples_have_is_recognised() -> None:
    before = [e | ({"system": f"You are {n}."} if n % 2 else {}) for n, e in enumerate(FORTY)]
    after = [e | ({"persona": f"You are {n}."} if n % 2 else {}) for n, e in enumerate(FORTY)]
    result = compared(before, after, Fields())
    assert counts(result) == (40, 0, 0, 0)
    assert result.schema_changes == (SchemaChange("renamed", "system", 20, "persona"),)


@pytest.mark.parametrize(
    ("old", "new", "to"),
    [
        (lambda n: n, lambda n: f"{n}", "string"),
        (lambda n: [n, "a"], lambda n: f'[{n}, "a"]', "string"),
        (lambda n: bool(n % 3), lambda n: "true" if n % 3 else "false", "string"),
        (lambda n: {"k": n}, lambda n: json.dumps({"k": n}), "string"),
    ],
)
def test_a_retyped_field_is_compared_as_text(old: Any, new: Any, to: str) -> None:
    before = [e | {"extra": old(n)} for n, e in enumerate(FORTY)]
    after = [e | {"extra": new(n)} for n, e in enumerate(FORTY)]
    after[5]["extra"] = "something else"
    result = compared(before, after)
    assert counts(result) == (39, 1, 0, 0)
    assert result.schema_changes == (SchemaChange("retyped", "extra", 40, to),)


def test_a_retyped_field_whose_values_have_nothing_in_common_is_left_out() -> None:
    before = [e | {"grade": n} for n, e in enumerate(FORTY)]
    after = [e | {"grade": "good" if n < 20 else "bad"} for n, e in enumerate(FORTY)]
    result = compared(before, after)
    assert counts(result) == (40, 0, 0, 0)
    assert result.schema_changes == (SchemaChange("retyped", "grade", 40, "string"),)


def test_instructions_turned_into_messages_are_compared_by_conversation() -> None:
    after = [chat(e["instruction"], e["output"]) for e in FORTY]
    after[3] = chat(FORTY[3]["instruction"], "I would rather not.")
    result = compared(FORTY, after, ALPACA, after_adapter=MESSAGES)
    assert counts(result) == (39, 1, 0, 0)
    assert dict(result.edits) == {"response": 1}
    assert {(c.op, c.field) for c in result.schema_changes} == {
        ("removed", "instruction"),
        ("removed", "output"),
        ("added", "messages"),
    }
    assert "compared by their conversations" in result.notices[0]


def test_an_ignored_field_does_not_count_and_is_no_schema_change() -> None:
    before = [e | {"seen": n} for n, e in enumerate(FORTY)]
    after = [e | {"seen": n + 1} for n, e in enumerate(FORTY)]
    result = compared(before, after, ignore=("seen",))
    assert counts(result) == (40, 0, 0, 0)
    assert result.schema_changes == ()


def test_naming_a_field_that_nobody_has_is_an_error_that_lists_the_fields() -> None:
    for option in ({"named": "idd"}, {"ignore": ("idd",)}):
        with pytest.raises(UsageError, match="no example has a field 'idd'") as caught:
            compared(FORTY, FORTY, **option)
        assert caught.value.hint == "the fields are: instruction, output"


def test_the_type_of_a_key_may_change() -> None:
    before = [e | {"id": n} for n, e in enumerate(FORTY)]
    after = [e | {"id": str(n)} for n, e in enumerate(FORTY)]
    after[2] |= {"instruction": "Quite another question.", "output": "Quite another answer."}
    result = compared(before, after, key="id")
    assert counts(result) == (39, 1, 0, 0)
    assert dict(result.pairing) == {"key": 1}


def test_a_renamed_key_still_pairs() -> None:
    before = [e | {"id": n} for n, e in enumerate(FORTY)]
    after = [e | {"uid": n} for n, e in enumerate(FORTY)]
    after[2] |= {"instruction": "Quite another question.", "output": "Quite another answer."}
    result = compared(before, after, key="id", after_key="uid")
    assert counts(result) == (39, 1, 0, 0)
    assert dict(result.pairing) == {"key": 1}
