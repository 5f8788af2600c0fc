"""Digests of the parts of an example; `docs/views.md` has the normative text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from orjson import OPT_SORT_KEYS, dumps
from xxhash import xxh3_64_digest

from dslineage.adapters.base import Adapter, Conversation, Facets
from dslineage.adapters.encode import agrees, encode, encode_plain
from dslineage.adapters.fields import Fields
from dslineage.adapters.folding import encoded, folded_twice
from dslineage.adapters.plainchat import PlainChat
from dslineage.adapters.reading import Reading, reader
from dslineage.adapters.visible import SEPARATOR, is_answer, is_judged, strings, visible_text

ABSENT = bytes(8)
"""The facet of what is not there."""

_MASKED = -100
_sha256 = hashlib.sha256


class Faceter:
    """Takes the facets of examples under one adapter and one key field."""

    def __init__(self, adapter: Adapter, key: str | None) -> None:
        self.read = reader(adapter).read
        self._fields_only = isinstance(adapter, Fields)
        self._key = key
        self._known = adapter.consumed if key is None else adapter.consumed | {key}

    def facets(self, example: Mapping[str, Any], example_digest: bytes) -> Facets:
        """The facets of an example without null members, whose digest is known."""
        return self.facets_of(self.read(example), example, example_digest)

    def facets_of(
        self,
        reading: Reading,
        example: Mapping[str, Any],
        example_digest: bytes,
        plain: bool = False,
    ) -> Facets:
        """The same of an example that was read; `plain` as of its row."""
        rest, key = map(short, self.beside(example, plain))
        if isinstance(reading, PlainChat):
            return _plain_facets(reading, rest, key)
        if self._fields_only:
            view = View(text=SEPARATOR.join(strings(example)))
            return _facets(view, example_digest, rest, key, short(rest))
        view = view_of(reading)
        digest = _sha256(view.conversation).digest()
        return _facets(view, digest, rest, key, short(digest + rest))

    def beside(self, example: Mapping[str, Any], plain: bool = False) -> tuple[bytes, bytes]:
        """What the facets `rest` and `key` are digests of; nothing where they are absent."""
        known, key = self._known, self._key
        write = encode_plain if plain else encode
        left = {name: example[name] for name in example if name not in known}
        return (
            write(left) if left else b"",
            write(example[key]) if key is not None and key in example else b"",
        )


class View(NamedTuple):
    """What each facet of a conversation is the digest of; nothing where it is absent."""

    conversation: bytes = b""
    prompt: bytes = b""
    response: bytes = b""
    rejected: bytes = b""
    system: bytes = b""
    structure: bytes = b""
    tools: bytes = b""
    label: bytes = b""
    mask: bytes = b""
    media: bytes = b""
    text: str = ""


def _facets(view: View, conversation: bytes, rest: bytes, key: bytes, unkeyed: bytes) -> Facets:
    folded, repaired = folded_twice(encoded(view.text))
    return Facets(
        conversation,
        short(view.prompt),
        short(view.response),
        short(view.rejected),
        short(view.system),
        short(view.structure),
        short(view.tools),
        short(view.label),
        short(view.mask),
        short(view.media),
        rest,
        key,
        unkeyed,
        short(folded),
        short(repaired),
    )


def short(data: bytes) -> bytes:
    """The facet of some bytes."""
    return xxh3_64_digest(data) if data else ABSENT


def _plain_facets(chat: PlainChat, rest: bytes, key: bytes) -> Facets:
    """The facets of a plain chat; the same as by `view_of`, sooner."""
    system, _, roles, asked, said, texts = chat
    digest = _sha256(dumps(chat.conversation, option=OPT_SORT_KEYS)).digest()
    folded, repaired = folded_twice(encoded(SEPARATOR.join(texts)))
    return Facets(
        digest,
        xxh3_64_digest(dumps(asked, option=OPT_SORT_KEYS)) if asked else ABSENT,
        xxh3_64_digest(dumps(said)) if said else ABSENT,
        ABSENT,
        xxh3_64_digest(dumps(system)) if system else ABSENT,
        _structure(tuple(roles)),
        ABSENT,
        ABSENT,
        ABSENT,
        ABSENT,
        rest,
        key,
        xxh3_64_digest(digest + rest),
        short(folded),
        short(repaired),
    )


@lru_cache(maxsize=1024)
def _structure(roles: tuple[str, ...]) -> bytes:
    return short(encode_plain(roles))


def view_of(conversation: Conversation) -> View:
    """What the facets of a conversation are the digests of."""
    write = encode_plain if agrees(conversation) else encode

    def part(value: Any) -> bytes:
        return b"" if value in ("", [], {}) else write(value)

    messages = conversation.get("messages", [])
    asked = messages if is_judged(conversation) else [m for m in messages if not is_answer(m)]
    prompt: Any = [_untrained(turn) for turn in asked]
    response: Any = _response(conversation)
    if "tokens" in conversation:
        prompt, response = _split_tokens(conversation["tokens"])
    return View(
        conversation=write(conversation),
        prompt=part(prompt),
        response=part(response),
        rejected=part(_said(conversation.get("rejected", ()))),
        system=part(_plainly(conversation.get("system", ""))),
        structure=part([_role(turn) for turn in messages]),
        tools=part(conversation.get("tools", [])),
        label=part(_labels(conversation)),
        mask=part(_mask(conversation)),
        media=part(conversation.get("media", [])),
        text=visible_text(conversation),
    )


def _response(conversation: Conversation) -> list[Any]:
    if "chosen" in conversation:
        return _said(conversation["chosen"])
    if "answers" in conversation:
        return [_content_of(answer) for answer in conversation["answers"]]
    if "text" in conversation:
        return [conversation["text"]]
    if is_judged(conversation):
        return []
    return _said(turn for turn in conversation.get("messages", []) if is_answer(turn))


def _said(turns: Iterable[Any]) -> list[Any]:
    """Turns of an answer: of the model's own, only what it says; of others, who says it too."""
    return [_what(turn) if is_answer(turn) else _untrained(turn) for turn in turns]


