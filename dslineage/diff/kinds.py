"""Step 4: what an edit changed, told from the facets of its two sides, all pairs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff.result import KINDS
from dslineage.versions.snapshot import FacetTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = {kind: 1 << place for place, kind in enumerate(KINDS)}
"""The bit that stands for a kind."""

_NAMESAKES = ("prompt", "system", "tools", "label", "mask", "media")
_WORDED = ("prompt", "response", "rejected", "system", "tools")


def classify(before: FacetTable, after: FacetTable) -> NDArray[np.uint16]:
    """The kinds of some pairs as bits; row i of one table is paired with row i of the other.

    Every pair gets at least one kind, so that no edit is shown without saying what it is.
    """
    differs = {name: before[name] != after[name] for name in before.columns}
    shown = (before.conversation != after.conversation).any(axis=1)
    preference = (before["rejected"] | after["rejected"]) != 0
    swapped = (
        differs["response"]
        & (before["response"] == after["rejected"])
        & (before["rejected"] == after["response"])
    )
    found = {name: differs[name] for name in _NAMESAKES}
    found |= {
        "response": differs["response"] & ~preference,
        "chosen": differs["response"] & preference & ~swapped,
        "rejected": differs["rejected"] & ~swapped,
        "swapped": swapped,
        "turns": differs["structure"],
    }
    visible = np.logical_or.reduce(list(found.values()))
    # Data of no family has no parts: its conversation is all of its fields.
    only_key = differs["key"] & ~differs["rest"]
    found["field"] = shown & ~visible & ~only_key
    found["metadata"] = differs["key"] | (differs["rest"] & ~found["field"])
    wording = np.logical_or.reduce([differs[name] for name in _WORDED]) | found["field"]
    found |= _manners(before, after, wording & ~differs["structure"])
    # The same conversation and the same rest, written in another way: "[1]" for [1].
    found["formatting"] |= ~np.logical_or.reduce(list(found.values()))
    bits = np.zeros(len(shown), np.uint16)
    for kind, here in found.items():
        bits |= here.astype(np.uint16) * np.uint16(BITS[kind])
    return bits


def _manners(
    before: FacetTable, after: FacetTable, reworded: NDArray[np.bool_]
) -> dict[str, NDArray[np.bool_]]:
    """The kinds that say how, for pairs whose texts differ: `formatting` and `encoding`."""
    folded = before["folded"] == after["folded"]
    sound_before = np.where(before["repaired"] == 0, before["folded"], before["repaired"])
    sound_after = np.where(after["repaired"] == 0, after["folded"], after["repaired"])
    has_text = (before["folded"] != 0) & (after["folded"] != 0)
    return {
        "formatting": reworded & has_text & folded,
        "encoding": reworded & has_text & ~folded & (sound_before == sound_after),
    }


def names(bits: int) -> tuple[str, ...]:
    """The kinds that some bits stand for."""
    return tuple(kind for kind, bit in BITS.items() if bits & bit)


def count(bits: NDArray[np.uint16]) -> dict[str, int]:
    """How many pairs have each kind."""
    counts = {kind: int(np.count_nonzero(bits & np.uint16(bit))) for kind, bit in BITS.items()}
    return {kind: number for kind, number in counts.items() if number}
