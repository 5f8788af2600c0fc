"""How metrics moved, as Markdown. Examples stand only in code, where nothing is obeyed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.render import movements, wording
from dslineage_cli.render.figures import ARROWS, figure_text
from dslineage_cli.render.highlights import stretches
from dslineage_cli.sanitise import markdown, markdown_code, markdown_fence

if TYPE_CHECKING:
    from dslineage.diff.cause import Influence, Why
    from dslineage.diff.result import DiffResult
    from dslineage.quality.movement import Movement

_HEAD = "| metric | | from | to | change | by | reference |\n|---|---|--:|--:|--:|---|---|"
_CONTEXT = 60
_SPANS = 8


def blocks(result: DiffResult) -> Iterator[str]:
    """A table of what moved more than chance or was asked about, then the rest in a line."""
    told = movements.told(result)
    if told:
        yield "\n".join([_HEAD, *map(_row, told)])
    lines = [f"- {markdown(line)}" for line in _lines(result)]
    for names, reason, hint in movements.incomparable(result.metrics):
        lines.append(f"- {markdown(f'{names}not comparable: {reason}')}, {markdown_code(hint)}")
    if lines:
        yield "\n".join(lines)
    known = {one.metric: one for one in result.metrics}
    for why in result.why:
        yield from _why(why, known[why.metric])


def _row(movement: Movement) -> str:
    delta = movements.delta_text(movement.delta, movement.unit) if movement.delta else ""
    by = movements.examples(movement) or movements.contributions(movement)
    cells = [
        movement.metric,
        f"{ARROWS[movement.better]} {movement.verdict}".rstrip(),
        figure_text(movement.before, movement.unit),
        figure_text(movement.after, movement.unit),
        delta,
        by,
        movements.reference(movement),
    ]
    return f"| {' | '.join(markdown(cell) for cell in cells)} |"


def _lines(result: DiffResult) -> Iterator[str]:
    for movement in movements.told(result):
        for label in movements.labels(movement):
            yield f"{movement.metric}: {label}"
        for slices in movement.slices:
            if slices.slices or slices.warning:
                warning = f"; warning: {slices.warning}" if slices.warning else ""
                yield f"{movement.metric} {movements.mix(movement, slices)}{warning}"
                for line in movements.slice_lines(movement, slices):
                    yield f"{movement.metric} in {line}"
    if unexamined := ", ".join(movements.unexamined(result)):
        yield f"Of the whole set: {unexamined}"
    if still := ", ".join(movements.others(result)):
        yield f"Moved no more than a random change of this size would move them: {still}"


def _why(why: Why, movement: Movement) -> Iterator[str]:
    yield f"#### why {markdown(why.metric)}: {markdown(movements.why_title(why, movement))}"
    for influence in why.examples:
        row = influence.row
        effect = movements.effect_of(influence, movement)
        said = markdown(f"{movements.values(influence)}, {effect}")
        yield f"**{row.change} row {wording.places(row)}** {said}"
        yield from _texts(influence)


def _texts(influence: Influence) -> Iterator[str]:
    """What caused the value, where the metric names it."""
    for highlight in influence.highlights:
        yield markdown_code(f"{highlight.path} ({highlight.side})")
        parts = stretches(highlight, _CONTEXT, _SPANS)
        yield markdown_fence("".join(f"[*{text}*]" if caused else text for text, caused in parts))
