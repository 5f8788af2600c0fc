"""How metrics moved, as text: what moved more than chance, an example, and the rest in a line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, Span, bold, dim, green, padded, red, yellow
from dslineage_cli.render import movements, row_text
from dslineage_cli.render.figures import ARROWS, number_text
from dslineage_cli.render.highlights import stretches
from dslineage_cli.render.histograms import ASCII, BLOCKS, histograms

if TYPE_CHECKING:
    from dslineage.diff.cause import Highlight, Influence
    from dslineage.diff.result import DiffResult
    from dslineage.quality.movement import Movement

_DETAILED = 6
"""Movements of which more than one line is said."""

_LABEL = 11
_CONTEXT = 40
_HIGHLIGHTS = 3
_SPANS = 4
_FEW = 5
"""Of fewer different values, a histogram says no more than the quantiles."""

_NOTABLE = 0.01
"""The part of a change that is mix, from which on that is said without being asked."""

_TONES = {"better": green, "worse": red}


def moved(result: DiffResult, into: Page) -> None:
    """What moved more than chance or was asked about, and an example of the first."""
    found = movements.told(result)
    if not found:
        return
    wide = max(len(one.metric) for one in found)
    examples = {one.metric: one for one in result.why}
    for place, movement in enumerate(found):
        into.wrap(*_line(movement, wide), hanging=4)
        if place < _DETAILED:
            _details(movement, into)
        if place == 0 and movement.metric in examples and not result.asked:
            for influence in examples[movement.metric].examples:
                _influence(influence, movement, result, into)
    into.blank()


def rest(result: DiffResult, into: Page) -> None:
    """What did not move, and what cannot be compared."""
    still = ", ".join(movements.others(result))
    if still:
        label = "the rest" if movements.told(result) else "metrics"
        said = "moved no more than a random change of this size would move them: "
        into.wrap(dim(f"{label:<{_LABEL}}"), said + still, indent=2, hanging=_LABEL, most=3)
    if unexamined := ", ".join(movements.unexamined(result)):
        into.wrap(dim(f"{'of the set':<{_LABEL}}"), unexamined, indent=2, hanging=_LABEL)
    for names, reason, hint in movements.incomparable(result.metrics):
        into.wrap(
            dim(f"{'metrics':<{_LABEL}}"), f"{names}not comparable: {reason}", indent=2,
            hanging=_LABEL,
        )  # fmt: skip
        into.next(hint)


def why(result: DiffResult, into: Page) -> None:
    """The examples that moved a metric most, where that was asked for."""
    known = {one.metric: one for one in result.metrics}
    for one in result.why if result.asked else ():
        into.blank()
        into.add(bold(f"why {one.metric}"), dim(f"  {movements.why_title(one, known[one.metric])}"))
        for influence in one.examples:
            _influence(influence, known[one.metric], result, into)


def _line(movement: Movement, wide: int) -> Iterator[Span]:
    """One movement: name, direction, verdict, and by what it moved."""
    yield bold(padded(movement.metric, wide))
    yield dim(f" {ARROWS[movement.better]}")
    yield from verdict(movement)
    if affected := movements.examples(movement):
        yield Span(f"  {affected}")
    if movement.before is not None or movement.after is not None:
        yield Span(f"  {movements.figures(movement)}")
    elif movement.labels:
        yield Span(f"  {next(movements.labels(movement), 'the same shares on both sides')}")
    else:
        yield Span("  n/a on both sides")
    if not affected and (by := movements.contributions(movement)):
        yield Span(f", {by}")


def verdict(movement: Movement) -> Iterator[Span]:
    """`better` or `worse`, where the metric has a direction."""
    if movement.verdict:
        yield _TONES[movement.verdict](f" {movement.verdict}")


def _details(movement: Movement, into: Page) -> None:
    by = movements.contributions(movement)
    affected = movements.examples(movement)
    facts = [
        movements.reference(movement),
        by if affected and by not in affected else "",
        movements.pairs(movement),
        movements.quantiles(movement),
        movements.coverage(movement),
    ]
    into.wrap(dim(" · ".join(fact for fact in facts if fact)), indent=4)
    in_line = movement.before is None and movement.after is None
    for label in islice(movements.labels(movement), int(in_line), None):
        into.wrap(label, indent=4, hanging=2)
    for slices in movement.slices:
        if slices.slices or slices.warning or abs(slices.mix) > _NOTABLE * abs(slices.within):
            warning = yellow(f"  warning: {slices.warning}") if slices.warning else ""
            into.wrap(movements.mix(movement, slices), warning, indent=4, hanging=2)
            for line in movements.slice_lines(movement, slices):
                into.wrap(dim(line), indent=6, hanging=2)
    _histograms(movement, into)


def _histograms(movement: Movement, into: Page) -> None:
    if movement.tallies is None or len(movement.tallies[0].buckets) < _FEW:
        return
    drawn = histograms(*movement.tallies, ASCII if into.ascii else BLOCKS)
    if drawn is not None:
        low, high = map(number_text, (drawn.low, drawn.high))
        for side, bars in (("before", drawn.before), ("after", drawn.after)):
            into.add(dim(f"{side:<7}{low} "), f"|{bars}|", dim(f" {high}"), indent=4)


def _influence(influence: Influence, movement: Movement, result: DiffResult, into: Page) -> None:
    """One example: what it did to the figure, its values, and what caused them."""
    row = influence.row
    into.wrap(*row_text.title(row, result), indent=2, hanging=4)
    effect = movements.effect_of(influence, movement)
    into.wrap(
        f"{movement.metric} ", movements.values(influence), dim(f"  {effect}"), indent=6, hanging=2
    )
    caused = [one for one in influence.highlights if one.side == "after"]
    for highlight in (caused or list(influence.highlights))[:_HIGHLIGHTS]:
        into.add(dim(f"{highlight.path} ({highlight.side})"), indent=6)
        into.wrap(*_highlighted(highlight), indent=8, most=4)
    if not influence.highlights:
        row_text.shown(row, result, into)


def _highlighted(highlight: Highlight) -> Iterator[Span]:
    """The text around what caused the value, which stands in `[*` and `*]`."""
    for text, caused in stretches(highlight, _CONTEXT, _SPANS):
        yield yellow(f"[*{text}*]") if caused else Span(text)
