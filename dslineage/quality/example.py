"""An example as metrics see it: its texts with their roles, normalised."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.adapters.encode import encode
from dslineage.adapters.parts import plain_text
from dslineage.quality.shape import Shape, shape_of, trained

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter, Conversation


TEXTS = 2
"""What texts an example has, as a number in the id of each metric: raised when that changes."""


class Part(NamedTuple):
    """One text of an example: who says it, what it says, where it stands in the conversation.

    Texts are NFC with LF line ends. `role` is `system`, `user`, `assistant`, `tool` and so on,
    `tools` for a text or whole number in the definitions of tools, `tool_call` for one among the
    arguments of a call, `rejected` and `answer` for answers that are judged, `text` for a plain
    text, `field` for data of no family. `target` is whether the model is trained to say it, as
    words of an answer: never of a call's arguments.
    """

    role: str
    text: str
    path: str
    target: bool


@dataclass(frozen=True)
class Example:
    """What a metric's function is given. `fields` is the example itself, without null members."""

    fields: Mapping[str, Any]
    conversation: Conversation

    @classmethod
    def of(cls, fields: Mapping[str, Any], adapter: Adapter) -> Example:
        """The example under an adapter."""
        return cls(fields, adapter.conversation(fields))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every text, in the order in which a model is shown them."""
        return tuple(_parts(self.conversation))

    @cached_property
    def shape(self) -> Shape:
        """Its structure, texts aside."""
        return shape_of(self.conversation)

    @cached_property
    def prompt(self) -> str | None:
        """P: what users say, texts joined by line ends; None where no user speaks."""
        return _joined([part.text for part in self.parts if part.role == "user"])

    @cached_property
    def target(self) -> str | None:
        """R: what the model is trained to say, joined so; None where there is nothing."""
        return _joined([part.text for part in self.parts if part.target])

    @property
    def messages(self) -> list[Any]:
        """The turns of the conversation, normalised as `adapters.base.Message` says."""
        return self.conversation.get("messages", [])


def normal(text: str) -> str:
    """A text in NFC with LF line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _parts(conversation: Conversation) -> list[Part]:
    system = conversation.get("system")
    found: list[Part] = []
    if type(system) is list:
        found += _turns(system, "system")
    elif system is not None:
        found.append(Part("system", _text(system), "system", target=False))
    if "tools" in conversation:
        found += _leaves("tools", conversation["tools"], "tools")
    found += _turns(conversation.get("messages", []), "messages")
    if len(conversation) > (system is not None) + ("messages" in conversation):
        found += _rest(conversation)
    return found


def _rest(conversation: Conversation) -> Iterator[Part]:
    yield from _turns(conversation.get("chosen", []), "chosen")
    for part in _turns(conversation.get("rejected", []), "rejected"):
        yield part._replace(role="rejected", target=False)
    for number, answer in enumerate(conversation.get("answers", [])):
        path = f"answers[{number}]"
        for part in _turns(answer.get("messages", [answer]), path):
            yield part._replace(role="answer", path=path, target=False)
    if "text" in conversation:
        yield Part("text", _text(conversation["text"]), "text", target=True)
    for name, value in conversation.get("fields", {}).items():
        yield Part("field", _text(value), name, target=False)


def _turns(turns: Any, name: str) -> list[Part]:
    found: list[Part] = []
    for path, turn in zip(_paths(name, len(turns)), turns, strict=True):
        if type(turn) is not dict:
            found.append(Part("", _text(turn), path.removesuffix(".content"), target=False))
            continue
        role = turn.get("role", "")
        content = turn.get("content")
        if type(content) is str and len(turn) == 2:  # nearly always: made as fast as can be
            if "\r" in content or not content.isascii():
                content = normal(content)
            found.append(tuple.__new__(Part, (role, content, path, role == "assistant")))
            continue
        target = role == "assistant" and trained(turn)
        if "thinking" in turn:
            place = path.removesuffix("content") + "thinking"
            found.append(Part(role, _text(turn["thinking"]), place, target=target))
        if "content" in turn:
            found.append(Part(role, _text(content), path, target=target))
        if "tool_calls" in turn:
            found += _calls(turn["tool_calls"], path.removesuffix("content") + "tool_calls")
    return found


def _calls(calls: Any, path: str) -> Iterator[Part]:
    """The arguments of tool calls."""
    for number, call in enumerate(calls if type(calls) is list else [calls]):
        arguments = call.get("arguments") if type(call) is dict else call
        yield from _leaves("tool_call", arguments, f"{path}[{number}].arguments")


def _leaves(role: str, value: Any, path: str) -> Iterator[Part]:
    """What is in a JSON value, text by text: in one JSON text, escapes would hide some.

    Of names, those in a schema's `properties` are texts: people chose them.
    """
    if type(value) is str or type(value) is int:
        yield Part(role, normal(str(value)), path, target=False)
    elif type(value) is dict:
        for name, member in value.items():
            if path.endswith(".properties"):
                yield Part(role, normal(name), f"{path}.{name}", target=False)
            yield from _leaves(role, member, f"{path}.{name}")
    elif type(value) is list:
        for number, item in enumerate(value):
            yield from _leaves(role, item, f"{path}[{number}]")


@lru_cache(256)
def _paths(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}[{number}].content" for number in range(count))


def _text(value: Any) -> str:
    if type(value) is str:
        return normal(value)
    text = plain_text(value) if type(value) is list else None
    return normal(encode(value).decode() if text is None else text)


def _joined(texts: list[str]) -> str | None:
    return "\n".join(texts) if texts else None
