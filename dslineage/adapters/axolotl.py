"""`axolotl`: what only Axolotl reads.

Chat messages with loss flags (`train`, `train_detail`, flags on parts), segments
(`[{"label", "text"}]`, a segment with label true being an assistant turn and any other a user
turn), data that is tokenised already, and the dialects of its instruct formats. Its plain chat
messages are `messages` or `sharegpt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from dslineage.adapters.form import (
    ANY,
    FROM_MESSAGES,
    LIST,
    ROLE_MESSAGES,
    SCALAR,
    TEXT,
    Form,
    Shape,
    parts_of,
    turns_of,
)  # fmt: skip
from dslineage.adapters.messages import Messages

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation
    from dslineage.adapters.family import Family

_TOKENS = ("input_ids", "attention_mask", "labels", "position_ids", "token_type_ids")


@dataclass(frozen=True)
class Axolotl(Messages):
    """Messages with loss flags; with `segments` or `tokens` set, those columns instead."""

    name: ClassVar[str] = "axolotl"

    segments: str = ""
    tokens: str = ""

    @cached_property
    def consumed(self) -> frozenset[str]:
        """The top-level fields that the conversation is made of."""
        if self.tokens:
            return frozenset({self.tokens, *_TOKENS[1:]})
        return frozenset({self.segments}) if self.segments else super().consumed

    def conversation(self, example: Mapping[str, Any]) -> Conversation:
        """The conversation of an example without null members."""
        if self.tokens in example:
            names = (self.tokens, *_TOKENS[1:])
            found = zip(_TOKENS, names, strict=True)
            return {"tokens": {role: example[name] for role, name in found if name in example}}
        if self.segments in example:
            segments = example[self.segments]
            if type(segments) is list and segments and all(map(_is_segment, segments)):
                return {"messages": [_turn(segment) for segment in segments]}
            return {"fields": {self.segments: segments}}
        return super().conversation(example)


def _is_segment(value: Any) -> bool:
    return type(value) is dict and value.keys() == {"label", "text"}


def _turn(segment: dict[str, Any]) -> dict[str, Any]:
    label = segment["label"]
    turn = {"role": "assistant" if label else "user", "content": segment["text"]}
    return turn if type(label) is bool else {**turn, "label": label}


def _has_flags(adapter: Family, example: Mapping[str, Any]) -> bool:
    return any(
        "train" in turn
        or "train_detail" in turn
        or any(type(part) is dict and "train" in part for part in parts_of(adapter, turn))
        for turn in turns_of(adapter, example)
    )


_SHAREGPT = Axolotl(messages="conversations", role="from", content="value")
_SEGMENTS = Shape(
    lambda value: LIST.holds(value) and bool(value) and all(map(_is_segment, value)),
    "[] with label and text",
)

TOKENISED = (
    Form(Axolotl(messages="", tokens="input_ids"), {"tokens": LIST}),
    Form(Axolotl(messages="", segments="segments"), {"segments": _SEGMENTS}),
)
"""Forms that no other family resembles."""

FLAGGED = (
    Form(Axolotl(), {"messages": ROLE_MESSAGES}, _has_flags, "loss flags"),
    Form(_SHAREGPT, {"messages": FROM_MESSAGES}, _has_flags, "loss flags"),
)
"""Chat messages with loss flags in them."""

_DIALECTS = (
    ("", "article", "question", "answer"),
    ("", "context", "question", "answer"),
    ("system_prompt", "question", "", "response"),
    ("", "question", "choices", "solution"),
    ("", "question", "choices", "explanation"),
    ("", "INSTRUCTION", "", "RESPONSE"),
    ("", "message_1", "", "message_2"),
    ("", "article", "", "summary"),
    ("", "instruction", "", "revision"),
)


def _dialect(system: str, prompt: str, query: str, response: str) -> Form:
    named = {"system": system, "prompt": prompt, "query": query, "response": response}
    columns = {role: column for role, column in named.items() if column}
    shapes = {"system": TEXT, "prompt": TEXT, "query": ANY, "response": SCALAR}
    needs = {role: shapes[role] for role in columns}
    return Form(Axolotl(messages="", tools="", functions="").with_columns(columns), needs)


DIALECTS = tuple(_dialect(*columns) for columns in _DIALECTS)
"""Instruct formats of a prompt and a response under other names."""

FORMS = (*TOKENISED, *FLAGGED, *DIALECTS)
