"""Examples read under an adapter: plain chats in one pass, all others as conversations."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, cast

from dslineage.adapters.base import Adapter, Conversation
from dslineage.adapters.family import Family
from dslineage.adapters.plainchat import PlainChat, from_conversation, from_messages

Reading = PlainChat | Conversation
"""What an example says; never the conversation of what could be a plain chat."""


class Reader:
    """Reads examples under one adapter."""

    def __init__(self, adapter: Adapter) -> None:
        self._convert = adapter.conversation
        self._column = ""
        self._others = adapter.consumed
        if isinstance(adapter, Family) and type(adapter).conversation is Family.conversation:
            self._column, self._tags = adapter.messages, adapter.tags
            self._others -= {self._column}

    def read(self, example: Mapping[str, Any]) -> Reading:
        """What an example without null members says."""
        if self._column and self._others.isdisjoint(example):
            chat = from_messages(example.get(self._column), self._tags)
            if chat is not None:
                return chat
        conversation = self._convert(example)
        return from_conversation(conversation) or conversation


def reader(adapter: Adapter) -> Reader:
    """The reader of an adapter; that of an equal one is the same."""
    return _reader(cast("Hashable", adapter))


@lru_cache(maxsize=8)
def _reader(adapter: Hashable) -> Reader:
    return Reader(cast("Adapter", adapter))
