"""Which fields of an example an edit changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple


class FieldChange(NamedTuple):
    """One changed value; `path` is empty for the example itself, None is an absent side.

    `role` is who speaks, where the value belongs to a message.
    """

    path: str
    before: Any
    after: Any
    role: str = ""

    @property
    def label(self) -> str:
        """The field for people, such as `messages[1].content (assistant)`."""
        return f"{self.path} ({self.role})" if self.role else self.path


def field_changes(before: Any, after: Any, path: str = "", role: str = "") -> Iterator[FieldChange]:
    """The innermost values that differ, in the order of the fields of `before`, then `after`."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        role = speaker(before) if speaker(before) == speaker(after) else ""
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else name
            yield from field_changes(before.get(name), after.get(name), inner, role)
    elif isinstance(before, list) and isinstance(after, list):
        head = _common(before, after)
        tail = _common(before[head:][::-1], after[head:][::-1])
        middles = (side[head : len(side) - tail] for side in (before, after))
        for place, (old, new) in enumerate(zip_longest(*middles), start=head):
            yield from field_changes(old, new, f"{path}[{place}]", role or speaker(new or old))
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield FieldChange(path, before, after, role)


def text_of(value: Any) -> str:
    """A value as text: a string as it is, an absent one empty, anything else as compact JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def speaker(turn: Any) -> str:
    """Who speaks in a turn of a conversation; empty where the value is no turn."""
    role = turn.get("role", turn.get("from")) if isinstance(turn, Mapping) else None
    return role if isinstance(role, str) else ""


def said(turn: Mapping[str, Any]) -> str:
    """What is said in a turn: its text alone, or all of it where there is more."""
    rest = {name: value for name, value in turn.items() if name not in {"role", "from"}}
    return text_of(next(iter(rest.values())) if len(rest) == 1 else rest)


def _common(before: list[Any], after: list[Any]) -> int:
    """How many values both lists begin with."""
    pairs = zip(before, after, strict=False)
    shorter = min(len(before), len(after))
    return next((place for place, (old, new) in enumerate(pairs) if old != new), shorter)
