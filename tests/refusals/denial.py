"""Examples that a repository is told never to take back, as `dslineage forget` tells it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dslineage.adapters.detect import detect
from dslineage.adapters.encode import encode
from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.records.forgotten import (
    FORGOTTEN,
    Forgotten,
    keyed_conversation,
    keyed_example,
)
from dslineage.store.store import Store

KEY = bytes(range(32))
SECRET = {"id": "7", "prompt": "Where does Ada live?", "completion": "At 12 St James's Square."}
OTHERS = [
    {"id": str(n), "prompt": f"What is {n} + {n}?", "completion": str(2 * n)} for n in range(9)
]


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def listed(*examples: Mapping[str, Any]) -> Forgotten:
    """The deny list of some examples and their conversations."""
    hashes = set()
    for example in examples:
        said = encode(detect([dict(example)]).adapter.conversation(example))
        hashes.add(keyed_example(KEY, hashlib.sha256(canonical_bytes(example)).digest()))
        hashes.add(keyed_conversation(KEY, hashlib.sha256(said).digest()))
    return Forgotten({Digest.of(KEY): frozenset(hashes)})


def deny(root: Path, *examples: Mapping[str, Any]) -> None:
    """Deny examples in a repository that has the key."""
    store = Store(root / ".git" / "dslineage")
    store.prepare()
    store.put_key(KEY)
    path = root / FORGOTTEN
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(listed(*examples).to_bytes())
