"""Which examples of each data set a mixture draws, and in what order.

Both follow from the seed and the examples themselves by SHA-256, so they are the same on any
machine, in any release of any library, and in whatever order and format the data is kept. The
normative text is docs/mixtures.md.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DOMAIN = b"dslineage.mixture/1\0"


def drawn_places(
    digests: NDArray[np.uint8], *, seed: int, name: str, cap: int | None, count: int
) -> NDArray[np.int64]:
    """The places of the examples that are drawn of one data set, in the order of drawing.

    The examples are gone through as often as needed, each time in another order; the cap takes the
    first ones of the first pass. So another version of the data set, which has a few examples
    more, draws nearly the same ones.

    Args:
        digests: of the examples, in file order, shape (n, 32).
        seed: of the mixture.
        name: of the data set: two that share examples have them in other orders.
        cap: how many different examples may be drawn at most.
        count: how many are drawn.
    """
    pool = _ordered(digests, range(len(digests)), seed, name, 0)[:cap]
    found = list(pool[:count])
    for number in range(1, -(-count // len(pool)) if pool else 0):
        found += _ordered(digests, pool, seed, name, number)[: count - len(found)]
    return np.array(found, np.int64)


def interleaved(counts: Sequence[int]) -> NDArray[np.int64]:
    """Of which component each example of the mixture is.

    The k-th of n examples of a component stands at (2k + 1) / 2n of the way, so that any part of
    the mixture has the components in nearly the same shares as the whole.
    """
    ways = [(2 * np.arange(count) + 1) / (2 * count) for count in counts if count]
    whose = [np.full(count, place) for place, count in enumerate(counts) if count]
    if not ways:
        return np.zeros(0, np.int64)
    components = np.concatenate(whose).astype(np.int64)
    order = np.lexsort((components, np.concatenate(ways)))
    return components[order]


def _ordered(
    digests: NDArray[np.uint8], places: Sequence[int], seed: int, name: str, number: int
) -> list[int]:
    """Places in the order of one pass; equal examples are told apart by how many came before."""
    head = hashlib.sha256(_DOMAIN)
    head.update(seed.to_bytes(8, "big") + number.to_bytes(8, "big") + name.encode() + b"\0")
    before: Counter[bytes] = Counter()
    keyed = []
    for place in sorted(places):
        digest = digests[place].tobytes()
        key = head.copy()
        key.update(digest + before[digest].to_bytes(8, "big"))
        before[digest] += 1
        keyed.append((key.digest(), place))
    return [place for _, place in sorted(keyed)]
