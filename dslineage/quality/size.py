"""How much a model is shown of an example, in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.adapters.encode import encode

if TYPE_CHECKING:
    from dslineage.quality.example import Example

APART = frozenset({"rejected", "answer", "field"})
"""Roles of texts that are not trained on together with the others."""


def shown_bytes(example: Example) -> int:
    """UTF-8 bytes of what is trained on together: texts, tools and tool calls.

    Tools and calls count as their canonical JSON.
    """
    return sum(text_bytes(part.text) for part in example.parts if part.role not in APART) + (
        tool_bytes(example)
    )


def text_bytes(text: str) -> int:
    """UTF-8 bytes of a text; a lone surrogate has three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def tool_bytes(example: Example) -> int:
    """Bytes of the canonical JSON of the tools and of each turn's tool calls."""
    conversation = example.conversation
    turns = [*conversation.get("messages", ()), *conversation.get("chosen", ())]
    calls = [turn["tool_calls"] for turn in turns if type(turn) is dict and "tool_calls" in turn]
    tools = [conversation["tools"]] if "tools" in conversation else []
    return sum(len(encode(value)) for value in (*tools, *calls))
