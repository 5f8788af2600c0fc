"""What a trainer received: the hashes that `dslineage add` records for the same examples."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from dslineage import merkle
from dslineage.adapters.detect import detect
from dslineage.adapters.encode import encode
from dslineage.adapters.fields import Fields
from dslineage.adapters.registry import adapter_id
from dslineage.ids import Digest
from dslineage.records import Gap
from dslineage.training.rows import rows_of

SAMPLED = 1000
"""How many examples, spread evenly, the adapter is chosen by."""


@dataclass(frozen=True, slots=True)
class Received:
    """Examples by their hashes.

    `training_hash` holds under `adapter`, which was detected.
    """

    examples: int
    content_hash: Digest
    training_hash: Digest
    order_hash: Digest
    adapter: str
    gaps: tuple[Gap, ...] = ()


def receive(data: Any) -> Received:
    """Hash the examples of a data set in memory, on disk or in a stream.

    Args:
        data: see `dslineage.training.rows.rows_of`.

    Raises:
        UsageError: it is no data set, or a row is no JSON object.
        BadDataError: a file has faults.
    """
    with ExitStack() as closing:
        rows = rows_of(data, closing)
        spread = np.linspace(0, len(rows) - 1, min(SAMPLED, len(rows)))
        sample = [row.value for row in rows.at(np.unique(spread.astype(int)).tolist())]
        adapter = detect(sample).adapter
        plain = isinstance(adapter, Fields)
        examples, conversations = bytearray(), bytearray()
        media = 0
        for chunk in rows.chunks():
            for row in chunk:
                digest = hashlib.sha256(row.canonical).digest()
                examples += digest
                if plain:
                    conversations += digest
                    continue
                conversation = adapter.conversation(row.value)
                conversations += hashlib.sha256(encode(conversation)).digest()
                media += "media" in conversation
    digests = _columns(examples)
    found = merkle.multiset(digests)
    return Received(
        len(digests),
        found.content_hash,
        merkle.content_hash(_columns(conversations)),
        merkle.order_hash([digests]),
        adapter_id(adapter),
        _unseen(media),
    )


def _columns(digests: bytearray) -> merkle.Digests:
    return np.frombuffer(bytes(digests), np.uint8).reshape(-1, 32)


def _unseen(media: int) -> tuple[Gap, ...]:
    if not media:
        return ()
    return (Gap("media", f"the media that {media:,} examples refer to were not hashed"),)
