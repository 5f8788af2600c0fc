"""One changed example on a page: where it stands, and what changed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dslineage_cli.page import Page, Span, columns, dim, elide, green, padded, red, yellow
from dslineage_cli.render import wording
from dslineage_cli.render.changes import said, speaker, text_of
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.words import spans

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange

MARKS: Mapping[str, tuple[str, Callable[[str], Span]]] = {
    "unchanged": (" ", Span),
    "edited": ("~", yellow),
    "removed": ("-", red),
    "added": ("+", green),
}
_LABEL = 11
_VALUES_SHOWN = 8
_LINES_PER_CHANGE = 5
_LINES_PER_VALUE = 2
_SHORT = 28
_WIDEST_LABEL = 17


def shown(row: RowChange, result: DiffResult, into: Page) -> None:
    """What changed in an edited example, or what an added or removed one is."""
    if row.before is not None and row.after is not None:
        _edit(row, result, into)
        return
    if row.forgotten:
        into.add(dim("forgotten"), indent=6)
        return
    example = row.after or row.before or {}
    key = result.to.key or result.from_.key
    _example({name: example[name] for name in example if name != key}, into)


def title(row: RowChange, result: DiffResult) -> Iterator[Span]:
    """Where the example stands, what it is called, and why it is there."""
    sign, tone = MARKS[row.change]
    key = result.to.key or result.from_.key
    yield tone(f"{sign} row {wording.places(row)}")
    yield dim(f"  {wording.digests(row)}")
    example = row.after or row.before or {}
    if key is not None and key in example:
        yield Span(f"  {key} {elide(text_of(example[key]), _SHORT)}")
    if row.kinds:
        yield yellow(f"  {', '.join(row.kinds)}")
    if row.rule:
        yield dim(f"  paired by {wording.rule_words(row)}")


def _edit(row: RowChange, result: DiffResult, into: Page) -> None:
    changes = wording.edit_changes(row, result)
    for change in changes[:_VALUES_SHOWN]:
        into.add(dim(change.label), indent=6)
        room = (into.width - 8) * _LINES_PER_CHANGE
        words = spans(text_of(change.before), text_of(change.after), room)
        into.wrap(*words, indent=8, most=_LINES_PER_CHANGE)
    _rest(len(changes) - _VALUES_SHOWN, "changed field", into)


def _example(example: Mapping[str, Any], into: Page) -> None:
    found = [value for value in values(example) if value[1]]
    brief = [f"{name} {text}" for name, text, speaker in found if not speaker and _fits(text)]
    into.wrap(dim(" · ".join(brief)), indent=6, most=_LINES_PER_VALUE)
    long = [(name, text) for name, text, speaker in found if speaker or not _fits(text)]
    room = min(_WIDEST_LABEL, max([_LABEL, *(columns(name) + 1 for name, _ in long)]))
    for name, text in long[:_VALUES_SHOWN]:
        shown = elide(text, (into.width - 6 - room) * _LINES_PER_VALUE)
        label = dim(padded(elide(name, room - 1), room))
        into.wrap(label, shown, indent=6, hanging=room, most=_LINES_PER_VALUE + 1)
    _rest(len(long) - _VALUES_SHOWN, "field", into)


def values(example: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The fields of an example as text, a list of messages as who says what.

    The last item says whether the first is who speaks.
    """
    for name, value in example.items():
        if isinstance(value, list) and value and all(map(speaker, value)):
            yield from ((speaker(turn), said(turn), True) for turn in value)
        else:
            yield name, text_of(value), False


def _fits(text: str) -> bool:
    return len(text) <= _SHORT and "\n" not in text


def _rest(count: int, what: str, into: Page) -> None:
    if count > 0:
        into.add(dim(f"… and {counted(count, f'more {what}')}"), indent=6)
