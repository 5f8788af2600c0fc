"""A diff for people: the summary first, then a few examples of each change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, elide, yellow
from dslineage_cli.render import diff_metrics, row_text, wording
from dslineage_cli.render.numbers import counted, percent

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange

_LABEL = 11
_LONGEST_SIDE = 32


def page(result: DiffResult, into: Page, compared: Sequence[str] = ()) -> Page:
    """The whole diff; `compared` are the options of comparing, for the command that comes next."""
    title = wording.title(result)
    names = wording.side_names(result)
    into.add(bold(f"{title}  " if title else ""), bold(names[0]), dim(" → "), bold(names[1]))
    into.blank()
    diff_metrics.moved(result, into)
    if result.identical:
        into.add(f"the same {counted(result.to.examples, 'example')}")
    else:
        _counts(result, into)
    _details(result, into)
    diff_metrics.rest(result, into)
    for change, rows in groupby(wording.shown_rows(result), key=lambda row: row.change):
        _examples(change, list(rows), result, into)
    _media(result, into)
    diff_metrics.why(result, into)
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
        sign, tone = row_text.MARKS[name]
        line = f"{sign} {count:>{wide},} {name:<9}"
        share = f"{percent(count, side.examples):>8} of {called}" if count else ""
        into.add("  ", tone(line) if count else dim(line), dim(share))


def _details(result: DiffResult, into: Page) -> None:
    details = [
        *(("schema", wording.schema_words(change)) for change in result.schema_changes),
        ("edits", wording.kinds_tally(result.edits)),
        ("media", wording.media_words(result.media_changed)),
        ("paired by", wording.rules_tally(result)),
        ("related", wording.related_words(result)),
        ("order", wording.order_words(result.reordered)),
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
    for row in rows:
        into.wrap(*row_text.title(row, result), indent=2, hanging=4)
        row_text.shown(row, result, into)


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
