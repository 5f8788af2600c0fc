"""What two sides made of a base, as multisets: which examples both changed, and how many of each.

Every example has a code; equal examples have equal codes on all three sides. How often an example
stands in the merge follows from how often it stands on each side: what either side removed is
removed, what either added is added, and what both did is done once. Pairs say no more than which
examples both sides changed in two ways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the versions that are merged.

    `rows` are row numbers by position and `codes` say which examples are equal; `files` is the
    number of the file at each position, ascending. `before` and `after` are the edits: positions
    in the base, and what they became here. `reordered` says whether what the base has stands in
    another order. The last three say nothing of the base itself.
    """

    rows: NDArray[np.int64]
    codes: NDArray[np.int64]
    files: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    reordered: bool = False


class Contest(NamedTuple):
    """One example that both sides changed in two ways: positions; None where it was removed."""

    base: int
    ours: int | None
    theirs: int | None

    @property
    def places(self) -> tuple[int | None, int | None]:
        """The positions on both sides."""
        return self.ours, self.theirs


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """How many examples of each code the merge has, beside what becomes of the contests."""

    counts: NDArray[np.int64]
    contests: tuple[Contest, ...]


def settle(base: Side, ours: Side, theirs: Side) -> Settled:
    """Count what is in the merge, and find what both sides changed in two ways."""
    size = 1 + max((int(s.codes.max()) for s in (base, ours, theirs) if len(s.codes)), default=-1)
    was = np.bincount(base.codes, minlength=size)
    changes = [_Changes(base, side, was) for side in (ours, theirs)]
    contests = tuple(_contests(base, *changes))
    for place, (side, change) in enumerate(zip((ours, theirs), changes, strict=True)):
        contested = [at for one in contests if (at := one.places[place]) is not None]
        np.subtract.at(change.gained, side.codes[contested], 1)
    removed, gained = (
        np.maximum(*(getattr(change, name) for change in changes)) for name in ("lost", "gained")
    )
    return Settled(was - removed + gained, contests)


class _Changes:
    """What one side did to each code: how many went and came, and what the gone ones became."""

    def __init__(self, base: Side, side: Side, was: NDArray[np.int64]) -> None:
        more = np.bincount(side.codes, minlength=len(was)) - was
        self.lost = np.maximum(-more, 0)
        self.gained = np.maximum(more, 0)
        self.became: dict[int, list[tuple[int, int]]] = {}
        codes = base.codes[side.before].tolist(), side.codes[side.after].tolist()
        for old, new, at in zip(*codes, side.after.tolist(), strict=True):
            self.became.setdefault(old, []).append((new, at))
        self.unexplained = Counter(dict(enumerate(self.gained.tolist())))
        self.unexplained.subtract(codes[1])

    def outcomes(self, code: int) -> list[tuple[int, int]]:
        """What the lost examples of a code became, sorted: codes and positions, or gone."""
        edited = self.became.get(code, [])
        return sorted([*edited, *[(_GONE, _GONE)] * (int(self.lost[code]) - len(edited))])


def _contests(base: Side, ours: _Changes, theirs: _Changes) -> Iterator[Contest]:
    both = np.flatnonzero((ours.lost > 0) & (theirs.lost > 0))
    last = np.zeros(len(ours.lost), np.int64)
    last[base.codes] = np.arange(len(base.codes))
    for code in both.tolist():
        mine, yours = _differing(ours.outcomes(code), theirs.outcomes(code))
        mine = _not_found_again(mine, yours, theirs)
        yours = _not_found_again(yours, mine, ours)
        # What is gone comes first, so that it is put against an edit only where there is one.
        for (_, left), (_, right) in zip(reversed(mine), reversed(yours), strict=False):
            yield Contest(
                int(last[code]),
                left if left != _GONE else None,
                right if right != _GONE else None,
            )


def _differing(
    mine: list[tuple[int, int]], yours: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Both sides' outcomes without those that are equal."""
    same = Counter(code for code, _ in mine) & Counter(code for code, _ in yours)
    return _without(mine, same), _without(yours, same)


def _without(outcomes: list[tuple[int, int]], same: Counter[int]) -> list[tuple[int, int]]:
    left = same.copy()
    kept = []
    for outcome in outcomes:
        if left[outcome[0]]:
            left[outcome[0]] -= 1
        else:
            kept.append(outcome)
    return kept


def _not_found_again(
    mine: list[tuple[int, int]], yours: list[tuple[int, int]], other: _Changes
) -> list[tuple[int, int]]:
    """Outcomes without those that the other side has too, where it only was not seen as an edit.

    What is taken out of `yours` is as many removed examples.
    """
    kept = []
    for code, at in mine:
        if code != _GONE and (_GONE, _GONE) in yours and other.unexplained[code] > 0:
            other.unexplained[code] -= 1
            yours.remove((_GONE, _GONE))
        else:
            kept.append((code, at))
    return kept
