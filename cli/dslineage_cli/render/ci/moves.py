"""How metrics moved, as parts of a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.diff.recorded import RecordedDiff
from dslineage_cli.render import movements
from dslineage_cli.render.ci.budget import listed
from dslineage_cli.render.ci.prose import prose
from dslineage_cli.render.figures import ARROWS, figure_text

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult
    from dslineage.quality.movement import Movement

_LIST = 6_000
_HEAD = "| metric | | from | to | change | by | reference |\n|---|---|--:|--:|--:|---|---|"
_BARE = "| metric | | from | to | change |\n|---|---|--:|--:|--:|"


def moved(diff: DiffResult | RecordedDiff | None) -> Iterator[str]:
    """A table of what moved more than chance; from records alone, of all that moved."""
    if diff is None:
        return
    if isinstance(diff, RecordedDiff):
        head, line, told = _BARE, _bare, _known(diff.metrics)
    else:
        head, line, told = _HEAD, _row, movements.told(diff)
    if told:
        yield f"{head}\n{listed(told, line, _LIST, 'metrics')}"


def rest(diff: DiffResult | RecordedDiff | None) -> Iterator[str]:
    """What moved no more than chance, and what cannot be compared."""
    if diff is None:
        return
    if isinstance(diff, RecordedDiff):
        if _known(diff.metrics):
            yield "Whether a metric moved more than chance is not known from records alone"
    else:
        for movement in movements.told(diff):
            for label in movements.labels(movement):
                yield f"{movement.metric}: {label}"
        if unexamined := ", ".join(movements.unexamined(diff)):
            yield f"Of the whole set: {unexamined}"
        if still := ", ".join(movements.others(diff)):
            yield f"Moved no more than a random change of this size would move them: {still}"
    for names, reason, hint in movements.incomparable(diff.metrics):
        yield f"{names}not comparable: {reason}" + (f" ({hint})" if hint else "")


def _known(moves: Sequence[Movement]) -> list[Movement]:
    """What moved, those first that moved further for their size."""
    some = [one for one in moves if one.comparable and one.delta and not movements.is_count(one)]
    return sorted(some, key=lambda one: (not one.verdict, -abs(one.relative or 1), one.metric))


def _cells(movement: Movement) -> list[str]:
    """What a record says is its name alone; figures and their words are ours."""
    delta = movements.delta_text(movement.delta, movement.unit) if movement.delta else ""
    return [
        prose(movement.metric, 100),
        f"{ARROWS[movement.better]} {movement.verdict}".rstrip(),
        figure_text(movement.before, movement.unit),
        figure_text(movement.after, movement.unit),
        delta,
    ]


def _bare(movement: Movement) -> str:
    return f"| {' | '.join(_cells(movement))} |"


def _row(movement: Movement) -> str:
    by = movements.examples(movement) or movements.contributions(movement)
    cells = [*_cells(movement), by, movements.reference(movement)]
    return f"| {' | '.join(cells)} |"
