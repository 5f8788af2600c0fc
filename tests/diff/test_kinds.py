"""Step 4: what an edit changed."""

from __future__ import annotations

from typing import Any

import pytest

from dslineage.adapters.base import Adapter
from dslineage.adapters.fields import Fields
from dslineage.diff.kinds import BITS, names
from dslineage.diff.result import KINDS
from tests.diff.chat import ALPACA, MESSAGES, PREFERENCE, chat, compared, instruction

CHAT = chat("Name a river.", "The Danube.", id="a", tools=[{"name": "map"}])
PAIR = {"prompt": "Name a river.", "chosen": "The Danube.", "rejected": "Mont Blanc."}


def kinds(before: dict[str, Any], after: dict[str, Any], adapter: Adapter) -> set[str]:
    """The kinds of the edit from one example to another, paired by a key."""
    others = [example | {"k": n} for n, example in enumerate([instruction(n) for n in range(30)])]
    result = compared(
        [*others, before | {"k": 99}], [*others, after | {"k": 99}], adapter, named="k"
    )
    assert result.edited == 1
    return set(result.edits)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (chat("Name a lake.", "The Danube.", id="a", tools=[{"name": "map"}]), {"prompt"}),
        (chat("Name a river.", "The Rhine.", id="a", tools=[{"name": "map"}]), {"response"}),
        (chat("Name a river.", "The Danube.", id="b", tools=[{"name": "map"}]), {"metadata"}),
        (chat("Name a river.", "The Danube.", id="a", tools=[{"name": "atlas"}]), {"tools"}),
        (chat("Name a river.", "the  danube.", id="a", tools=[{"name": "map"}]),
         {"response", "formatting"}),
        (CHAT | {"messages": [{"role": "system", "content": "Be brief."}, *CHAT["messages"]]},
         {"system"}),
        (CHAT | {"messages": [*CHAT["messages"], {"role": "user", "content": "Thanks!"}]},
         {"prompt", "turns"}),
        (CHAT | {"messages": [CHAT["messages"][0], CHAT["messages"][1] | {"weight": 0}]}, {"mask"}),
    ],
)  # fmt: skip
def test_an_edit_of_a_conversation_says_which_part(
    after: dict[str, Any], expected: set[str]
) -> None:
    assert kinds(CHAT, after, MESSAGES) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (PAIR | {"chosen": "The Rhine."}, {"chosen"}),
        (PAIR | {"rejected": "Mount Everest."}, {"rejected"}),
        (PAIR | {"chosen": "Mont Blanc.", "rejected": "The Danube."}, {"swapped"}),
        (PAIR | {"prompt": "Name a large river."}, {"prompt"}),
    ],
)
def test_an_edit_of_a_preference_says_which_answer(
    after: dict[str, Any], expected: set[str]
) -> None:
    assert kinds(PAIR, after, PREFERENCE) == expected


def test_data_of_no_family_has_fields_and_a_key() -> None:
    before = {"city": "Oslo", "size": 1}
    assert kinds(before, before | {"size": 2}, Fields()) >= {"field"}
    assert kinds(before, before | {"city": "OSLO"}, Fields()) == {"field", "formatting"}


def test_arguments_written_as_a_string_are_the_same_conversation() -> None:
    call = {"function": {"name": "map", "arguments": {"of": "Oslo"}}, "type": "function"}
    text = {"function": {"name": "map", "arguments": '{"of": "Oslo"}'}, "type": "function"}
    before, after = (
        {"messages": [CHAT["messages"][0], {"role": "assistant", "tool_calls": [each]}]}
        for each in (call, text)
    )
    assert kinds(before, after, MESSAGES) == {"formatting"}


def test_every_kind_has_a_bit_of_its_own() -> None:
    assert names(sum(BITS.values())) == KINDS
    assert names(BITS["prompt"] | BITS["encoding"]) == ("prompt", "encoding")
    assert kinds(instruction(1), instruction(2), ALPACA) == {"prompt", "response"}
