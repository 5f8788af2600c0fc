"""Members of JSON documents that others wrote, taken only if they are of the right type.

What is wrong is a KeyError, TypeError or ValueError, for the caller to say which document has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from dslineage.ids import Digest

T = TypeVar("T")


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
