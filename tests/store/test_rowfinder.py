"""Stored rows are found by row id, whatever the ids are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dslineage.store.rowfinder import RowFinder

if TYPE_CHECKING:
    from numpy.typing import NDArray

IDS = st.builds(
    lambda head, tail: head + bytes(6) + tail + bytes(23),
    st.binary(min_size=2, max_size=2) | st.sampled_from([b"\x00\x00", b"\x00\x01"]),
    st.sampled_from([b"a", b"b", b"c"]),
)
"""Many share their first bits, many the first eight bytes, and many are equal."""
PACKS = st.lists(st.lists(IDS, min_size=1, max_size=30), max_size=4)


@given(packs=PACKS, more=st.lists(IDS, max_size=10), gap=st.integers(0, 5))
def test_the_first_row_with_an_id_is_found_and_no_other(
    packs: list[list[bytes]], more: list[bytes], gap: int
) -> None:
    bases = [sum(len(pack) + gap for pack in packs[place:]) for place in range(1, len(packs) + 1)]
    stored = list(zip(bases, packs, strict=True))
    finder = RowFinder([(base, columns(pack)) for base, pack in stored])
    asked = [id_ for pack in packs for id_ in pack] + more
    first: dict[bytes, int] = {}
    for base, pack in stored:
        for place, id_ in enumerate(pack):
            first.setdefault(id_, base + place)
    assert finder.find(columns(asked)).tolist() == [first.get(id_, -1) for id_ in asked]


def columns(ids: list[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(ids), np.uint8).reshape(-1, 32)
