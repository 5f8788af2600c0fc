"""Changes with their examples, read from both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.diff import kinds
from dslineage.diff.comparison import Comparison
from dslineage.diff.result import RULES, Change, RowChange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.view import View

Chosen = dict[Change, "NDArray[np.int64]"]
"""Indices into the edited pairs, the removed and the added positions."""


def row_changes(comparison: Comparison, chosen: Chosen) -> Iterator[RowChange]:
    """Changes with their examples, read in one pass over each side."""
    edited = comparison.edited
    picked = chosen["edited"]
    before = np.concatenate([edited.before[picked], comparison.removed[chosen["removed"]]])
    after = np.concatenate([edited.after[picked], comparison.added[chosen["added"]]])
    old = _examples(comparison.frame.before, comparison.rows_before, before)
    new = _examples(comparison.frame.after, comparison.rows_after, after)
    for index in picked.tolist():
        was, was_digest, was_at = next(old)
        now, now_digest, now_at = next(new)
        yield RowChange(
            change="edited",
            before=was,
            after=now,
            before_digest=was_digest,
            after_digest=now_digest,
            before_position=was_at,
            after_position=now_at,
            kinds=kinds.names(int(edited.kinds[index])),
            rule=RULES[edited.rules[index]],
            confidence=round(float(edited.confidence[index]), 4),
        )
    for was, digest, position in old:
        yield RowChange("removed", was, None, digest, "", position, None)
    for now, digest, position in new:
        yield RowChange("added", None, now, "", digest, None, position)


def _examples(
    view: View, rows: NDArray[np.int64], positions: NDArray[np.int64]
) -> Iterator[tuple[dict[str, Any] | None, str, int]]:
    """Examples, None for what was forgotten, with their digests and positions."""
    own = rows[positions]
    forgotten = view.snapshot.forgotten(own)
    known = view.snapshot.read(own[~forgotten])
    digests = view.snapshot.digests(own)
    for gone, digest, position in zip(forgotten.tolist(), digests, positions.tolist(), strict=True):
        yield None if gone else next(known), digest.tobytes().hex(), position
