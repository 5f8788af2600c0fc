"""The laws of drawing: numbers that fit, one choice everywhere, shares kept all along."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import UsageError
from dslineage.lineage.mixturedraw import drawn_places, interleaved
from dslineage.lineage.mixtureplan import offered, plan
from dslineage.records import Component

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUBJECT = f"dataset:sha256:{'0' * 64}"
components = st.builds(
    Component,
    subject=st.just(SUBJECT),
    examples=st.integers(1, 3000),
    weight=st.floats(0.01, 100),
    cap=st.none() | st.integers(1, 3000),
    repeats=st.floats(1, 4),
)


def digests(*texts: str) -> NDArray[np.uint8]:
    raw = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    return np.frombuffer(raw, np.uint8).reshape(-1, 32)


@given(st.lists(components, min_size=1, max_size=6))
def test_shares_follow_the_weights_and_no_data_set_gives_more_than_it_has(
    some: list[Component],
) -> None:
    if not is_drawable(some):
        with pytest.raises(UsageError, match="no example to give its share"):
            plan(some)
        return
    made = plan(some)
    whole = sum(Fraction(str(one.weight)) for one in some)
    for one, can, drawn in zip(some, made.offered, made.drawn, strict=True):
        assert can == offered(one) >= drawn
        assert abs(drawn - made.total * Fraction(str(one.weight)) / whole) < 1


def is_drawable(some: list[Component]) -> bool:
    """Whether a mixture of one example at least is possible."""
    whole = sum(Fraction(str(one.weight)) for one in some)
    return all(offered(one) * whole >= Fraction(str(one.weight)) for one in some)


def test_without_weights_all_that_is_offered_is_put_together() -> None:
    made = plan([Component(SUBJECT, 10, cap=4, repeats=2.5), Component(SUBJECT, 7)])
    assert made.drawn == (10, 7)


def test_more_than_there_is_is_refused_and_never_filled_up_by_repeating() -> None:
    some = [Component(SUBJECT, 100, weight=0.5), Component(SUBJECT, 10, weight=0.5)]
    assert plan(some).drawn == (10, 10)
    with pytest.raises(UsageError, match=r"at most 20 examples, not 21"):
        plan(some, 21)


def test_the_choice_and_its_order_are_those_of_the_documentation() -> None:
    """SHA-256 over the domain, seed, pass, name, digest and how many equal ones came before."""
    texts = [f"example {number}" for number in range(50)]

    def key(text: str) -> bytes:
        head = b"dslineage.mixture/1\0" + (7).to_bytes(8, "big") + (0).to_bytes(8, "big")
        digest = hashlib.sha256(text.encode()).digest()
        return hashlib.sha256(head + b"train\0" + digest + (0).to_bytes(8, "big")).digest()

    expected = sorted(texts, key=key)[:10]
    places = drawn_places(digests(*texts), seed=7, name="train", cap=None, count=10)
    assert [texts[place] for place in places] == expected


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=30), st.data())
def test_the_order_of_the_file_does_not_matter(texts: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(texts))
    count = data.draw(st.integers(0, 3 * len(texts)))
    cap = data.draw(st.none() | st.integers(1, 30))
    drawn = [
        [
            one[place]
            for place in drawn_places(digests(*one), seed=1, name="t", cap=cap, count=count)
        ]
        for one in (texts, shuffled)
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == count


def test_each_pass_has_each_example_once_in_an_order_of_its_own() -> None:
    texts = [str(number) for number in range(40)]
    places = drawn_places(digests(*texts), seed=3, name="t", cap=15, count=37).tolist()
    first, second, third = places[:15], places[15:30], places[30:]
    assert set(first) == set(second) > set(third)
    assert first != second


def test_a_version_with_one_example_more_draws_all_but_one_of_the_same() -> None:
    texts = [str(number) for number in range(500)]
    before = drawn_places(digests(*texts), seed=3, name="t", cap=100, count=100)
    after = drawn_places(digests(*texts, "new"), seed=3, name="t", cap=100, count=100)
    assert len(set(before.tolist()) & set(after.tolist())) >= 99


@given(st.lists(st.integers(0, 40), min_size=1, max_size=5))
def test_any_beginning_has_the_data_sets_in_the_shares_of_the_whole(counts: list[int]) -> None:
    order = interleaved(counts).tolist()
    assert [order.count(place) for place in range(len(counts))] == counts
    for end in range(len(order)):
        for place, count in enumerate(counts):
            expected = Fraction(end * count, len(order))
            assert abs(order[:end].count(place) - expected) <= len(counts)
