"""`llamafactory`: what an entry of `dataset_info.json` says, and the messages of its version 1.

An entry names the formatting (alpaca, sharegpt or openai), the column of each role and the tags
of messages. Version 1 writes `messages`, or `chosen_messages` and `rejected_messages`, whose
content is a list of `{"type", "value"}` and whose loss mask is `loss_weight`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dslineage.adapters.family import Family
from dslineage.adapters.form import Form, Shape
from dslineage.errors import UsageError

_COLUMNS = (
    "prompt", "query", "response", "history", "messages", "system", "tools", "images", "videos",
    "audios", "chosen", "rejected",
)  # fmt: skip
_DEFAULTS = {
    "alpaca": {"prompt": "instruction", "query": "input", "response": "output"},
    "sharegpt": {"messages": "conversations"},
    "openai": {"messages": "messages"},
}
_TAGS = {
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function_call",
    "system_tag": "system",
}


@dataclass(frozen=True)
class LlamaFactory(Family):
    """Columns and tags as LLaMA-Factory maps them."""

    name: ClassVar[str] = "llamafactory"

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """The adapter that an entry of `dataset_info.json` describes.

        As in LLaMA-Factory, an entry with `columns` has no others than those, and a `prompt` alone
        is text for pre-training; tags that it does not name keep their default.

        Raises:
            UsageError: the formatting is unknown, or columns or tags are no names.
        """
        formatting = entry.get("formatting", "alpaca")
        if formatting not in _DEFAULTS:
            known = ", ".join(_DEFAULTS)
            raise UsageError(f"dataset_info.json: unknown formatting {formatting!r}", hint=known)
        named, tags = _names(entry, "columns"), _names(entry, "tags")
        columns: dict[str, Any] = {role: named[role] for role in _COLUMNS if role in named}
        if "columns" not in entry:
            columns |= _DEFAULTS[formatting]
        if formatting == "alpaca":
            columns.pop("messages", None)
            if columns.keys() == {"prompt"}:
                columns = {"text": columns["prompt"]}
        roles = {tags[tag]: role for tag, role in _TAGS.items() if tag in tags}
        sharegpt = formatting == "sharegpt"
        return cls(
            **columns,
            label=named.get("kto_tag", ""),
            role=tags.get("role_tag", "from" if sharegpt else "role"),
            content=tags.get("content_tag", "value" if sharegpt else "content"),
            roles=tuple(sorted(roles.items())),
        )


def _names(entry: Mapping[str, Any], part: str) -> dict[str, str]:
    found = entry.get(part, {})
    if not isinstance(found, Mapping) or any(type(name) is not str for name in found.values()):
        raise UsageError(f"dataset_info.json: {part} must map names to names, not {found!r:.80}")
    return dict(found)


def _has_value_parts(value: Any) -> bool:
    if type(value) is not list or not value or type(value[0]) is not dict:
        return False
    content = value[0].get("content")
    return (
        type(content) is list
        and bool(content)
        and all(type(part) is dict and "type" in part and "value" in part for part in content)
    )


_PARTS = Shape(_has_value_parts, "[] with parts of type and value")

FORMS = (
    Form(
        LlamaFactory(chosen="chosen_messages", rejected="rejected_messages", tools="tools"),
        {"chosen": _PARTS, "rejected": _PARTS},
    ),
    Form(LlamaFactory(messages="messages", tools="tools"), {"messages": _PARTS}),
)
