"""Whole merges of real files equal a model of lists and counters, written by docs/merge.md alone.

The model knows what became of each example, since it made the edits itself; the merge finds out.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.merging.conflicts import CHOICES
from tests.merging.onestore import planned


class Example(NamedTuple):
    """An example of a prompt; its fields are numbers, which become texts of their own."""

    prompt: int
    wording: int = 0
    answer: int = 0
    source: int = 0

    def to_dict(self, *, keyed: bool) -> dict[str, str | int]:
        key: dict[str, str | int] = {"id": f"k{self.prompt}"} if keyed else {}
        return key | {
            "prompt": _words("prompt", self.prompt, self.wording),
            "completion": _words("answer", self.prompt, self.answer),
            "source": f"source {self.source}",
        }


def _words(*of: object) -> str:
    """A text that is like no other."""
    digits = hashlib.sha256(repr(of).encode()).hexdigest()
    return " ".join(digits[at : at + 5] for at in range(0, 60, 5))


class Side(NamedTuple):
    """What somebody made of the base: the file, and for each example what its copies became.

    An outcome is another example, or None where a copy was removed.
    """

    file: list[Example]
    outcomes: Mapping[Example, list[Example | None]]


@st.composite
def sides(draw: st.DrawFn, base: Sequence[Example], *, copies: bool, keyed: bool) -> Side:
    """Edits, removals, copies, additions, and another order."""
    file, outcomes = list(base), dict[Example, list[Example | None]]()
    kinds = ["keep", "keep", "remove", "answer", "source", *["wording"] * keyed]
    for example in sorted(set(base)):
        what = draw(st.sampled_from([*kinds, *["copy", "remove all"] * copies]))
        at = draw(st.sampled_from([i for i, one in enumerate(file) if one == example]))
        if what == "copy":
            file.insert(draw(st.integers(0, len(file))), example)
        elif what == "remove":
            del file[at]
            outcomes[example] = [None]
        elif what == "remove all":
            outcomes[example] = [None] * file.count(example)
            file = [one for one in file if one != example]
        elif what != "keep":
            file[at] = example._replace(**{what: draw(st.integers(1, 2))})
            outcomes[example] = [file[at]]
    for new in draw(st.lists(st.integers(100, 104), max_size=3, unique=not copies)):
        file.insert(draw(st.integers(0, len(file))), Example(new))
    if draw(st.booleans()):
        file = draw(st.permutations(file))
    return Side(file, outcomes)


class Story(NamedTuple):
    base: list[Example]
    ours: Side
    theirs: Side
    choice: str


@st.composite
def stories(draw: st.DrawFn, *, copies: bool, keyed: bool) -> Story:
    numbers = draw(st.lists(st.integers(0, 6), min_size=1, max_size=8, unique=not copies))
    base = [Example(number) for number in numbers]
    ours, theirs = (draw(sides(base, copies=copies, keyed=keyed)) for _ in range(2))
    return Story(base, ours, theirs, draw(st.sampled_from(CHOICES)))


class Expected(NamedTuple):
    """The examples of a merge, how many conflicts are open, and those that combined."""

    examples: Counter[Example]
    conflicts: int
    became: Mapping[Example, list[Example]]


def model(story: Story) -> Expected:
    """The rules of docs/merge.md, one after the other."""
    base, ours, theirs = (Counter(one) for one in (story.base, story.ours.file, story.theirs.file))
    result: Counter[Example] = Counter()
    became: dict[Example, list[Example]] = {}
    conflicts = 0
    settled: Counter[Example] = Counter()
    for example, copies in base.items():
        mine, yours = (list(side.outcomes.get(example, [])) for side in (story.ours, story.theirs))
        stay = copies - max(len(mine), len(yours))
        more = max(ours[example] - copies, theirs[example] - copies, 0)
        result[example] += stay + more
        # What both did is done once.
        for outcome in list(mine):
            if outcome in yours:
                mine.remove(outcome)
                yours.remove(outcome)
                if outcome is not None:
                    result[outcome] += 1
                    settled[outcome] += 1
        while mine or yours:
            left = mine.pop() if mine else example
            right = yours.pop() if yours else example
            stand, open_ = _settled(example, left, right, story.choice)
            result.update(stand)
            conflicts += open_
            became.setdefault(example, []).extend(stand)
    known = set(base) | {one for side in (story.ours, story.theirs)
                         for some in side.outcomes.values() for one in some if one}  # fmt: skip
    for new in (ours | theirs).keys() - known:
        result[new] += max(ours[new], theirs[new])
    return Expected(+result, conflicts, became)


def _settled(
    base: Example, left: Example | None, right: Example | None, choice: str
) -> tuple[list[Example], bool]:
    """What stands for one copy that became two things, and whether somebody has to say so."""
    if base in {left, right}:
        changed_one = left if right == base else right
        return [changed_one] if changed_one is not None else [], False
    if left is not None and right is not None:
        changed = [{name for name in base._fields if getattr(base, name) != getattr(one, name)}
                   for one in (left, right)]  # fmt: skip
        shown = {"wording", "answer"}
        if not changed[0] & changed[1] and not (changed[0] & shown and changed[1] & shown):
            return [left._replace(**{name: getattr(right, name) for name in changed[1]})], False
    of: dict[str, list[Example | None]] = {
        "ours": [left], "theirs": [right], "both": [left, right], "base": [base]
    }  # fmt: skip
    return [one for one in of.get(choice, []) if one is not None], True


def in_order(story: Story) -> list[int]:
    """The prompts of a merge in order, where no example stands twice and conflicts keep theirs.

    That of the leading side; what only the other has, before the next example that both have.
    """
    base, ours, theirs = story.base, story.ours.file, story.theirs.file
    # What a side edited says nothing of the order that it meant.
    moved = [
        [one for one in side if one in base] != [one for one in base if one in side]
        for side in (ours, theirs)
    ]
    theirs_leads = ours == base or (moved[1] and not moved[0])
    alone = [[one.prompt for one in side] for side in (ours, theirs)]
    lead, other = reversed(alone) if theirs_leads else alone
    out = list(lead)
    for at, prompt in enumerate(other):
        if prompt in lead:
            continue
        before = [one for one in other[:at] if one in lead]
        start = lead.index(before[-1]) + 1 if before else 0
        following = next((one for one in lead[start:] if one in other), None)
        out.insert(len(out) if following is None else out.index(following), prompt)
    return out


def merge(story: Story, *, keyed: bool) -> tuple[list[Example], int]:
    """The same by the real thing, from files to a file."""

    def writes(examples: Sequence[Example]) -> Callable[[Path], object]:
        text = "".join(json.dumps(one.to_dict(keyed=keyed)) + "\n" for one in examples)
        # A last line that stays lets no file be empty.
        return lambda path: path.write_text(text + json.dumps(LAST.to_dict(keyed=keyed)) + "\n")

    texts = [writes(one) for one in (story.base, story.ours.file, story.theirs.file)]
    with planned("train.jsonl", *texts, key="id" if keyed else None) as (plan, folder):
        [file] = plan.decided({one.id: story.choice for one in plan.conflicts}).files()
        file.write(folder / "merged.jsonl")
        lines = (folder / "merged.jsonl").read_text().splitlines()
        conflicts = len(plan.conflicts)
    known = {json.dumps(one.to_dict(keyed=keyed)): one for one in _every()}
    return [known[line] for line in lines], conflicts


LAST = Example(999)


def _every() -> list[Example]:
    numbers = [*range(7), *range(100, 105)]
    return [LAST, *itertools.starmap(Example, itertools.product(numbers, *[range(3)] * 3))]


def check(story: Story, *, keyed: bool) -> list[Example]:
    found, conflicts = merge(story, keyed=keyed)
    expected = model(story)
    assert Counter(found) - Counter([LAST]) == expected.examples
    assert conflicts == expected.conflicts
    return found


@pytest.mark.parametrize("keyed", [False, True], ids=["no key", "key"])
@settings(max_examples=40)
@given(data=st.data())
def test_a_merge_of_files_is_what_the_model_says(keyed: bool, data: st.DataObject) -> None:
    story = data.draw(stories(copies=False, keyed=keyed))
    found = check(story, keyed=keyed)
    places = [one.prompt for one in found if one != LAST]
    wanted = [prompt for prompt in in_order(story) if prompt in places]
    assert list(dict.fromkeys(places)) == wanted


@settings(max_examples=40)
@given(stories(copies=True, keyed=False))
def test_copies_of_an_example_are_counted(story: Story) -> None:
    check(story, keyed=False)
