"""Step 1: equal examples, as a multiset."""

from __future__ import annotations

import numpy as np

from dslineage.diff.exact import digest_codes, match_exactly, subtract
from tests.diff.memory import MemorySnapshot, Space


def sides(
    before: list[str], after: list[str], *, shared: bool = True
) -> tuple[MemorySnapshot, MemorySnapshot]:
    """Two snapshots of one-field examples, numbering their rows alike or apart."""
    space = Space() if shared else None
    first = MemorySnapshot([{"t": text} for text in before], space=space)
    return first, MemorySnapshot([{"t": text} for text in after], space=space)


def test_one_of_three_equal_examples_that_goes_is_one_example_less() -> None:
    for shared in (True, False):
        found = match_exactly(*sides(["x", "y", "x", "x"], ["x", "x", "y"], shared=shared))
        assert found.left_before.tolist() == [3]
        assert found.left_after.tolist() == []


def test_equal_examples_in_other_bytes_match_and_are_counted() -> None:
    space = Space()
    before = MemorySnapshot([{"t": "x"}] * 2, space=space, raw=[b'{"t":"x"}', b'{"t":"x"}'])
    after = MemorySnapshot([{"t": "x"}] * 2, space=space, raw=[b'{"t":"x"}', b'{"t": "x"}'])
    found = match_exactly(before, after)
    assert (len(found.left_before), len(found.left_after), found.bytes_only) == (0, 0, 1)
    assert not found.reordered


def test_where_rows_are_numbered_apart_nothing_is_said_about_bytes() -> None:
    assert match_exactly(*sides(["x"], ["x"], shared=False)).bytes_only is None


def test_another_order_of_the_same_examples_is_reported() -> None:
    for shared in (True, False):
        assert match_exactly(*sides(["x", "y", "z"], ["y", "x", "z"], shared=shared)).reordered
        assert not match_exactly(*sides(["x", "y", "z"], ["x", "z"], shared=shared)).reordered


def test_removing_one_of_several_equal_examples_is_no_reordering() -> None:
    for left in (["x", "y"], ["y", "x"]):
        assert not match_exactly(*sides(["x", "y", "x"], left)).reordered


def test_a_swap_of_equal_examples_in_other_bytes_is_no_reordering() -> None:
    space = Space()
    spaced, tight = b'{"t": "x"}', b'{"t":"x"}'
    before = MemorySnapshot([{"t": "x"}] * 2, space=space, raw=[tight, spaced])
    after = MemorySnapshot([{"t": "x"}] * 2, space=space, raw=[spaced, tight])
    assert not match_exactly(before, after).reordered


def test_few_rows_of_a_large_space_are_numbered_anew() -> None:
    before, after = np.array([7_000_000, 1]), np.array([1, 9_000_000])

    class Sparse(MemorySnapshot):
        @property
        def space_size(self) -> int:
            return 10_000_000

        def digests(self, rows: np.typing.NDArray[np.int64]) -> np.typing.NDArray[np.uint8]:
            return np.ascontiguousarray(np.repeat(rows, 4).view(np.uint8).reshape(-1, 32))

    space = Space()
    first, second = Sparse([], space=space), Sparse([], space=space)
    first._numbers, second._numbers = before, after
    found = match_exactly(first, second)
    assert (found.left_before.tolist(), found.left_after.tolist()) == ([0], [1])


def test_digests_that_share_their_first_eight_bytes_are_not_taken_for_equal() -> None:
    digests = np.zeros((2, 32), np.uint8)
    digests[1, 31] = 1
    before, after, size = digest_codes(digests[:1], digests[1:])
    assert size == 2
    assert before.tolist() != after.tolist()


def test_empty_sides_leave_everything_over() -> None:
    nothing = np.zeros(0, np.int64)
    assert [left.tolist() for left in subtract(nothing, np.array([0, 0]), 1)] == [[], [0, 1]]
    assert [left.tolist() for left in subtract(nothing, nothing, 0)] == [[], []]
