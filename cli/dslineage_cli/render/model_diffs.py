"""What differs between two models or runs, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, cyan, dim, green, red, yellow
from dslineage_cli.render import model_words as words

if TYPE_CHECKING:
    from dslineage.contrast.models import ModelDiff

_TONES = {"better": green, "worse": red}


def page(result: ModelDiff, into: Page) -> Page:
    """The whole difference."""
    into.wrap(bold(result.from_.node.title), " → ", bold(result.to.node.title))
    _circumstances(result, into)
    _data(result, into)
    _quality(result, into)
    if result.scores:
        _part(words.SCORES, into)
    for scored in result.scores:
        into.wrap(bold(words.evaluation(scored)), f"  {words.score(scored)}", indent=2, hanging=4)
    _candidates(result, into)
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, hanging=6)
    return into


def _circumstances(result: ModelDiff, into: Page) -> None:
    _part(words.NOT_DATA, into)
    for fact in result.different:
        into.wrap(yellow(fact.name), f"  {words.sides_of(fact)}", indent=2, hanging=4)
    for line in words.other_facts(result):
        into.wrap(dim(line), indent=2, hanging=4)


def _data(result: ModelDiff, into: Page) -> None:
    _part(f"{words.DATA}: {words.shown(result)}", into)
    for change in result.changes:
        tone = dim if change.change == "same" else bold
        into.wrap(tone(change.dataset), f"  {words.change_words(change)}", indent=2, hanging=4)
    for line in words.unknown_words(result):
        into.wrap(yellow("not known: "), line, indent=2, hanging=4)


def _quality(result: ModelDiff, into: Page) -> None:
    if not result.moves:
        return
    _part(words.QUALITY, into)
    for move in words.told(result):
        tone = _TONES.get(move.verdict, dim)
        into.wrap(bold(move.metric), f"  {words.figures(move)}  ", tone(move.verdict), indent=2)
        for command in move.behind[:1]:
            into.add(cyan(command), indent=4)
    for line in words.others(result):
        into.wrap(dim(line), indent=2, hanging=4)


def _candidates(result: ModelDiff, into: Page) -> None:
    _part(words.CANDIDATES, into)
    for number, change in enumerate(result.candidates, start=1):
        into.wrap(
            f"{number}. ",
            bold(change.dataset),
            f"  {words.size_words(change)}",
            indent=2,
            hanging=3,
        )
        for command in change.commands:
            into.add(cyan(command), indent=5)
    for line in words.conclusion(result):
        into.wrap(line, indent=2, hanging=2)


def _part(title: str, into: Page) -> None:
    into.blank()
    into.add(bold(title))
