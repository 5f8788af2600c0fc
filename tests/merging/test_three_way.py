"""The merge of three multisets in order equals a naive model, for any edits on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dslineage.merging.arranging import Arranged, arrange
from dslineage.merging.counts import Settled, Side, settle

Pairs = tuple[tuple[int, int], ...]


class Version(NamedTuple):
    """Examples, here letters, and the positions of edits: in the base, and here."""

    examples: str
    edits: Pairs = ()
    reordered: bool = False


class Merge(NamedTuple):
    base: str
    ours: Version
    theirs: Version

    @property
    def swapped(self) -> Merge:
        return Merge(self.base, self.theirs, self.ours)


def side(version: Version) -> Side:
    codes = np.array([ord(letter) for letter in version.examples], np.int64)
    before, after = np.array(version.edits, np.int64).reshape(-1, 2).T
    return Side(codes, codes, np.zeros(len(codes), np.int64), before, after, version.reordered)


def settled(merge: Merge) -> Settled:
    return settle(side(Version(merge.base)), side(merge.ours), side(merge.theirs))


def contested(merge: Merge) -> list[tuple[str, str, str]]:
    """Base, ours and theirs of what both sides changed in two ways; a dash where it is removed."""

    def at(examples: str, place: int | None) -> str:
        return "-" if place is None else examples[place]

    return sorted(
        (
            merge.base[one.base],
            at(merge.ours.examples, one.ours),
            at(merge.theirs.examples, one.theirs),
        )
        for one in settled(merge).contests
    )


def merged(merge: Merge) -> str:
    """The merge; every contest becomes a question mark."""
    found = settled(merge)
    arranged = arranged_with(merge, [[ord("?")]] * len(found.contests))
    return "".join(map(chr, arranged.items.tolist()))


def arranged_with(merge: Merge, decided: Sequence[Sequence[int]]) -> Arranged:
    sides = side(Version(merge.base)), side(merge.ours), side(merge.theirs)
    return arrange(*sides, settle(*sides), decided)


@st.composite
def versions(draw: st.DrawFn, base: str) -> Version:
    """What somebody made of a base: edits, removals, additions, duplicates, another order."""
    letters = st.sampled_from("abcdefgxyz")
    made: list[tuple[str, int | None]] = []
    for place, letter in enumerate(base):
        what = draw(st.sampled_from(["keep", "keep", "keep", "edit", "remove", "add"]))
        if what != "remove":
            made.append((draw(letters) if what == "edit" else letter, place))
        if what == "add":
            made.append((draw(letters), None))
    made += [(letter, None) for letter in draw(st.text("abcxyz", max_size=3))]
    moved = draw(st.booleans())
    if moved:
        made = draw(st.permutations(made))
    examples = "".join(letter for letter, _ in made)
    # A diff pairs only what exact matching leaves over: of equal examples the last ones.
    lost, found = Counter(base) - Counter(examples), Counter(examples) - Counter(base)
    edits: list[tuple[int, int]] = []
    for letter, was in made:
        old = base[was] if was is not None else letter
        if old != letter and lost[old] and found[letter]:
            lost[old] -= 1
            found[letter] -= 1
            edits.append((_left_over(base, examples, old, edits, 0),
                          _left_over(examples, base, letter, edits, 1)))  # fmt: skip
    return Version(examples, tuple(sorted(edits)), moved)


def _left_over(here: str, there: str, letter: str, edits: list[tuple[int, int]], end: int) -> int:
    """A position of a letter that exact matching left over, and that is no edit's yet."""
    surplus = here.count(letter) - there.count(letter)
    places = [at for at, one in enumerate(here) if one == letter][-surplus:]
    return next(at for at in places if at not in {edit[end] for edit in edits})


@st.composite
def merges(draw: st.DrawFn) -> Merge:
    base = draw(st.text("abcdefg", max_size=9))
    return Merge(base, draw(versions(base)), draw(versions(base)))


