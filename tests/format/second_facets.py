"""The facets of a conversation, written from `docs/views.md` alone.

It needs `xxhash` beside. `repaired` is missing: it depends on a release of ftfy, and identifies
nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from xxhash import xxh3_64_digest

from tests.format.second_reader import canonical, sha256

ABSENT = bytes(8)
_JUDGED = ("chosen", "rejected", "answers")
_SPACE = {*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0x2028, 0x2029}
_MASKED = -100


def facets(
    conversation: dict[str, Any], example: dict[str, Any], key: str | None, columns: set[str]
) -> dict[str, bytes]:
    """The facets of an example, by name.

    Args:
        conversation: what the adapter makes of the example.
        example: the example.
        key: the key field.
        columns: the columns of the adapter.
    """
    rest = _facet({name: example[name] for name in example.keys() - columns - {key}})
    whole = sha256(canonical(conversation))
    prompt, response = _prompt(conversation), _response(conversation)
    if "tokens" in conversation:
        prompt, response = _tokens(conversation["tokens"])
    system = conversation.get("system", "")
    return {
        "conversation": whole,
        "prompt": _facet(prompt),
        "response": _facet(response),
        "rejected": _facet(_said(conversation.get("rejected", []))),
        "system": _facet(list(map(_unmasked, system)) if isinstance(system, list) else system),
        "structure": _facet([_role(turn) for turn in conversation.get("messages", [])]),
        "tools": _facet(conversation.get("tools")),
        "label": _facet(_label(conversation)),
        "mask": _facet(_mask(conversation)),
        "media": _facet(conversation.get("media")),
        "rest": rest,
        "key": xxh3_64_digest(canonical(example[key])) if key in example else ABSENT,
        "unkeyed": xxh3_64_digest(whole + rest),
        "folded": _digest(_folded("\0".join(_visible(conversation)))),
    }


def facets_of_fields(example: dict[str, Any], key: str | None) -> dict[str, bytes]:
    """The facets of an example of the family `fields`."""
    found = facets({}, example, key, set())
    text = _digest(_folded("\0".join(_strings(example))))
    changed = {"conversation": sha256(canonical(example)), "folded": text}
    return found | changed | {"unkeyed": xxh3_64_digest(found["rest"])}


def _facet(value: Any) -> bytes:
    return ABSENT if value in (None, [], {}, "") else xxh3_64_digest(canonical(value))


def _digest(text: str) -> bytes:
    return xxh3_64_digest(text.encode()) if text else ABSENT


def _role(turn: Any) -> Any:
    return turn.get("role", "") if isinstance(turn, dict) else ""


def _unmasked(turn: Any) -> Any:
    if not isinstance(turn, dict):
        return turn
    return {name: value for name, value in turn.items() if name != "train"}


def _said(turns: list[Any]) -> list[Any]:
    return [_says(turn) if _role(turn) == "assistant" else _unmasked(turn) for turn in turns]


def _says(turn: dict[str, Any]) -> Any:
    said = {name: value for name, value in turn.items() if name not in ("role", "train")}
    return said["content"] if said.keys() == {"content"} else said


def _prompt(conversation: dict[str, Any]) -> list[Any]:
    turns = conversation.get("messages", [])
    judged = any(name in conversation for name in _JUDGED)
    return [_unmasked(turn) for turn in turns if judged or _role(turn) != "assistant"]


def _response(conversation: dict[str, Any]) -> list[Any]:
    if "chosen" in conversation:
        return _said(conversation["chosen"])
    if "answers" in conversation:
        return [
            _said(answer["messages"]) if "messages" in answer else answer.get("content")
            for answer in conversation["answers"]
        ]
    if "text" in conversation:
        return [conversation["text"]]
    if "rejected" in conversation:
        return []
    turns = conversation.get("messages", [])
    return [_says(turn) for turn in turns if _role(turn) == "assistant"]


def _tokens(tokens: dict[str, Any]) -> tuple[Any, Any]:
    ids, labels = tokens.get("input_ids"), tokens.get("labels")
    if not (isinstance(ids, list) and isinstance(labels, list) and len(ids) == len(labels)):
        return None, [ids, labels]
    pairs = [[token, label] for token, label in zip(ids, labels, strict=True)]
    masked = [token for token, label in pairs if label == _MASKED]
    return masked, [pair for pair in pairs if pair[1] != _MASKED]


def _label(conversation: dict[str, Any]) -> dict[str, Any]:
    found = {"label": conversation["label"]} if "label" in conversation else {}
    judged = [
        {name: value for name, value in answer.items() if name not in ("content", "messages")}
        for answer in conversation.get("answers", [])
    ]
    return {**found, "answers": judged} if any(judged) else found


def _mask(conversation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("system", "messages", "chosen", "rejected"):
        turns = conversation.get(name)
        if isinstance(turns, list):
            flags = [turn.get("train") if isinstance(turn, dict) else None for turn in turns]
            if any(flag is not None for flag in flags):
                found[name] = flags
    tokens = conversation.get("tokens", {})
    if isinstance(tokens.get("labels"), list):
        found["tokens"] = [label != _MASKED for label in tokens["labels"]]
    if "attention_mask" in tokens:
        found["attention"] = tokens["attention_mask"]
    return found


def _visible(conversation: dict[str, Any]) -> Iterator[str]:
    system = conversation.get("system", [])
    yield from _texts(system if isinstance(system, list) else [system])
    for name in ("messages", "chosen", "rejected"):
        yield from _texts(conversation.get(name, []))
    for answer in conversation.get("answers", []):
        yield from _texts(answer.get("messages", [answer]))
    if "text" in conversation:
        yield conversation["text"]
    if "tools" in conversation:
        yield _written(conversation["tools"])
    yield from _strings(conversation.get("fields", {}))


def _texts(turns: list[Any]) -> Iterator[str]:
    for turn in turns:
        if not isinstance(turn, dict):
            yield _text(turn)
            continue
        for name, text in (("thinking", _text), ("content", _text), ("tool_calls", _written)):
            if name in turn:
                yield text(turn[name])


def _written(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value).decode()


def _text(value: Any) -> str:
    if isinstance(value, list) and all(
        isinstance(part, str) or (isinstance(part, dict) and "type" in part) for part in value
    ):
        return "\n".join(filter(None, map(_part, value)))
    return _written(value)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part.get("text"), str):
        return str(part["text"])
    return f"<{part['type']}>" if part.keys() == {"type", "media"} else _written(part)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for name in sorted(value):
            yield from _strings(value[name])


def _folded(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    folded = unicodedata.normalize("NFKC", normal.casefold())
    return folded.translate(dict.fromkeys(_SPACE))
