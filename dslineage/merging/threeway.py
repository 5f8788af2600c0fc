"""Three versions of a data set, and what became of each example of the base on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff.compare import compare
from dslineage.diff.join import join
from dslineage.merging.arranging import Arranged, arrange, in_turn
from dslineage.merging.counts import Contest, Settled, Side, settle
from dslineage.numbering import numbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.comparison import Comparison
    from dslineage.diff.pairing import Parents
    from dslineage.versions.stored import StoredSnapshot


@dataclass(frozen=True, slots=True, eq=False)
class Threeway:
    """A merge that is counted, and in which every contest waits for its decision.

    `changes` are counts of what each side did. `quiet` are, for each side, the positions that a
    diff does not call edits: a change of the schema, or keys that were given anew.
    """

    base: Side
    ours: Side
    theirs: Side
    settled: Settled
    changes: tuple[dict[str, int], dict[str, int]]
    quiet: tuple[frozenset[int], frozenset[int]]

    @property
    def contests(self) -> tuple[Contest, ...]:
        """What both sides changed in two ways."""
        return self.settled.contests

    def is_edited_twice(self, contest: Contest) -> bool:
        """Whether both sides edited or removed it, a change of the schema being no edit."""
        return contest.ours not in self.quiet[0] and contest.theirs not in self.quiet[1]

    def arranged(self, decided: Sequence[Sequence[int]]) -> Arranged:
        """The merge in file order; see `arrange`."""
        return arrange(self.base, self.ours, self.theirs, self.settled, decided)


def three_way(
    snapshots: tuple[StoredSnapshot, StoredSnapshot, StoredSnapshot],
    parents: tuple[Parents, Parents],
) -> Threeway:
    """Merge three snapshots of one store: the base, ours and theirs.

    Args:
        snapshots: in that order; their files have the same paths.
        parents: what recorded steps made of what, from the base to either side.
    """
    rows = [snapshot.rows() for snapshot in snapshots]
    distinct, places = np.unique(np.concatenate(rows), return_inverse=True)
    codes = numbered(snapshots[0].digests(distinct)).codes[places]
    parts = np.split(codes, np.cumsum([len(some) for some in rows])[:-1])
    none = np.zeros(0, np.int64)
    base = Side(rows[0], parts[0], _files(snapshots[0]), none, none)
    sides, changes, quiet = [], [], []
    for place in (1, 2):
        comparison = compare(snapshots[0], snapshots[place], parents=parents[place - 1])
        edited, silent = comparison.edited, _silent(comparison, base.codes, parts[place])
        before = np.concatenate([edited.before, silent[0]])
        after = np.concatenate([edited.after, silent[1]])
        # Two notations of one example are no change.
        told = base.codes[before] != parts[place][after]
        files = _files(snapshots[place])
        sides.append(
            Side(rows[place], parts[place], files, before[told], after[told], comparison.reordered)
        )
        changes.append(_counts(comparison))
        quiet.append(frozenset(silent[1].tolist()))
    ours, theirs = sides
    return Threeway(
        base, ours, theirs, settle(base, ours, theirs),
        (changes[0], changes[1]), (quiet[0], quiet[1]),
    )  # fmt: skip


def _files(snapshot: StoredSnapshot) -> NDArray[np.int64]:
    sizes = [layout.examples for layout in snapshot.layouts]
    return np.repeat(np.arange(len(sizes)), sizes)


def _counts(comparison: Comparison) -> dict[str, int]:
    return {
        "edited": len(comparison.edited),
        "removed": len(comparison.removed),
        "added": len(comparison.added),
    }


def _silent(
    comparison: Comparison, codes_before: NDArray[np.int64], codes_after: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of examples that count as unchanged and are not equal."""
    before, after = comparison.unchanged_positions()
    same = in_turn(codes_before[before], codes_after[after])
    before, after = np.delete(before, same[0]), np.delete(after, same[1])
    views = comparison.frame.before, comparison.frame.after
    found = []
    for facet in ("digest", "unkeyed"):
        if not (len(before) and len(after)):
            break
        rows = comparison.rows_before[before], comparison.rows_after[after]
        if facet == "digest":
            digests = [view.digests(some) for view, some in zip(views, rows, strict=True)]
            numbers = numbered(np.concatenate(digests)).codes + 1
            columns = np.split(numbers.astype(np.uint64), [len(before)])
        else:
            columns = [view.facets(some)[facet] for view, some in zip(views, rows, strict=True)]
        pairs = join(columns[0], columns[1]).in_turn()
        found.append((before[pairs[0]], after[pairs[1]]))
        before, after = np.delete(before, pairs[0]), np.delete(after, pairs[1])
    none = np.zeros(0, np.int64)
    ends = [np.concatenate([none, *(pair[end] for pair in found)]) for end in (0, 1)]
    return ends[0], ends[1]
