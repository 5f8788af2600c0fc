"""A diff as Markdown, for a pull request or a page.

Examples stand only in code, where nothing is obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dslineage.diff.words import WordChange, sentence_changes
from dslineage_cli.render import metrics_markdown, wording
from dslineage_cli.render.changes import text_of
from dslineage_cli.render.numbers import counted, percent
from dslineage_cli.sanitise import markdown, markdown_code, markdown_fence

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange
    from dslineage_cli.render.changes import FieldChange

_LONGEST = 2_000
_CONTEXT = 80


def text(result: DiffResult) -> str:
    """The whole diff."""
    names = [_name(name) for name in wording.side_names(result)]
    title = " ".join(filter(None, [_name(wording.title(result)), " → ".join(names)]))
    blocks = [f"### {title}", *metrics_markdown.blocks(result), *_summary(result, names)]
    for change, rows in groupby(wording.shown_rows(result), key=lambda row: row.change):
        blocks.extend(_examples(change, list(rows), result))
    blocks.extend(_media(result))
    return "\n\n".join(blocks) + "\n"


def _media(result: DiffResult) -> Iterator[str]:
    rows = result.media_rows or ()
    if rows:
        yield f"#### other media: {len(rows):,} of {result.media_changed:,}"
    for row in rows:
        yield f"**row {row.after_position + 1:,}** {markdown_code(row.digest[:8])}"
        yield markdown_fence("\n".join(wording.media_lines(row)))


def _name(text: str) -> str:
    """A name as it is where Markdown leaves it so, else as code."""
    return text if markdown(text) == text else markdown_code(text)


def _summary(result: DiffResult, names: Sequence[str]) -> Iterator[str]:
    if result.identical:
        yield f"The same {counted(result.to.examples, 'example')}."
    else:
        yield _table(result, names)
    lines = [
        *(f"Schema: {wording.schema_words(change)}" for change in result.schema_changes),
        *_labelled("Edits: ", wording.kinds_tally(result.edits)),
        *_labelled("Media: ", wording.media_words(result.media_changed)),
        *_labelled("Paired by: ", wording.rules_tally(result)),
        *_labelled("Related: ", wording.related_words(result)),
        *_labelled("Order: ", wording.order_words(result.reordered)),
        *_labelled("Bytes: ", wording.bytes_words(result)),
        *result.notices,
    ]
    if lines:
        yield "\n".join(f"- {markdown(line)}" for line in lines)


def _labelled(label: str, words: str) -> Iterator[str]:
    if words:
        yield label + words


def _table(result: DiffResult, names: Sequence[str]) -> str:
    names = [name.replace("|", "\\|") for name in names]
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
        yield from body(row, result)


def _why(row: RowChange) -> str:
    if row.change != "edited":
        return ""
    return f" {', '.join(row.kinds)}; paired by {wording.rule_words(row)}"


def body(row: RowChange, result: DiffResult) -> Iterator[str]:
    """The texts of an example, or what an edit changed of them, in fenced blocks."""
    if row.forgotten:
        yield "forgotten"
        return
    if row.before is None or row.after is None:
        yield markdown_fence(_cut(_as_lines(row.after or row.before or {})))
        return
    for change in wording.edit_changes(row, result):
        yield markdown_code(change.label)
        yield markdown_fence("\n".join(_lines(change)), "diff")


def _as_lines(example: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {text_of(value)}" for name, value in example.items())


def _lines(change: FieldChange) -> Iterator[str]:
    """What went and what came, each with what stands next to it."""
    sides = text_of(change.before), text_of(change.after)
    if change.before is None or change.after is None or not all(sides):
        stretches = [WordChange("replace", *sides)]
    else:
        stretches = sentence_changes(*sides)
    for place, (op, before, after, _) in enumerate(stretches):
        if op == "equal":
            yield from _signed(" ", _near(before, place == 0, place == len(stretches) - 1).rstrip())
            continue
        spacing = before.split() == after.split()
        for sign, side in (("-", before), ("+", after)):
            yield from _signed(sign, _cut(side.replace("\n", "␊\n") if spacing else side))


def _near(text: str, first: bool, last: bool) -> str:
    """Equal text, cut down to what stands next to a change."""
    if len(text) <= 2 * _CONTEXT:
        return text
    head, tail = text[:_CONTEXT].rstrip(), text[-_CONTEXT:].lstrip()
    return f"…{tail}" if first else f"{head}…" if last else f"{head} … {tail}"


def _signed(sign: str, text: str) -> Iterator[str]:
    if text:
        yield from (f"{sign} {line}" for line in text.removesuffix("\n").split("\n"))


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
