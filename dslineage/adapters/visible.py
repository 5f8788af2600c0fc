"""The text of a conversation, as a person or a matcher reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dslineage.adapters.encode import encode
from dslineage.adapters.parts import plain_text

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation

SEPARATOR = "\0"
"""Stands between the texts of `visible_text`, so that no text can flow into the next."""


def prompt_text(conversation: Conversation) -> str:
    """What the model is asked: the turns that it does not learn to say, one after another."""
    turns = conversation.get("messages", [])
    if not is_judged(conversation):
        turns = [turn for turn in turns if not is_answer(turn)]
    return "\n\n".join(_texts(turns))


def response_text(conversation: Conversation) -> str:
    """What the model is to say: its turns, the preferred answer, the answers, or the text."""
    return "\n\n".join(_response(conversation))


def visible_text(conversation: Conversation) -> str:
    """Every text that the model may be shown, with U+0000 between one and the next."""
    texts: list[str] = []
    if "system" in conversation:
        texts += _texts(system if type(system := conversation["system"]) is list else [system])
    texts += _texts(conversation.get("messages", []))
    for name in ("chosen", "rejected"):
        texts += _texts(conversation.get(name, []))  # type: ignore[arg-type]
    texts += _answers(conversation)
    if "text" in conversation:
        texts.append(conversation["text"])
    if "tools" in conversation:
        texts.append(_written(conversation["tools"]))
    texts += strings(conversation.get("fields", {}))
    return SEPARATOR.join(texts)


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, members of objects in the order of their names."""
    if type(value) is str:
        yield value
    elif type(value) is dict:
        for name in sorted(value):
            yield from strings(value[name])
    elif type(value) is list:
        for item in value:
            yield from strings(item)


def is_answer(turn: Any) -> bool:
    """Whether a turn is one that the model says."""
    return type(turn) is dict and turn.get("role") == "assistant"


def is_judged(conversation: Conversation) -> bool:
    """Whether answers stand apart from the turns, which are then all prompt."""
    return "chosen" in conversation or "rejected" in conversation or "answers" in conversation


def _response(conversation: Conversation) -> Iterable[str]:
    if "chosen" in conversation:
        return _texts(conversation["chosen"])
    if "answers" in conversation:
        return _answers(conversation)
    if "text" in conversation:
        return [conversation["text"]]
    if is_judged(conversation):
        return []
    return _texts(turn for turn in conversation.get("messages", []) if is_answer(turn))


def _answers(conversation: Conversation) -> Iterator[str]:
    for answer in conversation.get("answers", []):
        yield from _texts(answer.get("messages", [answer]))


def _texts(turns: Iterable[Any]) -> Iterator[str]:
    for turn in turns:
        if type(turn) is not dict:
            yield _text(turn)
            continue
        for name in ("thinking", "content"):
            if name in turn:
                yield _text(turn[name])
        if "tool_calls" in turn:
            yield _written(turn["tool_calls"])


def _text(value: Any) -> str:
    text = plain_text(value) if type(value) is str or _is_parts(value) else None
    return _written(value) if text is None else text


def _written(value: Any) -> str:
    return value if type(value) is str else encode(value).decode()


def _is_parts(value: Any) -> bool:
    return type(value) is list and all(
        type(part) is str or (type(part) is dict and "type" in part) for part in value
    )
