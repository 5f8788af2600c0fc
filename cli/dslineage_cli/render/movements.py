"""The words for how a metric moved, which the text and Markdown of a diff share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from dslineage_cli.render.figures import figure_text, number_text
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.diff.cause import Influence, Why
    from dslineage.diff.result import DiffResult
    from dslineage.quality.chance import Chance
    from dslineage.quality.movement import Label, Movement, Sampled
    from dslineage.quality.slices import Slices

_ALL_BY = {"added": "all by additions", "removed": "all by removals", "edited": "all by edits"}
_AFFECTED = ("flag", "reasons", "rate")
_CALLED = {"share": "pp", "ppm": "ppm", "words": "words", "chars": "chars", "tokens": "tokens"}
_SCALES = {"share": 100, "ppm": 1_000_000}
_DIGITS = ((100, 0), (10, 1), (0.1, 2), (0.001, 3), (0, 4))
"""Digits behind the point of numbers from so much on."""
_LABELS = 3
_SLICES = 3


def told(result: DiffResult) -> list[Movement]:
    """What moved more than chance, what was asked about, and what judges said."""
    known = [one for one in result.metrics if one.comparable]
    return [one for one in known if one.moved or one.metric in result.asked or one.sampled]


def others(result: DiffResult) -> Iterator[str]:
    """What moved no more than chance, each in a few words."""
    still, shown = 0, [*told(result), *_unexamined(result)]
    for one in result.metrics:
        if one.comparable and one not in shown and not is_count(one):
            if one.delta:
                yield f"{one.metric} {delta_text(one.delta, one.unit)}"
            elif (one.before is None) != (one.after is None):
                yield f"{one.metric} {figures(one)}"
            else:
                still += 1
    if still and not result.identical:
        yield f"{still} not at all"


def unexamined(result: DiffResult) -> Iterator[str]:
    """What moved, and of which nobody looked what moved it."""
    for one in _unexamined(result):
        yield f"{one.metric} {figures(one)}"


def _unexamined(result: DiffResult) -> list[Movement]:
    whole = (one for one in result.metrics if one.kind == "set" and one.delta)
    return [one for one in whole if not one.split and not is_count(one)]


def incomparable(moves: Sequence[Movement]) -> list[tuple[str, str, str]]:
    """The metrics without figures: their names, why, and what to do; all of them are just that."""
    unknown = [one for one in moves if not one.comparable]
    by_reason = sorted(unknown, key=lambda one: (one.reason, one.hint))
    found = []
    for (reason, hint), group in groupby(by_reason, key=lambda one: (one.reason, one.hint)):
        names = [one.metric for one in group]
        said = "" if len(names) == len(moves) else f"{', '.join(names)}: "
        found.append((said, reason, hint))
    return found


def is_count(movement: Movement) -> bool:
    """Whether it is a number of examples, which a diff gives in any case."""
    return (movement.kind, movement.unit) == ("set", "count")


def delta_text(delta: float, unit: str) -> str:
    """A difference with its sign: shares in percentage points, rates in their unit."""
    return f"{_scaled(delta, unit)} {_CALLED.get(unit, '')}".rstrip()


def effect_of(influence: Influence, movement: Movement) -> str:
    """What one example did to the figure; of categories, to the share of that which moved most."""
    if movement.kind != "category" or not movement.labels:
        return effect_text(influence.influence, movement.unit)
    return f"{effect_text(influence.influence, 'share')} of {movement.labels[0].name}"


def effect_text(effect: float, unit: str) -> str:
    """A difference as one example makes it; however little that is, two digits count."""
    size = abs(effect) * _SCALES.get(unit, 1)
    if size >= 0.01 or not size:
        return delta_text(effect, unit)
    digits = f"{size:.{1 - math.floor(math.log10(size))}f}"
    return f"{'+' if effect > 0 else '−'}{digits} {_CALLED.get(unit, '')}".rstrip()


def figures(movement: Movement) -> str:
    """The figure before and after, and the difference."""
    sides = (figure_text(value, movement.unit) for value in (movement.before, movement.after))
    text = " → ".join(sides)
    return f"{text}  {delta_text(movement.delta, movement.unit)}" if movement.delta else text


def examples(movement: Movement) -> str:
    """How many examples are affected and what changed that; nothing for a mean."""
    affected = movement.affected
    if affected is None or movement.kind not in _AFFECTED:
        return ""
    older, newer, *parts = affected
    if older == newer and not any(parts):
        return ""
    by = _by(dict(zip(_ALL_BY, parts, strict=True)), lambda part: _whole(int(part)))
    return f"{older:,} → {newer:,} examples, {by}"


def contributions(movement: Movement) -> str:
    """What the added, removed and edited examples did to the figure."""
    if movement.split is None or not movement.delta:
        return ""
    return _by(movement.split._asdict(), lambda part: _scaled(part, movement.unit))


def reference(movement: Movement) -> str:
    """What random changes of the same size would have done; of a judge, what it rests on."""
    if movement.sampled is not None:
        return _sample(movement, movement.sampled)
    chance = movement.leading
    if chance is None or is_count(movement) or not (movement.delta or movement.moved):
        return ""
    if chance.draws and chance.times is None:
        expected = figure_text(chance.expected, movement.unit)
        return f"{expected} expected from the size alone, whichever examples there were"
    if chance.draws:
        return (
            f"{figure_text(chance.expected, movement.unit)} ± {_spread(chance, movement.unit)} "
            f"expected from the size alone{_times(chance)}"
        )
    if chance.times is None:
        return "before, all examples were alike in this: a random change made of them moves nothing"
    return f"{abs(chance.times):,.0f} × what a random change of this size does"


def _sample(movement: Movement, sampled: Sampled) -> str:
    drawn = f"measured on a sample of {sampled.before:,} → {sampled.after:,}"
    if sampled.interval is None:
        return f"{drawn}, too few or too much alike for an interval"
    low, high = (delta_text(end, movement.unit) for end in sampled.interval)
    return f"{drawn}; the difference is {low} to {high} (95 % interval)"


def pairs(movement: Movement) -> str:
    """What became of the values of edited examples."""
    if movement.pairs is None or not sum(movement.pairs[:2]):
        return ""
    higher, lower, same, other = movement.pairs
    words = {"higher": ("better", "worse"), "lower": ("worse", "better")}
    up, down = words.get(movement.better, ("higher", "lower"))
    counts = {up: higher, down: lower, "the same": same, "other": other}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"of the edited ones {told}"


def coverage(movement: Movement) -> str:
    """To how many examples the metric applies, where that is not all."""
    if movement.coverage is None or movement.coverage == (1.0, 1.0):
        return ""
    older, newer = (figure_text(share, "share") for share in movement.coverage)
    return f"applies to {older} → {newer} of the examples"


def quantiles(movement: Movement) -> str:
    """The median and the outer tenths, where they are known and differ."""
    told = [
        f"{name} {number_text(older)} → {number_text(newer)}"
        for name, (older, newer) in movement.quantiles.items()
        if older is not None and newer is not None and older != newer
    ]
    return ", ".join(told)


def labels(movement: Movement) -> Iterator[str]:
    """The categories or reasons that moved furthest."""
    for label in movement.labels[:_LABELS]:
        if label.after != label.before:
            yield f"{label.name} {label_text(label)}"


def mix(movement: Movement, slices: Slices) -> str:
    """How much moved inside the slices, and how much because their mix did."""
    within, mixed = (delta_text(part, movement.unit) for part in (slices.within, slices.mix))
    return f"by {slices.field}: within {within}, mix {mixed}"


def slice_lines(movement: Movement, slices: Slices) -> Iterator[str]:
    """The slices that moved the figure most."""
    for one in slices.slices[:_SLICES]:
        older, newer = (figure_text(figure, movement.unit) for figure in one.figures)
        weights = (figure_text(weight, "share") for weight in one.weights)
        yield (
            f"{one.name}: {older} → {newer}, {' → '.join(weights)} of the data, "
            f"within {delta_text(one.within, movement.unit)}, "
            f"mix {delta_text(one.mix, movement.unit)}"
        )


def value_text(value: object) -> str:
    """The value of one example."""
    if value is None:
        return "n/a"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        is_rate = len(value) == 2 and all(isinstance(one, int) for one in value)
        return f"{value[0]:,} of {value[1]:,}" if is_rate else ", ".join(map(str, value)) or "none"
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)


def values(influence: Influence) -> str:
    """The values of an example, or why it counts in a metric of the whole set."""
    if influence.reason:
        others = ", ".join(digest[:8] for digest in influence.others)
        return influence.reason + (f" ({others})" if others else "")
    change = influence.row.change
    sides = [influence.before] if change != "added" else []
    sides += [influence.after] if change != "removed" else []
    return " → ".join(map(value_text, sides))


def why_title(why: Why, movement: Movement) -> str:
    """What is listed: some of the examples that moved a metric, or all of them."""
    if not why.count and movement.kind == "set":
        return "no changed example can be named for it"
    if not why.count:
        return "no changed example moved it"
    shown, count = len(why.examples), counted(why.count, "example")
    told = f"{shown:,} of {count}" if shown < why.count else count
    if movement.kind != "category" or not movement.labels:
        return told
    return f"{told} that moved the share of {movement.labels[0].name}"


def label_text(label: Label) -> str:
    """The share of a category or reason before and after, and how many examples have it."""
    shares = (figure_text(share, "share") for share in (label.before, label.after))
    counts = " → ".join(f"{count:,}" for count in label.examples)
    return f"{' → '.join(shares)} ({counts} examples)"


def _by(parts: Mapping[str, float], written: Callable[[float], str]) -> str:
    """What did it: one kind of change alone, or each with its part."""
    some = {name: part for name, part in parts.items() if part}
    if len(some) == 1:
        return _ALL_BY[next(iter(some))]
    return ", ".join(f"{name} {written(part)}" for name, part in some.items())


def _whole(number: int) -> str:
    return f"{number:+,}".replace("-", "−")


def _times(chance: Chance) -> str:
    return "" if chance.times is None else f", {abs(chance.times):,.0f} sd away"


def _spread(chance: Chance, unit: str) -> str:
    return delta_text(chance.sd, unit).removeprefix("+")


def _scaled(value: float, unit: str) -> str:
    return _signed(value * _SCALES.get(unit, 1))


def _signed(value: float) -> str:
    """A number with its sign and about three digits that count, never rounded to nothing."""
    size = abs(value)
    if not size:
        return "±0"
    sign = "+" if value > 0 else "−"
    if size < 0.0001:
        return f"{sign}<0.0001"
    digits = next(digits for least, digits in _DIGITS if size >= least)
    return f"{sign}{size:,.{digits}f}"
