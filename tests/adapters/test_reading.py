"""Examples are read once: what is a plain chat comes out as one, and says the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dslineage.adapters.base import Adapter
from dslineage.adapters.messages import Messages
from dslineage.adapters.plainchat import PlainChat, from_conversation
from dslineage.adapters.reading import reader
from tests.adapters.strategies import ADAPTERS, chats, examples


@given(
    examples | chats.map(lambda turns: {"messages": turns, "id": 7}),
    st.sampled_from(list(ADAPTERS.values())),
)
def test_what_was_read_is_the_conversation_of_the_example(
    example: dict[str, Any], adapter: Adapter
) -> None:
    reading = reader(adapter).read(example)
    conversation = adapter.conversation(example)
    if isinstance(reading, PlainChat):
        assert reading.conversation == conversation
        assert from_conversation(conversation) == reading
    else:
        assert reading == conversation
        assert from_conversation(conversation) is None


def test_a_chat_with_tools_beside_it_is_more_than_a_plain_one() -> None:
    turns = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]
    read = reader(Messages()).read
    assert isinstance(read({"messages": turns, "id": 1}), PlainChat)
    assert not isinstance(read({"messages": turns, "tools": [{"name": "add"}]}), PlainChat)
