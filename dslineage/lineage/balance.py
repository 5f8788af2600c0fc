"""What became of the examples of some versions in others, counted from their digests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.lineage.ancestry import Examples, Kind, origins
from dslineage.numbering import numbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.store.links import Links

_NONE = np.zeros((0, 32), np.uint8)


class Balance(NamedTuple):
    """What became of the examples of some versions in some others, each example counted.

    `changed` are examples that were made of another one: what is shown of it was there before, or
    a step recorded it. `created` are those of which neither is so, `dropped` those of which nothing
    is left.
    """

    before: int
    after: int
    dropped: int
    changed: int
    created: int

    def to_dict(self) -> dict[str, int]:
        """The counts as a step's record has them."""
        return {
            "in": self.before,
            "out": self.after,
            "dropped": self.dropped,
            "changed": self.changed,
            "created": self.created,
        }


def balance(
    before: Sequence[Examples], after: Sequence[Examples], links: Links | None = None
) -> Balance:
    """Count what became of examples, by the law of parents.

    An edited text of which no link says what it was made from is one example dropped and one
    created.
    """
    sides = _joined(before), _joined(after)
    kinds = origins(sides[1], before, links).kinds
    counts = np.bincount(kinds, minlength=len(Kind)).tolist()
    codes = _codes(*(side.digests for side in sides))
    shown = _codes(*(side.conversations for side in sides))
    gone = ~np.isin(*codes)
    # A copy fewer is dropped as well, unless its conversation goes on in a changed example.
    lost = gone | _surplus(*codes)
    if links is not None:
        lost &= ~(gone & np.isin(*_codes(sides[0].digests, links.parents)))
    size = max(int(side.max(initial=-1)) for side in shown) + 1
    kept = np.bincount(shown[1][kinds == Kind.SAME_CONVERSATION], minlength=size)
    left = np.bincount(shown[0][lost], minlength=size)
    return Balance(
        before=len(codes[0]),
        after=len(codes[1]),
        dropped=int(np.maximum(left - kept, 0).sum()),
        changed=counts[Kind.SAME_CONVERSATION] + counts[Kind.RECORDED],
        created=counts[Kind.CREATED],
    )


def _joined(parts: Sequence[Examples]) -> Examples:
    """Several versions as one; an example of no family stands for its conversation."""
    shown = [one.conversations if one.has_conversations else one.digests for one in parts]
    return Examples(
        np.concatenate([_NONE, *(one.digests for one in parts)]), np.concatenate([_NONE, *shown])
    )


def _surplus(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which examples of one side are copies that the other side has no equal left for."""
    size = max(int(side.max(initial=-1)) for side in (before, after)) + 1
    order = np.argsort(before, kind="stable")
    own = before[order]
    rank = np.arange(len(own)) - np.searchsorted(own, own)
    surplus = np.zeros(len(before), bool)
    surplus[order] = rank >= np.bincount(after, minlength=size)[own]
    return surplus


def _codes(
    before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    codes = numbered(np.concatenate([before, after])).codes
    return codes[: len(before)], codes[len(before) :]
