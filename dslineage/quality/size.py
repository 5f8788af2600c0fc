"""How much a model is shown of an example, in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.adapters.encode import encode

if TYPE_CHECKING:
    from dslineage.quality.example import Example

APART = frozenset({"rejected", "answer", "field", "tools", "tool_call"})
"""Roles of texts that are not trained on together with the others, or counted as JSON."""


def shown_bytes(example: Example) -> int:
    """UTF-8 bytes of what is trained on together."""
    return sum(map(text_bytes, shown_texts(example)))


def shown_texts(example: Example) -> Iterator[str]:
    """What is trained on together: texts, and the canonical JSON of tools and tool calls."""
    for part in example.parts:
        if part.role not in APART:
            yield part.text
    yield from tool_texts(example)


def text_bytes(text: str) -> int:
    """UTF-8 bytes of a text; a lone surrogate has three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def tool_texts(example: Example) -> Iterator[str]:
    """The canonical JSON of each turn's tool calls and of the tools."""
    conversation = example.conversation
    for turn in (*conversation.get("messages", ()), *conversation.get("chosen", ())):
        if type(turn) is dict and "tool_calls" in turn:
            yield encode(turn["tool_calls"]).decode()
    if "tools" in conversation:
        yield encode(conversation["tools"]).decode()
