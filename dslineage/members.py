"""Members of JSON documents that others wrote, taken only if they are of the right type.

What is wrong is a KeyError, TypeError or ValueError, for the caller to say which document has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from dslineage.ids import Digest

T = TypeVar("T")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f]{1,2000}")


def member(document: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A member of exactly this type; True is no int."""
    value = document[name]
    if type(value) is not kind:
        raise TypeError(f"{name} is {type(value).__name__}, not {kind.__name__}")
    return value


def count(document: Mapping[str, Any], name: str) -> int:
    """A member that counts something."""
    value = member(document, name, int)
    if value < 0:
        raise ValueError(f"{name} is below 0")
    return value


def matching(document: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    """A text that a pattern fits as a whole."""
    value = member(document, name, str)
    if not pattern.fullmatch(value):
        raise ValueError(f"{name} is {value!r:.100}")
    return value


def digest(document: Mapping[str, Any], name: str) -> Digest:
    """A `sha256:` digest; another text is a UsageError."""
    return Digest.parse(member(document, name, str))


def known(**members: Any) -> dict[str, Any]:
    """Members of a document that is written, without those that are None or empty."""
    return {
        name: value
        for name, value in members.items()
        if value is not None and value not in ("", [], {})
    }


def number(document: Mapping[str, Any], name: str) -> float:
    """A member that is a finite number at or above 0."""
    value = document[name]
    if type(value) not in {int, float} or not 0 <= value < float("inf"):
        raise ValueError(f"{name} is {value!r:.100}")
    return float(value)


def optional(
    document: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any], str], T]
) -> T | None:
    """A member that may be absent, read by one of the other functions."""
    return read(document, name) if name in document else None


def choice(document: Mapping[str, Any], name: str, choices: Sequence[T]) -> T:
    """A member that is one of some values."""
    value = document[name]
    if value not in choices:
        raise ValueError(f"{name} is {value!r:.100}")
    return choices[choices.index(value)]


def integer(document: Mapping[str, Any], name: str) -> int:
    """A member that is a whole number."""
    return member(document, name, int)


def mapping(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object."""
    return member(document, name, dict)


def text(document: Mapping[str, Any], name: str) -> str:
    """A member that is a text."""
    return member(document, name, str)


def texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts, empty where there is none."""
    found = document.get(name, [])
    return tuple(member({name: item}, name, str) for item in found)


def instant(document: Mapping[str, Any], name: str) -> str:
    """A moment with its offset from UTC, as RFC 3339 has it: `2026-01-02T03:04:05Z`."""
    value = matching(document, name, _INSTANT)
    datetime.fromisoformat(value)
    return value


def day(document: Mapping[str, Any], name: str) -> str:
    """A day, as ISO 8601 has it: `2026-01-02`."""
    value = matching(document, name, _DAY)
    date.fromisoformat(value)
    return value


def address(document: Mapping[str, Any], name: str) -> str:
    """A URI or a reference to one: a text without white space and control characters."""
    return matching(document, name, _ADDRESS)


def filled(document: Mapping[str, Any], name: str) -> str:
    """A text with something in it."""
    value = member(document, name, str)
    if not value.strip():
        raise ValueError(f"{name} is empty")
    return value
