"""What a random change of the same size would do to a figure.

The versions are whole populations, so a change of a figure is exact, and a test of significance
answers no question about it. The question here is another one: did it matter which examples were
taken? The reference takes away as many examples at random as were removed or edited, and puts in as
many as were added or edited, each drawn at random from the older side. Where examples were only
removed, that is a simple random sample without replacement (Cochran, Sampling Techniques, chapter
2): the standard deviation of a mean is σ·√((1 - f)/m) for m of n examples kept, f = m/n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dslineage.quality.tally import Tally

BEYOND = 3.0
"""A figure moved more than chance where a random change would move it less than 1/3 as far."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The reference for a movement, in the metric's unit.

    `expected` is the figure after a random change of the same size, on average, and `sd` its
    standard deviation; `times` how many of them the figure is away from that, None where a
    random change could not have moved it at all. `draws` is how many random changes were
    tried; 0 says that the two were computed.
    """

    expected: float
    sd: float
    times: float | None
    draws: int = 0

    @classmethod
    def of(cls, after: float, expected: float, sd: float, draws: int = 0) -> Chance:
        """The reference for the figure `after`."""
        if sd > 0:
            return cls(expected, sd, (after - expected) / sd, draws)
        return cls(expected, 0.0, 0.0 if after == expected else None, draws)

    @property
    def is_beyond(self) -> bool:
        """Whether the figure moved more than chance."""
        return self.times is None or abs(self.times) >= BEYOND

    def to_dict(self) -> dict[str, Any]:
        """The reference as a JSON object."""
        document = {"expected": self.expected, "sd": self.sd, "times": self.times}
        return document | ({"draws": self.draws} if self.draws else {})


def deviation(before: Tally, kept: int, drawn: int) -> float | None:
    """The standard deviation of a figure after a random change; None where nothing is left.

    Args:
        before: the older side, of which the metric may apply to a part only.
        kept: how many of its examples stay, chosen at random without replacement.
        drawn: how many examples are put in, drawn from it at random with replacement.

    The figure is a ratio of sums, so this is the first term of its expansion: exact for the mean
    of a metric that applies to all examples.
    """
    size = kept + drawn
    if not before.whole or not size:
        return None
    spread = before.squares * before.whole**2
    spread += before.part * (before.part * before.wholes - 2 * before.whole * before.crossed)
    varying = drawn + (kept * (before.rows - kept) / (before.rows - 1) if before.rows > 1 else 0)
    return math.sqrt(spread * before.rows * varying) / (size * before.whole**2)