def model(merge: Merge) -> tuple[Counter[str], Counter[tuple[str, str, str]]]:
    """The examples of a merge, and the conflicts, by lists and counters alone."""
    base = Counter(merge.base)
    counts = [Counter(version.examples) for version in (merge.ours, merge.theirs)]
    lost, found = [base - one for one in counts], [one - base for one in counts]
    edits = [
        [(merge.base[i], version.examples[j]) for i, j in version.edits]
        for version in (merge.ours, merge.theirs)
    ]
    unseen = [found[side] - Counter(new for _, new in edits[side]) for side in (0, 1)]
    conflicts: Counter[tuple[str, str, str]] = Counter()
    for letter in sorted(base):
        ends = [Counter([new for old, new in edits[side] if old == letter]) for side in (0, 1)]
        for side in (0, 1):
            ends[side]["-"] = lost[side][letter] - ends[side].total()
        common = ends[0] & ends[1]
        ends = [one - common for one in ends]
        for mine, yours in ((0, 1), (1, 0)):
            for new in sorted(ends[mine] - Counter({"-": 99})):
                again = min(ends[mine][new], ends[yours]["-"], unseen[yours][new])
                ends[mine][new] -= again
                ends[yours]["-"] -= again
                unseen[yours][new] -= again
        listed = [sorted((+one).elements(), reverse=True) for one in ends]
        for left, right in zip(*listed, strict=False):
            conflicts[letter, left, right] += 1
        lost[0][letter] = lost[1][letter] = max(lost[0][letter], lost[1][letter])
    for (_, *news), times in conflicts.items():
        for side in (0, 1):
            if news[side] != "-":
                found[side][news[side]] -= times
    return base - lost[0] + (found[0] | found[1]), conflicts


@given(merges())
def test_a_merge_is_what_the_naive_model_says(merge: Merge) -> None:
    examples, conflicts = model(merge)
    assert Counter(contested(merge)) == +conflicts
    assert Counter(merged(merge)) == +examples + Counter({"?": conflicts.total()})


@given(merges())
def test_a_merge_with_the_base_is_the_other_side(merge: Merge) -> None:
    assert merged(Merge(merge.base, merge.ours, Version(merge.base))) == merge.ours.examples
    assert merged(Merge(merge.base, Version(merge.base), merge.ours)) == merge.ours.examples
    assert merged(Merge(merge.base, merge.ours, merge.ours)) == merge.ours.examples


@given(merges())
def test_a_merge_is_symmetric_but_for_the_order(merge: Merge) -> None:
    swapped = [(base, ours, theirs) for base, theirs, ours in contested(merge.swapped)]
    assert sorted(swapped) == contested(merge)
    assert Counter(merged(merge.swapped)) == Counter(merged(merge))


@given(merges())
def test_no_example_is_lost(merge: Merge) -> None:
    """What one side has and nobody removed is in the merge, or in a conflict."""
    shown = set(merged(merge)) | {one for conflict in contested(merge) for one in conflict}
    removed = {
        letter
        for version in (merge.ours, merge.theirs)
        for letter in Counter(merge.base) - Counter(version.examples)
    }
    assert {*merge.ours.examples, *merge.theirs.examples} - removed <= shown


@given(merges())
def test_the_order_of_the_leading_side_is_kept(merge: Merge) -> None:
    found = settled(merge)
    arranged = arranged_with(merge, [[]] * len(found.contests))
    places = arranged.places[arranged.places >= 0]
    assert np.all(np.diff(places) > 0)


def edited(examples: str, *edits: tuple[int, int]) -> Version:
    return Version(examples, edits)


def test_worked_merges() -> None:
    appended = Merge("abc", Version("abcx"), Version("abcy"))
    assert merged(appended) == "abcxy"
    inserted = Merge("abc", Version("bc"), Version("axbc"))
    assert merged(inserted) == "xbc"
    at_one_place = Merge("abc", edited("aXbc"), edited("abYc", (1, 1)))
    assert merged(at_one_place) == "aXbYc"
    both_edited = Merge("abc", edited("aXc", (1, 1)), edited("aYc", (1, 1)))
    assert (merged(both_edited), contested(both_edited)) == ("a?c", [("b", "X", "Y")])
    edited_and_removed = Merge("abc", edited("aXc", (1, 1)), Version("ac"))
    assert (merged(edited_and_removed), contested(edited_and_removed)) == ("a?c", [("b", "X", "-")])
    alike = Merge("abc", edited("aXc", (1, 1)), edited("aXc", (1, 1)))
    assert merged(alike) == "aXc"
    seen_as_an_edit_by_one = Merge("abc", edited("aXc", (1, 1)), Version("aXc"))
    assert merged(seen_as_an_edit_by_one) == "aXc"
    sorted_and_edited = Merge("abc", Version("cba", reordered=True), edited("abY", (2, 2)))
    assert merged(sorted_and_edited) == merged(sorted_and_edited.swapped) == "Yba"
    fewer_and_more_copies = Merge("aab", Version("ab"), Version("aaab"))
    assert merged(fewer_and_more_copies) == "aab"
    both_dropped_a_copy = Merge("aab", Version("ab"), Version("ab"))
    assert merged(both_dropped_a_copy) == "ab"
