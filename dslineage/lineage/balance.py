"""What became of the examples of some versions in others, counted from their digests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.lineage.ancestry import Examples
from dslineage.numbering import numbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NONE = np.zeros((0, 32), np.uint8)


class Balance(NamedTuple):
    """What became of the examples of some versions in some others, each example counted.

    `changed` are those whose conversation was there before, in an example that was not equal;
    `created` those of which neither was there; `dropped` those of which nothing is left.
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


def balance(before: Sequence[Examples], after: Sequence[Examples]) -> Balance:
    """Count what became of examples, by digest and by conversation digest.

    An edited text is one example dropped and one created: without a link, nobody said that the
    one was made of the other.
    """
    sides = _joined(before), _joined(after)
    codes = _codes(*(side.digests for side in sides))
    gone, come = (~np.isin(own, other) for own, other in (codes, codes[::-1]))
    surplus = _surplus(*codes)
    shown = _codes(*(side.conversations for side in sides))
    known = np.isin(shown[1], shown[0])
    changed = come & known
    # A copy fewer is dropped as well, unless its conversation goes on in a changed example.
    lost = np.flatnonzero(gone | surplus)
    kept = np.bincount(shown[1][changed], minlength=_size(shown))
    left = np.bincount(shown[0][lost], minlength=_size(shown))
    return Balance(
        before=len(codes[0]),
        after=len(codes[1]),
        dropped=int(np.maximum(left - kept, 0).sum()),
        changed=int(np.count_nonzero(changed)),
        created=int(np.count_nonzero(come & ~known)),
    )


def _joined(parts: Sequence[Examples]) -> Examples:
    """Several versions as one; an example of no family stands for its conversation."""
    shown = [one.conversations if one.has_conversations else one.digests for one in parts]
    return Examples(
        np.concatenate([_NONE, *(one.digests for one in parts)]), np.concatenate([_NONE, *shown])
    )


def _surplus(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which examples of one side are copies that the other side has no equal left for."""
    size = _size((before, after))
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


def _size(codes: tuple[NDArray[np.int64], NDArray[np.int64]]) -> int:
    return max((int(side.max(initial=-1)) for side in codes), default=-1) + 1
