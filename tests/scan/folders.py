"""Folders of data files for scans, made of a few lines each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_NOON = 1_760_000_000


def answers(*numbers: int, wording: str = "It is") -> list[dict[str, Any]]:
    """Examples with a prompt and a response, one for each number."""
    return [{"prompt": f"What is {n}?", "response": f"{wording} {n}."} for n in numbers]


def chats(*numbers: int) -> list[dict[str, Any]]:
    """The same prompts as `answers`, as conversations with other answers."""
    return [
        {
            "messages": [
                {"role": "user", "content": f"What is {n}?"},
                {"role": "assistant", "content": f"A number, {n}."},
            ]
        }
        for n in numbers
    ]


def put(path: Path, rows: Iterable[Mapping[str, Any]], *, minute: int = 0) -> Path:
    """Write examples as JSON lines, last changed at some minute."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    os.utime(path, (_NOON + 60 * minute,) * 2)
    return path
