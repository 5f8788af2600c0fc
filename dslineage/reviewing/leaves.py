"""The texts of an example: where each stands, what it is called, and the example with others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Member names and array indices, from the example down to one of its texts."""

WHOLE: Path = ()
"""The example itself, as JSON: what stands for an example that has no text."""

_WORD = re.compile(r"[^\s.\[\]\"':]+")


def leaves(example: Mapping[str, Any]) -> dict[Path, str]:
    """Every text in an example, in the order of the example."""
    return dict(_strings(example, ()))


def name_of(path: Path) -> str:
    """`messages[1].content`; what is no plain word stands in brackets and quotes."""
    if path == WHOLE:
        return "(example)"
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _WORD.fullmatch(step):
            parts.append(f".{step}")
        else:
            parts.append(f"[{step!r}]")
    return "".join(parts).removeprefix(".")


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Paths as columns: members in the order first seen, items of arrays by number."""
    every = list(dict.fromkeys(paths))
    ranks: dict[str, int] = {}
    for path in every:
        for step in path:
            if isinstance(step, str):
                ranks.setdefault(step, len(ranks))
    return sorted(every, key=lambda path: [_rank(step, ranks) for step in path])


def with_texts(value: Any, texts: Mapping[Path, str]) -> Any:
    """A copy of an example with some of its texts replaced."""
    return _replaced(value, (), texts)


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _strings(member, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _strings(item, (*path, place))


def _rank(step: str | int, ranks: Mapping[str, int]) -> tuple[int, int]:
    return (0, ranks[step]) if isinstance(step, str) else (1, step)


def _replaced(value: Any, path: Path, texts: Mapping[Path, str]) -> Any:
    if isinstance(value, str):
        return texts.get(path, value)
    if isinstance(value, Mapping):
        return {name: _replaced(item, (*path, name), texts) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, (*path, place), texts) for place, item in enumerate(value)]
    return value
