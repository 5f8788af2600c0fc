"""Data sets with somebody in them who wants to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest

WORD = b"Quetzalcoatlus"
SECRET = {"prompt": "Where does Jane Quetzalcoatlus live since 1980?", "completion": "In Paris."}
OTHERS = [{"prompt": f"What is {i} and {i}?", "completion": f"It is {i + i}."} for i in range(200)]


def digest(example: Mapping[str, Any]) -> str:
    """The example digest, as `forget` takes it."""
    return Digest.of(canonical_bytes(dict(example))).hex


def lines(*examples: Mapping[str, Any]) -> bytes:
    """Examples as JSON Lines."""
    return b"".join(json.dumps(example).encode() + b"\n" for example in examples)


def write(path: Path, data: bytes) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
