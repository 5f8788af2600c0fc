"""The row numbers of what changed, as measures are looked up by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.diff.comparison import Comparison

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ChangedRows(NamedTuple):
    """Row numbers of the examples that changed; `before[i]` became `after[i]`."""

    removed: NDArray[np.int64]
    added: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @classmethod
    def of(cls, comparison: Comparison) -> ChangedRows:
        """The changed rows of a comparison."""
        older, newer = comparison.rows_before, comparison.rows_after
        edited = comparison.edited
        return cls(
            older[comparison.removed],
            newer[comparison.added],
            older[edited.before],
            newer[edited.after],
        )

    @property
    def older(self) -> NDArray[np.int64]:
        """Those of the older side, the removed ones first."""
        return np.concatenate([self.removed, self.before])

    @property
    def newer(self) -> NDArray[np.int64]:
        """Those of the newer side, the added ones first."""
        return np.concatenate([self.added, self.after])
