"""JSON that stands inside a string, as tool arguments and tool definitions often do."""

from __future__ import annotations

from typing import Any

import orjson

from dslineage.adapters.encode import agrees
from dslineage.canonical.jcs import without_nulls
from dslineage.canonical.strict import MAX_DEPTH, JsonError, parse_json

_ENDS = {"{": "}", "[": "]"}


def parsed(value: Any) -> Any:
    """The object or array that a string holds as strict JSON, without null members.

    Anything else comes back as it is: text that is not JSON, a bare number in a string, a value
    that is no string.
    """
    if type(value) is not str:
        return value
    text = value.strip(" \t\r\n")
    if text[-1:] != _ENDS.get(text[:1], ""):
        return value
    try:
        raw = text.encode()
        return _read(raw) or parse_json(raw)
    except (UnicodeEncodeError, JsonError):
        return value


def _read(raw: bytes) -> Any:
    """The value as orjson reads it, None where that may be wrong.

    As in `dslineage.canonical.fast`: a member that was dropped for an equal key shows in the
    number of colons, and an integer that lost digits is a float.
    """
    try:
        value = orjson.loads(raw)
        text = orjson.dumps(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    if (
        raw.count(b":") != text.count(b":")
        or b"\\u003" in raw
        or text.count(b"{") + text.count(b"[") > MAX_DEPTH
        or not agrees(value)
    ):
        return None
    return without_nulls(value) if b"null" in text else value
