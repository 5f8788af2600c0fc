"""The split of a change is exact, whatever changed; a change turned round has the mirrored one."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from dslineage.quality.attribution import Split, influences
from dslineage.quality.metric import Better, Kind, Rate, Value
from dslineage.quality.movement import Movement, Pairs
from dslineage.quality.moving import Changed, move, ordered, ratio
from dslineage.quality.values import Values
from tests.quality.changes import (
    ADDITIVE,
    Change,
    changes,
    example_metric,
    fraction_of,
    tally,
)


def naive_split(change: Change) -> tuple[Fraction, Fraction, Fraction] | None:
    """Formula D2 from both sides, example by example, and the mean of the two."""
    sums = [_sums(side) for side in (change.before, change.after)]
    if not all(whole for _, whole in sums):
        return None
    figures = [part / whole for part, whole in sums]
    found = []
    for figure, (_, whole) in zip(figures, reversed(sums), strict=True):

        def moved(value: Value, figure: Fraction = figure) -> Fraction:
            part, own = fraction_of(value)
            return part - figure * own

        found.append(
            (
                sum(map(moved, change.added), Fraction(0)) / whole,
                -sum(map(moved, change.removed), Fraction(0)) / whole,
                sum((moved(b) - moved(a) for a, b in change.edited), Fraction(0)) / whole,
            )
        )
    added, removed, edited = ((one + two) / 2 for one, two in zip(*found, strict=True))
    return added, removed, edited


def _sums(values: list[Value]) -> tuple[Fraction, int]:
    parts = [fraction_of(value) for value in values]
    return sum((part for part, _ in parts), Fraction(0)), sum(whole for _, whole in parts)


@given(changes(ADDITIVE))
def test_the_split_equals_the_formula_and_adds_up(change: Change) -> None:
    movement, naive = change.movement(), naive_split(change)
    if naive is None:
        assert movement.split is None
        assert movement.delta is None
        return
    assert movement.split is not None
    assert movement.delta is not None
    assert movement.split == tuple(float(part) for part in naive)
    scale = max(1.0, *map(abs, movement.split))
    assert math.fsum(movement.split) == pytest.approx(movement.delta, abs=1e-12 * scale)


@given(changes())
def test_a_change_turned_round_is_the_mirror(change: Change) -> None:
    there, back = change.movement(), change.mirrored.movement()
    assert (there.before, there.after) == (back.after, back.before)
    assert _turned(there.split) == back.split
    assert there.pairs is not None
    assert back.pairs is not None
    assert there.pairs._replace(higher=there.pairs.lower, lower=there.pairs.higher) == back.pairs
    assert there.distance == back.distance
    assert {label.name: _turned(label.split) for label in there.labels} == {
        label.name: label.split for label in back.labels
    }


def _turned(split: Split | None) -> Split | None:
    return split and Split(-split.removed, -split.added, -split.edited)


@given(changes(ADDITIVE))
def test_influences_of_the_examples_are_the_terms_of_the_split(change: Change) -> None:
    before, after = (ratio(tally(change.kind, side)) for side in (change.before, change.after))
    movement = change.movement()
    if movement.split is None:
        return
    terms = []
    for sign, values in ((1, change.added), (-1, change.removed)):
        part, whole = Values.of(change.kind, values, ("rude", "short", "wrong")).parts()
        terms.append(influences(before, after, sign * part, sign * whole).sum())
    scale = 1_000_000 if change.kind is Kind.NUMBER else 1
    assert terms == pytest.approx(
        [movement.split.added * scale, movement.split.removed * scale], rel=1e-9, abs=1e-6
    )


def test_a_rate_that_falls_only_because_long_clean_texts_came_is_laid_to_those() -> None:
    kept = (Rate(6, 100), Rate(2, 100))
    movement = Change(Kind.RATE, kept, added=(Rate(0, 600),)).movement("lower")
    assert (movement.before, movement.after) == (0.04, 0.01)
    assert movement.split == Split(added=-0.03, removed=0.0, edited=0.0)
    assert movement.verdict == "better"
    assert movement.affected == (2, 2, 0, 0, 0)


def test_what_does_not_apply_is_coverage_and_never_zero() -> None:
    movement = Change(Kind.COUNT, (10, 20), removed=(None, None)).movement()
    assert (movement.before, movement.after, movement.delta) == (15, 15, 0)
    assert movement.coverage == (0.5, 1.0)
    assert movement.split == Split(0, 0, 0)
    nothing = Change(Kind.COUNT, (None,), added=(3,)).movement()
    assert (nothing.before, nothing.after, nothing.delta, nothing.split) == (None, 3, None, None)


def test_edited_pairs_are_counted_by_what_became_of_their_value() -> None:
    edited = ((1, 2), (5, 3), (4, 4), (None, None), (None, 7), (7, None))
    assert Change(Kind.COUNT, edited=edited).movement().pairs == Pairs(1, 1, 2, 2)
    rates = ((Rate(1, 3), Rate(2, 6)), (Rate(1, 3), Rate(1, 2)), (Rate(0, 5), Rate(0, 9)))
    assert Change(Kind.RATE, edited=rates).movement().pairs == Pairs(1, 0, 2, 0)
    names = (("Latin", "Han"), ("Greek", "Greek"), ("Greek", None))
    assert Change(Kind.CATEGORY, edited=names).movement().pairs == Pairs(0, 0, 1, 2)


def test_each_category_and_each_reason_has_its_own_split() -> None:
    movement = Change(
        Kind.CATEGORY, ("Latin",) * 7, removed=("Han", "Han", "Greek"), added=("Greek",) * 3
    ).movement()
    assert (movement.before, movement.after, movement.split) == (None, None, None)
    shown = {label.name: label for label in movement.labels}
    assert {name: label.examples for name, label in shown.items()} == {
        "Greek": (1, 3), "Han": (2, 0), "Latin": (7, 7),
    }  # fmt: skip
    assert shown["Greek"].split == Split(added=0.24, removed=-0.04, edited=0)
    assert shown["Han"].split == Split(added=-0.03, removed=-0.17, edited=0)
    assert shown["Latin"].split == Split(added=-0.21, removed=0.21, edited=0)
    reasons = Change(
        Kind.REASONS, (frozenset(),) * 8, edited=((frozenset(), frozenset({"rude", "short"})),)
    ).movement()
    assert {label.name: label.examples for label in reasons.labels} == {
        "rude": (0, 1), "short": (0, 1),
    }  # fmt: skip
    assert reasons.after == pytest.approx(1 / 9)


def test_unchanged_examples_that_a_schema_change_gave_other_values_are_told_apart() -> None:
    before, after = tally(Kind.COUNT, [1, 1, 1, 1]), tally(Kind.COUNT, [3, 3, 1, 5])
    pair = Values.of(Kind.COUNT, [1]), Values.of(Kind.COUNT, [5])
    empty = Values.missing(Kind.COUNT, 0)
    movement = move(example_metric(Kind.COUNT), before, after, Changed(empty, empty, *pair))
    assert movement.split == Split(0, 0, 2)
    assert movement.unchanged == 1


def test_what_no_random_change_could_have_moved_comes_first_then_by_how_far_it_moved() -> None:
    def named(name: str, change: Change, better: Better) -> Movement:
        return replace(change.movement(), metric=name, better=better)

    clean = (Rate(0, 100),) * 40
    dirty = ((Rate(0, 100), Rate(1, 100)),)
    steady = tuple(range(40))
    listed = [
        named("noise", Change(Kind.COUNT, steady, edited=((3, 4),)), "neutral"),
        named("longer", Change(Kind.COUNT, steady, removed=(0,) * 20), "higher"),
        named("much_longer", Change(Kind.COUNT, (9, 10) * 20, removed=(0,) * 20), "higher"),
        named("bad", Change(Kind.RATE, clean, edited=dirty), "lower"),
        named("two_bad", Change(Kind.RATE, clean, edited=dirty * 2), "lower"),
        named("marked", Change(Kind.RATE, clean, edited=dirty * 3), "neutral"),
    ]
    found = ordered(listed)
    assert [one.metric for one in found if one.moved] == [
        "two_bad", "bad", "marked", "much_longer", "longer",
    ]  # fmt: skip
    assert [one.metric for one in found if not one.moved] == ["noise"]


def test_edits_that_took_away_the_last_of_it_were_no_chance() -> None:
    clean, dirty = Rate(0, 100), Rate(1, 100)
    mended = Change(Kind.RATE, (clean,) * 20, edited=((dirty, clean), *((clean, clean),) * 15))
    assert mended.movement("lower").moved
    removed = Change(Kind.RATE, (clean,) * 20, removed=(dirty, *(clean,) * 15))
    assert not removed.movement("lower").moved


def test_the_document_has_what_programs_rely_on() -> None:
    document = Change(Kind.FLAG, (True, False), removed=(True, True)).movement("lower").to_dict()
    wanted = ["metric", "id", "comparable", "from", "to", "delta", "added", "removed", "edited"]
    assert list(document)[:9] == wanted
    assert (document["from"], document["to"], document["removed"]) == (0.75, 0.5, -0.25)
    assert document["affected"] == {"from": 3, "to": 1, "added": 0, "removed": -2, "edited": 0}
    assert document["edited_pairs"] == {"higher": 0, "lower": 0, "same": 0, "other": 0}


def test_the_distances_are_those_of_the_values() -> None:
    rng = np.random.default_rng(0)
    older, newer = rng.integers(1, 400, 300), rng.integers(100, 600, 200)
    movement = Change(Kind.COUNT, removed=tuple(older.tolist()), added=tuple(newer.tolist()))
    found = movement.movement().distance
    assert found is not None
    grid = np.arange(700)
    gaps = np.abs((older[:, None] <= grid).mean(0) - (newer[:, None] <= grid).mean(0))
    assert found.earth == pytest.approx(gaps.sum(), rel=0.02)
    assert found.reach == pytest.approx(gaps.max(), abs=0.02)