def _what(turn: dict[str, Any]) -> Any:
    what = {name: turn[name] for name in turn if name not in ("role", "train")}
    return what["content"] if what.keys() == {"content"} else what


def _untrained(turn: Any) -> Any:
    if type(turn) is not dict or "train" not in turn:
        return turn
    return {name: turn[name] for name in turn if name != "train"}


def _plainly(system: Any) -> Any:
    return [_untrained(turn) for turn in system] if type(system) is list else system


def _role(turn: Any) -> Any:
    return turn.get("role", "") if type(turn) is dict else ""


def _content_of(answer: dict[str, Any]) -> Any:
    return _said(answer["messages"]) if "messages" in answer else answer.get("content")


def _labels(conversation: Conversation) -> dict[str, Any]:
    labels: dict[str, Any] = {"label": conversation["label"]} if "label" in conversation else {}
    judged = [
        {name: answer[name] for name in answer if name not in ("content", "messages")}
        for answer in conversation.get("answers", [])
    ]
    return labels | ({"answers": judged} if any(judged) else {})


def _mask(conversation: Conversation) -> dict[str, Any]:
    """The loss flags of each list of turns that has any, and of tokens."""
    mask: dict[str, Any] = {}
    for name in ("system", "messages", "chosen", "rejected"):
        turns = conversation.get(name)
        if type(turns) is list:
            flags = [turn.get("train") if type(turn) is dict else None for turn in turns]
            if any(flag is not None for flag in flags):
                mask[name] = flags
    tokens = conversation.get("tokens", {})
    if type(labels := tokens.get("labels")) is list:
        mask["tokens"] = [label != _MASKED for label in labels]
    if "attention_mask" in tokens:
        mask["attention"] = tokens["attention_mask"]
    return mask


def _split_tokens(tokens: dict[str, Any]) -> tuple[Any, Any]:
    """The tokens that are masked, and those that are trained on with their labels."""
    ids, labels = tokens.get("input_ids"), tokens.get("labels")
    if type(ids) is not list or type(labels) is not list or len(ids) != len(labels):
        return [], [ids, labels]
    pairs = list(zip(ids, labels, strict=True))
    trained = [pair for pair in pairs if pair[1] != _MASKED]
    return [token for token, label in pairs if label == _MASKED], trained
