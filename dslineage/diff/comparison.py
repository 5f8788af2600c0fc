"""What changed between two snapshots, as arrays of positions: what results are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff import kinds
from dslineage.diff.result import RULES, SchemaChange
from dslineage.diff.schema import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class EditedPairs:
    """Edited examples as columns.

    `before` and `after` are positions in the two sides, `rules` places in RULES, `kinds` bits
    (see `dslineage.diff.kinds`); pairs ascend by position before.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    rules: NDArray[np.uint8]
    confidence: NDArray[np.float64]
    kinds: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.before)

    def select(self, chosen: NDArray[np.bool_]) -> EditedPairs:
        """Some of the pairs."""
        return EditedPairs(
            self.before[chosen],
            self.after[chosen],
            self.rules[chosen],
            self.confidence[chosen],
            self.kinds[chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Which examples were edited, removed and added, by position; all others are unchanged.

    A position counts examples of one side from 0, in file order. `rows_before` and `rows_after`
    hold the row number at each position. `bytes_only` is None where bytes cannot be compared.
    `related` are near misses: positions before and after, and how alike the two are.
    """

    frame: Frame
    rows_before: NDArray[np.int64]
    rows_after: NDArray[np.int64]
    removed: NDArray[np.int64]
    added: NDArray[np.int64]
    edited: EditedPairs
    related: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
    bytes_only: int | None
    reordered: bool
    notices: tuple[str, ...]

    @property
    def schema_changes(self) -> tuple[SchemaChange, ...]:
        """Changes of (nearly) all examples at once."""
        return self.frame.changes

    @property
    def unchanged(self) -> int:
        """How many examples are equal on what both sides have."""
        return len(self.rows_before) - len(self.edited) - len(self.removed)

    def unchanged_positions(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The positions of the unchanged examples before, and after."""
        return (
            _others(len(self.rows_before), self.edited.before, self.removed),
            _others(len(self.rows_after), self.edited.after, self.added),
        )

    def rule_counts(self) -> dict[str, int]:
        """How many pairs each rule made."""
        counts = np.bincount(self.edited.rules, minlength=len(RULES)).tolist()
        return {rule: count for rule, count in zip(RULES, counts, strict=True) if count}

    def kind_counts(self) -> dict[str, int]:
        """How many pairs have each kind of edit."""
        return kinds.count(self.edited.kinds)

    def without(self, unconfirmed: NDArray[np.bool_]) -> Comparison:
        """The comparison with some pairs taken apart into a removed and an added example."""
        wrong = self.edited.select(unconfirmed)
        return replace(
            self,
            edited=self.edited.select(~unconfirmed),
            removed=np.sort(np.concatenate([self.removed, wrong.before])),
            added=np.sort(np.concatenate([self.added, wrong.after])),
        )


def _others(count: int, *positions: NDArray[np.int64]) -> NDArray[np.int64]:
    chosen = np.ones(count, bool)
    for some in positions:
        chosen[some] = False
    return np.flatnonzero(chosen)
