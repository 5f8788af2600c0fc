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
from dslineage.records.forgotten import DenyList
from dslineage.training.rows import rows_of

SAMPLED = 1000
"""How many examples, spread evenly, the adapter is chosen by."""


@dataclass(frozen=True, slots=True)
class Received:
    """Examples by their hashes.

    `training_hash` holds under `adapter`, which was detected. `forgotten` has the row, counted from
    1, and the digest of each example that is on a deny list.
    """

    examples: int
    content_hash: Digest
    training_hash: Digest
    order_hash: Digest
    adapter: str
    gaps: tuple[Gap, ...] = ()
    forgotten: tuple[tuple[int, Digest], ...] = ()


def receive(data: Any, denied: DenyList | None = None) -> Received:
    """Hash the examples of a data set in memory, on disk or in a stream.

    Args:
        data: see `dslineage.training.rows.rows_of`.
        denied: what was forgotten, to be told where it is among the examples.

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
    digests, shown = _columns(examples), _columns(conversations)
    found = merkle.multiset(digests)
    return Received(
        len(digests),
        found.content_hash,
        merkle.content_hash(shown),
        merkle.order_hash([digests]),
        adapter_id(adapter),
        _unseen(media),
        () if denied is None else _forgotten(denied, digests, shown),
    )


def _forgotten(
    denied: DenyList, digests: merkle.Digests, conversations: merkle.Digests
) -> tuple[tuple[int, Digest], ...]:
    rows = np.flatnonzero(denied.examples(digests) | denied.conversations(conversations))
    return tuple((row + 1, Digest(digests[row].tobytes())) for row in rows.tolist())


def _columns(digests: bytearray) -> merkle.Digests:
    return np.frombuffer(bytes(digests), np.uint8).reshape(-1, 32)


def _unseen(media: int) -> tuple[Gap, ...]:
    if not media:
        return ()
    return (Gap("media", f"the media that {media:,} examples refer to were not hashed"),)
