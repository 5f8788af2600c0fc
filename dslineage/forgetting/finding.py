"""The stored rows that somebody asks for, in whichever branch their versions are, or in none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.errors import NotFoundError, UsageError
from dslineage.store.inventory import Inventory
from dslineage.store.rowfinder import prefix_of
from dslineage.versions.kept import conversations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.forgetting.query import Asked
    from dslineage.store.store import Store

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Named:
    """The examples that are meant, and their conversations; digests of 32 bytes.

    `unknown` are whole digests that no stored row has: they are denied all the same.
    """

    examples: frozenset[bytes]
    conversations: frozenset[bytes]
    unknown: frozenset[bytes]


def named(store: Store, asked: Asked) -> Named:
    """Find the examples that are asked for, by their digests or by those of their conversations.

    Raises:
        NotFoundError: no example has some first digits.
        UsageError: some first digits mean different conversations.
    """
    inventory = Inventory.of(store)
    own: dict[str, set[bytes]] = defaultdict(set)
    shown: dict[bytes, set[bytes]] = defaultdict(set)
    for name in store.pack_names():
        pack = store.pack(name)
        digests = pack.file["digest"]
        showing = list(conversations(store, inventory, pack))
        for column in (digests, *showing):
            for digits, row in _matches(column, asked):
                example = bytes(digests[row])
                own[digits].add(example)
                shown[example].update(bytes(one[row]) for one in showing)
    for digits in asked.prefixes:
        _refuse_unclear(digits, own[digits], shown)
    examples = frozenset(example for found in own.values() for example in found)
    unknown = asked.whole - {bytes.fromhex(digits) for digits, found in own.items() if found}
    families = frozenset(one for example in examples for one in shown[example])
    return Named(examples | unknown, families, unknown)


def _matches(column: NDArray[np.uint8], asked: Asked) -> Iterator[tuple[str, int]]:
    """The rows of a column of digests that are asked for, and by which digits."""
    keys = prefix_of(column)
    whole = asked.whole
    known = prefix_of(np.frombuffer(b"".join(whole), np.uint8).reshape(-1, 32))
    for row in np.flatnonzero(np.isin(keys, known)).tolist():
        if bytes(column[row]) in whole:
            yield bytes(column[row]).hex(), row
    for digits in asked.prefixes:
        low, high = (np.uint64(int(digits[:16].ljust(16, pad), 16)) for pad in "0f")
        for row in np.flatnonzero((low <= keys) & (keys <= high)).tolist():
            if bytes(column[row]).hex().startswith(digits):
                yield digits, row


def _refuse_unclear(digits: str, found: set[bytes], shown: dict[bytes, set[bytes]]) -> None:
    if not found:
        raise NotFoundError(
            f"no stored example has a digest that begins with {digits}",
            kind="unknown-example",
            hint="dslineage trace --text TEXT",
        )
    first, *others = sorted(found)
    if any(shown[first].isdisjoint(shown[other]) for other in others):
        choices = [f"sha256:{one.hex()}" for one in sorted(found)]
        more = f" and {len(choices) - _SHOWN:,} more" if len(choices) > _SHOWN else ""
        raise UsageError(
            f"{digits} means {len(found):,} examples: {', '.join(choices[:_SHOWN])}{more}",
            kind="ambiguous-digest",
            hint="give more digits",
        )
