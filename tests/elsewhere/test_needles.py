"""Needles are found wherever they stand, and nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dslineage.elsewhere.needles import Needles

WORDS = st.sampled_from([b"ab", b"abc", b"{", b'"x": ', b"\n", b"0", b"\xff", b"needle"])
TEXTS = st.lists(WORDS, max_size=40).map(b"".join)


@given(before=TEXTS, after=TEXTS, needles=st.lists(TEXTS, max_size=8), cut=st.integers(0, 200))
def test_what_is_found_is_what_stands_there_however_the_stream_is_cut(
    before: bytes, after: bytes, needles: list[bytes], cut: int
) -> None:
    hay = before + b"".join(needles[:1]) + after
    sought = Needles.of((needle, needle) for needle in needles)

    assert sought.found_in([hay[:cut], hay[cut:]]) == {
        needle for needle in needles if len(needle) >= 8 and needle in hay
    }


def test_needles_that_lie_across_pieces_of_a_long_stream_are_found() -> None:
    long = bytes(range(256)) * 20_000
    hay = b"." * 3_000_001 + long + b"." * 3_000_001 + b"a short needle"
    sought = Needles.of([(long, "long"), (b"a short needle", "short"), (b"is not there", "none")])

    for size in (1 << 16, 999_983):
        pieces = (hay[start : start + size] for start in range(0, len(hay), size))
        assert sought.found_in(pieces) == {"long", "short"}


def test_equal_needles_mean_all_that_they_were_given_for() -> None:
    sought = Needles.of([(b"equal text", 1), (b"equal text", 2)])

    assert sought.found_in([b"an equal text"]) == {1, 2}
