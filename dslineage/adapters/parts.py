"""Content that is a list of parts: texts, images and other media, reasoning, tool calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from dslineage.adapters.encode import encode
from dslineage.adapters.jsontext import parsed

_TEXT_KEYS = ("text", "value", "content")
_REF_KEYS = ("url", "path", "value", "ref")
_FLAGS = ("train", "weight")
_THOUGHTS = {"reasoning": "value", "thinking": "thinking"}
_INLINE = {"bytes", "data", "file_data"}
_LONGEST_NAME = 4096
MEDIA_KINDS = {
    "image": "image", "image_url": "image", "input_image": "image",
    "video": "video", "video_url": "video",
    "audio": "audio", "audio_url": "audio", "input_audio": "audio",
    "file": "file", "document": "document",
}  # fmt: skip
"""What the types of media parts are called in a conversation."""


class Content(NamedTuple):
    """Content taken apart: what a model reads, what it thought and called, and the loss flags."""

    content: Any
    thinking: Any = None
    calls: tuple[Any, ...] = ()
    flags: list[Any] | None = None


def take_apart(parts: list[Any], media: list[dict[str, Any]]) -> Content:
    """Normalise a list of parts; references to media are appended to `media`.

    A list of one text part is that text. Reasoning at the beginning and tool calls at the end
    become members of the message; in any other place they stay where they are.
    """
    flags = [_flag(part) for part in parts]
    body = [_part(part, media) for part in parts]
    start = 1 if body and _kind(body[0]) in _THOUGHTS else 0
    stop = len(body)
    while stop > start and _kind(body[stop - 1]) == "tool_call":
        stop -= 1
    thinking = _thought(body[0]) if start else None
    calls = tuple(parsed(part.get("value")) for part in body[stop:])
    if (start and thinking is None) or any(type(call) is not dict for call in calls):
        start, stop, thinking, calls = 0, len(body), None, ()
    return Content(
        content=_content(body[start:stop], said=bool(start or calls)),
        thinking=thinking,
        calls=calls,
        flags=flags if any(flag is not None for flag in flags) else None,
    )


def plain_text(content: Any) -> str | None:
    """The text of normalised content, parts joined by line ends; None where it is no text.

    A part without text is shown as its type where its reference is all that it holds, else whole.
    """
    if type(content) is str:
        return content
    if type(content) is not list:
        return None
    texts = [part if type(part) is str else _shown(part) for part in content]
    return "\n".join(text for text in texts if text)


def media_names(media: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the media of a conversation are called, in order, those given by value left out.

    A text is a name or an address unless it holds the bytes: a data URI, or what is longer than
    a path can be. Lists are taken item by item.
    """
    return [name for medium in media if "ref" in medium for name in _names(medium["ref"])]


def _names(ref: Any) -> Iterator[str]:
    if type(ref) is list:
        for item in ref:
            yield from _names(item)
    elif type(ref) is dict:
        if not ref.keys() & _INLINE:
            yield from _names(next((ref[key] for key in ("path", "url") if key in ref), ""))
    elif type(ref) is str and _is_name(ref):
        yield ref


def _is_name(text: str) -> bool:
    return 0 < len(text.encode()) <= _LONGEST_NAME and text[:5].lower() != "data:"


def _shown(part: Any) -> str:
    if type(part) is not dict:
        return ""
    text = part.get("text")
    if type(text) is str:
        return text
    return f"<{_kind(part)}>" if part.keys() == {"type", "media"} else encode(part).decode()


def _kind(part: Any) -> str:
    kind = part.get("type") if type(part) is dict else None
    return kind if type(kind) is str else ""


def _flag(part: Any) -> Any:
    if type(part) is not dict:
        return None
    return next((part[name] for name in _FLAGS if name in part), None)


def _part(part: Any, media: list[dict[str, Any]]) -> Any:
    kind = _kind(part)
    if not kind:
        return part
    if any(name in part for name in _FLAGS):
        part = {name: value for name, value in part.items() if name not in _FLAGS}
    if kind == "text":
        return _text_part(part)
    if kind in MEDIA_KINDS:
        return _media_part(part, MEDIA_KINDS[kind], media)
    return part


def _text_part(part: dict[str, Any]) -> dict[str, Any]:
    if len(part) != 2:
        return part
    name = next((name for name in _TEXT_KEYS if name in part), "text")
    return {"type": "text", "text": part[name]} if name in part else part


def _media_part(part: dict[str, Any], kind: str, media: list[dict[str, Any]]) -> dict[str, Any]:
    """A part whose reference has moved to `media`; its other members stay."""
    name = next((name for name in (part["type"], kind, *_REF_KEYS) if name in part), None)
    if name is None:
        return part
    left = {key: value for key, value in part.items() if key not in ("type", name)}
    ref = part[name]
    if type(ref) is dict and "url" in ref and not left.keys() & ref.keys():
        left |= {key: value for key, value in ref.items() if key != "url"}
        ref = ref["url"]
    if left.keys() & {"type", "media"}:
        return part
    media.append({"kind": kind, "ref": ref})
    return {"type": kind, "media": len(media) - 1, **left}


def _thought(part: dict[str, Any]) -> Any:
    """The text of a reasoning part that holds nothing else."""
    names = [name for name in part if name != "type"]
    known = (_THOUGHTS[part["type"]], "text", "value")
    return part[names[0]] if len(names) == 1 and names[0] in known else None


def _content(body: list[Any], *, said: bool) -> Any:
    if len(body) == 1 and _kind(body[0]) == "text" and type(body[0].get("text")) is str:
        return body[0]["text"] if len(body[0]) == 2 else body
    return None if said and not body else body
