"""The canonical form of parts of a conversation, by orjson wherever that gives the same bytes."""

from __future__ import annotations

from typing import Any

import orjson

from dslineage.canonical.jcs import canonical_bytes

_SORTED = orjson.OPT_SORT_KEYS
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1


def encode(value: Any) -> bytes:
    """The canonical form of a value whose objects have no null members."""
    return encode_plain(value) if agrees(value) else canonical_bytes(value)


def encode_plain(value: Any) -> bytes:
    """The same, for a value that is known to agree."""
    try:
        return orjson.dumps(value, None, _SORTED)
    except TypeError:  # nested more deeply than orjson goes, which is less than an example may
        return canonical_bytes(value)


def agrees(value: Any) -> bool:
    """Whether orjson writes what RFC 8785 asks for.

    It does where there is no float, no integer beyond 64 bits, and no key that may sort otherwise.
    What agrees has only parts that agree.
    """
    kind = type(value)
    if kind is dict:
        if not "".join(value).isascii():
            return False
        value = value.values()
    elif kind is int:
        return bool(_LOWEST <= value <= _HIGHEST)
    elif kind is not list and kind is not tuple:
        return kind is not float
    for item in value:  # noqa: SIM110 - a generator would cost more than the checks
        if type(item) is not str and not agrees(item):
            return False
    return True
