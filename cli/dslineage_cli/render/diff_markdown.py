"""A diff as Markdown, for a pull request or a page.

Examples stand only in code, where nothing is obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dslineage_cli.render import wording
from dslineage_cli.render.changes import field_changes, text_of
from dslineage_cli.render.numbers import counted, percent
from dslineage_cli.sanitise import markdown, markdown_code, markdown_fence

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange

_LONGEST = 2_000


def text(result: DiffResult) -> str:
    """The whole diff."""
    names = [markdown(name) for name in (result.from_.version, result.to.version)]
    title = " ".join(filter(None, [markdown(result.dataset), " → ".join(names)]))
    blocks = [f"### {title}", *_summary(result, names)]
    for change, rows in groupby(wording.shown_rows(result), key=lambda row: row.change):
        blocks.extend(_examples(change, list(rows), result))
    return "\n\n".join(blocks) + "\n"


def _summary(result: DiffResult, names: Sequence[str]) -> Iterator[str]:
    if result.identical:
        yield f"The same {counted(result.to.examples, 'example')}."
    else:
        yield _table(result, names)
    lines = [
        *(f"Schema: {wording.schema_words(change)}" for change in result.schema_changes),
        *_labelled("Edits: ", wording.kinds_tally(result)),
        *_labelled("Paired by: ", wording.rules_tally(result)),
        *_labelled("Related, not counted: ", f"{result.related:,}" if result.related else ""),
        *_labelled("Order: ", wording.order_words(result)),
        *result.notices,
    ]
    if lines:
        yield "\n".join(f"- {markdown(line)}" for line in lines)


def _labelled(label: str, words: str) -> Iterator[str]:
    if words:
        yield label + words


def _table(result: DiffResult, names: Sequence[str]) -> str:
    rows = [f"| | examples | share |\n|---|--:|--:|\n| {names[0]} | {result.from_.examples:,} | |"]
    for change, count in {"unchanged": result.unchanged, **wording.totals(result)}.items():
        whole = (result.to if change == "added" else result.from_).examples
        rows.append(f"| {change} | {count:,} | {percent(count, whole)} |")
    rows.append(f"| {names[1]} | {result.to.examples:,} | |")
    return "\n".join(rows)


def _examples(change: str, rows: Sequence[RowChange], result: DiffResult) -> Iterator[str]:
    total = wording.totals(result)[change]
    count = f"{len(rows):,} of {total:,}" if len(rows) < total else f"{total:,}"
    yield f"#### {change}: {count}"
    for row in rows:
        yield f"**row {wording.places(row)}** {markdown_code(wording.digests(row))}{_why(row)}"
        yield from _body(row)


def _why(row: RowChange) -> str:
    if row.change != "edited":
        return ""
    return f" {', '.join(row.kinds)}; paired by {wording.rule_words(row)}"


def _body(row: RowChange) -> Iterator[str]:
    if row.before is None or row.after is None:
        yield markdown_fence(_cut(_as_lines(row.after or row.before or {})))
        return
    for change in field_changes(row.before, row.after):
        sides = [("-", change.before), ("+", change.after)]
        lines = [_prefixed(sign, _cut(text_of(side))) for sign, side in sides if side is not None]
        yield markdown_code(change.label)
        yield markdown_fence("\n".join(lines), "diff")


def _as_lines(example: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {text_of(value)}" for name, value in example.items())


def _prefixed(sign: str, value: str) -> str:
    return "\n".join(f"{sign} {line}" for line in value.split("\n"))


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
