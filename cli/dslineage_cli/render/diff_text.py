"""A diff for people: the summary first, then a few examples of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dslineage_cli.page import Page, Span, bold, columns, dim, elide, green, padded, red, yellow
from dslineage_cli.render import wording
from dslineage_cli.render.changes import said, speaker, text_of
from dslineage_cli.render.numbers import counted, percent
from dslineage_cli.render.words import spans

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange

_MARKS: Mapping[str, tuple[str, Callable[[str], Span]]] = {
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
_LONGEST_SIDE = 32


def page(result: DiffResult, into: Page, compared: Sequence[str] = ()) -> Page:
    """The whole diff; `compared` are the options of comparing, for the command that comes next."""
    title = wording.title(result)
    names = wording.side_names(result)
    into.add(bold(f"{title}  " if title else ""), bold(names[0]), dim(" → "), bold(names[1]))
    into.blank()
    if result.identical:
        into.add(f"the same {counted(result.to.examples, 'example')}")
    else:
        _counts(result, into)
    _details(result, into)
    for change, rows in groupby(wording.shown_rows(result), key=lambda row: row.change):
        _examples(change, list(rows), result, into)
    _media(result, into)
    if command := wording.next_command(result, compared):
        into.blank()
        into.next(command)
    return into


def _counts(result: DiffResult, into: Page) -> None:
    counts = {"unchanged": result.unchanged, **wording.totals(result)}
    wide = max(len(f"{count:,}") for count in counts.values())
    into.add(f"{result.from_.examples:,} → {result.to.examples:,} examples")
    older, newer = (elide(name, _LONGEST_SIDE) for name in wording.side_names(result))
    for name, count in counts.items():
        side, called = (result.to, newer) if name == "added" else (result.from_, older)
        sign, tone = _MARKS[name]
        line = f"{sign} {count:>{wide},} {name:<9}"
        share = f"{percent(count, side.examples):>8} of {called}" if count else ""
        into.add("  ", tone(line) if count else dim(line), dim(share))


def _details(result: DiffResult, into: Page) -> None:
    details = [
        *(("schema", wording.schema_words(change)) for change in result.schema_changes),
        ("edits", wording.kinds_tally(result)),
        ("media", wording.media_words(result)),
        ("paired by", wording.rules_tally(result)),
        ("related", wording.related_words(result)),
        ("order", wording.order_words(result)),
        ("bytes", wording.bytes_words(result)),
        *(("note", notice) for notice in result.notices),
    ]
    into.blank()
    for label, text in details:
        if text:
            into.wrap(dim(f"{label:<{_LABEL}}"), text, indent=2, hanging=_LABEL)


def _examples(change: str, rows: Sequence[RowChange], result: DiffResult, into: Page) -> None:
    total = wording.totals(result)[change]
    into.blank()
    into.add(bold(change), dim(f"  {len(rows):,} of {total:,}" if len(rows) < total else ""))
    key = result.to.key or result.from_.key
    for row in rows:
        into.wrap(*_title(row, key), indent=2, hanging=4)
        if row.before is not None and row.after is not None:
            _edit(row, result, into)
        else:
            example = row.after or row.before or {}
            _example({name: example[name] for name in example if name != key}, into)


def _media(result: DiffResult, into: Page) -> None:
    rows = result.media_rows or ()
    if not rows:
        return
    into.blank()
    shown = f"  {len(rows):,} of {result.media_changed:,}"
    into.add(bold("other media"), dim(shown if len(rows) < result.media_changed else ""))
    for row in rows:
        into.wrap(yellow(f"~ row {row.after_position + 1:,}"), dim(f"  {row.digest[:8]}"), indent=2)
        for line in wording.media_lines(row):
            into.wrap(line, indent=6, hanging=2)


def _title(row: RowChange, key: str | None) -> Iterator[Span]:
    """Where the example stands, what it is called, and why it is there."""
    sign, tone = _MARKS[row.change]
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
    values = [value for value in _values(example) if value[1]]
    brief = [f"{name} {text}" for name, text, speaker in values if not speaker and _fits(text)]
    into.wrap(dim(" · ".join(brief)), indent=6, most=_LINES_PER_VALUE)
    long = [(name, text) for name, text, speaker in values if speaker or not _fits(text)]
    room = min(_WIDEST_LABEL, max([_LABEL, *(columns(name) + 1 for name, _ in long)]))
    for name, text in long[:_VALUES_SHOWN]:
        shown = elide(text, (into.width - 6 - room) * _LINES_PER_VALUE)
        label = dim(padded(elide(name, room - 1), room))
        into.wrap(label, shown, indent=6, hanging=room, most=_LINES_PER_VALUE + 1)
    _rest(len(long) - _VALUES_SHOWN, "field", into)


def _values(example: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
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
