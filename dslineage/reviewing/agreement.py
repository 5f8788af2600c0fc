"""How far reviewers agree, and how sure a share is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

_Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution: 95% lie between it and its mirror."""


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement beyond chance of two people on the same things.

    (p_o - p_e) / (1 - p_e), p_o being the share on which they agree, p_e the one expected from
    how often each gives each verdict (Cohen 1960). 1 is full agreement, 0 that of chance.

    Returns:
        None where there are no pairs, or both gave one and the same verdict throughout: chance
        alone would then agree, too.
    """
    if not pairs:
        return None
    first, second = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(first[verdict] * second[verdict] for verdict in first)
    total = len(pairs) ** 2
    if chance == total:
        return None
    agreed = sum(one == other for one, other in pairs) * len(pairs)
    return (agreed - chance) / (total - chance)


def wilson_interval(count: int, of: int) -> tuple[float, float] | None:
    """The 95% interval of a share (Wilson 1927); None where there is nothing to take it of."""
    if not of:
        return None
    share = count / of
    spread = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    scale = 1 + _Z**2 / of
    middle = share + _Z**2 / (2 * of)
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
