"""Drawing examples: by a seed, the same number from each stratum, never the head of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Drawn:
    """One candidate that was drawn: its place, its stratum, and how many that stratum has."""

    place: int
    stratum: str
    size: int


def draw(
    ranks: Sequence[bytes],
    strata: Sequence[str],
    count: int,
    *,
    tails: NDArray[np.float64] | None = None,
) -> list[Drawn]:
    """Draw candidates, as evenly over the strata as these allow, in the order of their ranks.

    Args:
        ranks: what each candidate is ordered by; see `ranks_of`.
        strata: the stratum of each candidate.
        count: how many to draw at most.
        tails: a value of each candidate. Half of a stratum's share are then those with the least,
            half those with the greatest values, instead of any; what has no value (NaN) is none.
    """
    members: dict[str, list[int]] = {}
    for place, stratum in enumerate(strata):
        if tails is None or not np.isnan(tails[place]):
            members.setdefault(stratum, []).append(place)
    names = sorted(members)
    shares = even_shares([len(members[name]) for name in names], count)
    drawn = []
    for name, share in zip(names, shares, strict=True):
        inside = sorted(members[name], key=ranks.__getitem__)
        if tails is not None:
            inside.sort(key=tails.__getitem__)
            inside = [*inside[: (share + 1) // 2], *inside[len(inside) - share // 2 :]]
        drawn += [Drawn(place, name, len(members[name])) for place in inside[:share]]
    return sorted(drawn, key=lambda one: (ranks[one.place], one.place))


def ranks_of(digests: NDArray[np.uint8], seed: int) -> list[bytes]:
    """SHA-256 of seed and digest, for each digest: an order that nobody can foresee."""
    head = b"%d:" % seed
    return [hashlib.sha256(head + digest.tobytes()).digest() for digest in digests]


def even_shares(sizes: Sequence[int], count: int) -> list[int]:
    """How many to take of each stratum: all of the small ones, and of the others the same number.

    What cannot be divided goes to the first of them, one each.
    """
    shares = [0] * len(sizes)
    left = min(count, sum(sizes))
    while left:
        open_ = [place for place, size in enumerate(sizes) if shares[place] < size]
        step = max(1, left // len(open_))
        for place in open_:
            more = min(step, sizes[place] - shares[place], left)
            shares[place] += more
            left -= more
    return shares


def newer_is_a(seed: int, one: str, other: str) -> bool:
    """Whether the newer side of a blind row is A: a bit of SHA-256 of the seed and both digests.

    The order of the two plays no part, so who has the seed can tell from the sheet alone.
    """
    first, second = sorted((one, other))
    return bool(hashlib.sha256(f"blind:{seed}:{first}:{second}".encode()).digest()[0] & 1)
