"""The order of a merge: that of one side, with what the other brings at its place in there.

An example that was edited stays where it was. One that was added stands after the nearest example
before it that is in the merge, behind what the leading side added there itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.diff.join import join

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.merging.counts import Settled, Side


class Arranged(NamedTuple):
    """The examples of a merge in file order.

    `items` are row numbers, or -1 - k for the k-th example that is in none of the versions;
    `files` are the numbers of their files. `leads` says which side gave the order: 0 ours,
    1 theirs; `places` are positions there, and -1 for what comes from elsewhere.
    """

    items: NDArray[np.int64]
    files: NDArray[np.int64]
    places: NDArray[np.int64]
    leads: int


def arrange(
    base: Side, ours: Side, theirs: Side, settled: Settled, decided: Sequence[Sequence[int]]
) -> Arranged:
    """Put a merge in order.

    Args:
        base: what both sides came from.
        ours: the side whose order counts, unless only the other has an order of its own.
        theirs: the other side.
        settled: how many of each example there are.
        decided: the items that stand for each contest.
    """
    leads = int(_follows(base, ours, theirs))
    lead, other = ((ours, theirs), (theirs, ours))[leads]
    return _Arrangement(base, lead, other, leads, settled).result(decided)


def _follows(base: Side, ours: Side, theirs: Side) -> bool:
    untouched = np.array_equal(base.rows, ours.rows)
    return untouched or (theirs.reordered and not ours.reordered)


class _Arrangement:
    """Which positions of the two sides are in a merge, and how those of the one meet the other."""

    def __init__(self, base: Side, lead: Side, other: Side, leads: int, settled: Settled) -> None:
        self.base, self.lead, self.other, self.leads = base, lead, other, leads
        self.contests = [(one.places[leads], one.places[1 - leads]) for one in settled.contests]
        self.contested = [_positions(self.contests, side) for side in (0, 1)]
        self.kept = _first(lead.codes, self.contested[0], settled.counts)
        missing = settled.counts - np.bincount(lead.codes[self.kept], minlength=len(settled.counts))
        self.brought = _first(other.codes, self.contested[1], missing, last=True)
        self.row = np.where(self.kept, lead.rows, -1)
        self.link = np.full(len(other.codes), -1)
        self._link()

    def _link(self) -> None:
        """Find the position in the lead where each example of the other side has its place."""
        lead, other = self.lead, self.other
        shared = ~self.brought
        shared[self.contested[1]] = False
        mine, yours = in_turn(lead.codes, other.codes, self.kept, shared)
        self.link[yours] = mine
        old = np.isin(lead.rows[mine], self.base.rows)
        newer = old & ~np.isin(other.rows[yours], self.base.rows)
        self.row[mine[newer]] = other.rows[yours[newer]]

        # An example that the other side edited takes the place of the one that it was made from.
        free = ~self.kept
        free[self.contested[0]] = False
        edited = self.brought[other.after]
        before, after = other.before[edited], other.after[edited]
        mine, chosen = in_turn(lead.codes, self.base.codes[before], free)
        self.link[after[chosen]] = mine
        self.row[mine] = other.rows[after[chosen]]
        self.brought[after[chosen]] = False

        # One that the lead edited is what the other side has there still.
        lone = (self.link < 0) & shared
        chosen, yours = in_turn(self.base.codes[lead.before], other.codes, None, lone)
        here = lead.after[chosen]
        self.link[yours[self.kept[here]]] = here[self.kept[here]]

        for mine_at, yours_at in self.contests:
            if mine_at is not None and yours_at is not None:
                self.link[yours_at] = mine_at

    def result(self, decided: Sequence[Sequence[int]]) -> Arranged:
        """The merge, with what stands for each contest."""
        here, brought = np.flatnonzero(self.row >= 0), np.flatnonzero(self.brought)
        slots: tuple[list[int], list[int]] = [], []
        items: tuple[list[int], list[int]] = [], []
        for (mine, yours), some in zip(self.contests, decided, strict=True):
            place = mine if mine is not None else yours
            if place is not None:
                slots[mine is None].extend([place] * len(some))
                items[mine is None].extend(some)
        new = [np.array(some, np.int64) for some in (*slots, *items)]
        found = np.concatenate([self.row[here], self.other.rows[brought], new[2], new[3]])
        places = np.append(here, np.full(len(found) - len(here), -1))
        keys = np.concatenate(
            [self._own(here), self._keys(brought), self._own(new[0]), self._keys(new[1])], axis=1
        )
        order = np.lexsort(keys[::-1])
        return Arranged(found[order], keys[0][order], places[order], self.leads)

    def _own(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sort keys of positions in the lead."""
        zeros = np.zeros(len(places), np.int64)
        return np.stack([self.lead.files[places], places, zeros, zeros])

    def _keys(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sort keys of positions on the other side: after the place that they follow."""
        files = self.other.files[places]
        linked = np.flatnonzero(self.link >= 0)
        at = np.searchsorted(linked, places) - 1
        near = linked[np.maximum(at, 0)] if len(linked) else np.zeros(len(places), np.int64)
        found = (at >= 0) & (self.other.files[near] == files)
        anchor = np.where(found, self.link[near], -1) if len(linked) else np.full(len(places), -1)
        found &= self.lead.files[anchor] == files if len(self.lead.files) else found
        starts = np.searchsorted(self.lead.files, files)
        anchor = np.where(found, anchor, starts - 1)
        # What the lead alone has there comes first.
        met = np.append(np.unique(self.link[linked]), np.iinfo(np.int64).max)
        following = met[np.searchsorted(met, anchor + 1)]
        ends = np.searchsorted(self.lead.files, files, side="right")
        return np.stack([files, np.minimum(following, ends) - 1, np.ones_like(files), places])


def _positions(contests: Sequence[tuple[int | None, int | None]], side: int) -> NDArray[np.int64]:
    return np.array([at for one in contests if (at := one[side]) is not None], np.int64)


def _first(
    codes: NDArray[np.int64],
    contested: NDArray[np.int64],
    counts: NDArray[np.int64],
    *,
    last: bool = False,
) -> NDArray[np.bool_]:
    """The first positions of each code, as many as it is counted; with `last`, the last ones."""
    step = -1 if last else 1
    free = np.ones(len(codes), bool)
    free[contested] = False
    at = np.flatnonzero(free)[::step]
    order = np.argsort(codes[at], kind="stable")
    grouped = codes[at][order]
    rank = np.arange(len(at)) - np.searchsorted(grouped, grouped)
    chosen = np.zeros(len(codes), bool)
    chosen[at[order[rank < counts[grouped]]]] = True
    return chosen


def in_turn(
    mine: NDArray[np.int64],
    yours: NDArray[np.int64],
    mine_free: NDArray[np.bool_] | None = None,
    yours_free: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of equal codes, the first with the first, among those that are free."""
    at = [
        np.arange(len(codes)) if free is None else np.flatnonzero(free)
        for codes, free in ((mine, mine_free), (yours, yours_free))
    ]
    pairs = join(_column(mine[at[0]]), _column(yours[at[1]])).in_turn()
    return at[0][pairs[0]], at[1][pairs[1]]


def _column(codes: NDArray[np.int64]) -> NDArray[np.uint64]:
    return (codes + 1).astype(np.uint64)
