"""Natural twins: examples of one version that look like edits of each other, and are not.

Where one twin was removed and the other added, a rule that trusts likeness makes a false pair.
How often that is to be expected can be measured: by how many examples have a twin within their
own side, and by which part of the sides changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff.join import occurrences
from dslineage.diff.pool import Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALSE_PAIRS = 0.01
"""The part of a rule's pairs that may be expected to be twins that were split."""

_PRIOR = 200
"""How often twins are, is judged as if one had been seen among this many examples before."""


def exposed(pool: Pool, before: int, after: int) -> float:
    """How many added examples would meet their twin among the removed, had each one.

    Args:
        pool: the sides, of which the first one's examples would be the twins of the second's.
        before: how many examples may have been removed: those that are in no pair.
        after: how many may have been added.
    """
    return before * after / max(1, min(pool.before.examples, pool.after.examples))


def twin_rate(twins: int, examples: int) -> float:
    """The part of all examples that has a twin, by what was counted."""
    return (twins + 1) / (examples + _PRIOR)


def equal_twin_rate(
    columns: tuple[NDArray[np.uint64], NDArray[np.uint64]], unchanged: NDArray[np.uint64]
) -> float:
    """The part of the examples whose value stands exactly twice in their own version.

    Args:
        columns: the values of the changed examples of each side; 0 is no value.
        unchanged: the values of unchanged examples, which both versions have.
    """
    twins = 0
    for column in columns:
        counts = occurrences(column, column) + occurrences(column, unchanged)
        twins += int(np.count_nonzero((counts == 2) & (column != 0)))
    return twin_rate(twins, sum(map(len, columns)))


def few_expected(expected: float, pairs: int) -> bool:
    """Whether at most one pair in a hundred is expected to be false."""
    return expected <= FALSE_PAIRS * pairs
