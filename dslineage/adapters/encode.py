"""The canonical form of parts of a conversation, by orjson wherever that gives the same bytes."""

from __future__ import annotations

from typing import Any

import orjson

from dslineage.canonical.jcs import canonical_bytes

_SORTED = orjson.OPT_SORT_KEYS


def encode(value: Any) -> bytes:
    """The canonical form of a value whose objects have no null members."""
    if _agrees(value):
        try:
            return orjson.dumps(value, option=_SORTED)
        except orjson.JSONEncodeError:  # an integer beyond 64 bits
            return canonical_bytes(value)
    return canonical_bytes(value)


def encode_plain(value: Any) -> bytes:
    """The same, for a value known to hold nothing but text and objects with ASCII keys."""
    return orjson.dumps(value, option=_SORTED)


def _agrees(value: Any) -> bool:
    """Whether orjson writes what RFC 8785 asks for: no float, no key that may sort otherwise."""
    kind = type(value)
    if kind is str or kind is int:
        return True
    if kind is dict:
        return "".join(value).isascii() and all(map(_agrees, value.values()))
    if kind is list or kind is tuple:
        return all(map(_agrees, value))
    return kind is not float
