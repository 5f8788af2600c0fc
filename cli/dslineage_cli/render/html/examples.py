"""Changed examples on a page: what stands where, which words changed, and what caused a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage_cli.page import elide
from dslineage_cli.render import movements, row_text, wording
from dslineage_cli.render.changes import text_of
from dslineage_cli.render.highlights import stretches
from dslineage_cli.render.html.element import Content, Markup, element
from dslineage_cli.render.numbers import counted
from dslineage_cli.render.words import COARSE, pieces

if TYPE_CHECKING:
    from dslineage.diff.cause import Highlight, Influence
    from dslineage.diff.result import DiffResult, RowChange
    from dslineage.quality.movement import Movement
    from dslineage_cli.render.changes import FieldChange

MOST = 300
"""Examples that one page holds, so that a browser can show it."""

_SIGNS = {"edited": "~", "removed": "-", "added": "+"}
_TONES = {"edited": "edit", "removed": "gone", "added": "come"}
_VALUES = 20
_LONGEST = 2_000
_RUN = 600
_CONTEXT = 60
_SPANS = 20
_TAGS = {"gone": "del", "come": "ins"}


def section(result: DiffResult) -> Iterator[Markup]:
    """The examples that were drawn or asked for, and a way to choose among them."""
    rows = wording.shown_rows(result)
    if not rows:
        return
    shown = rows[:MOST]
    yield element("h2", "Examples", id="examples-title")
    counts = wording.totals(result)
    drawn = {name: sum(row.change == name for row in shown) for name in counts}
    told = (f"{drawn[name]:,} of {count:,} {name}" for name, count in counts.items() if count)
    yield element("p", ", ".join(told), class_="quiet")
    if len(shown) < len(rows):
        yield element("p", f"A page holds {MOST} examples; --format csv has all.", class_="warning")
    yield _filter(shown)
    yield element("div", [_card(row, result) for row in shown], id="examples")


def _filter(rows: Sequence[RowChange]) -> Markup:
    changes = dict.fromkeys(row.change for row in rows)
    kinds = sorted({kind for row in rows for kind in row.kinds})
    return element(
        "form",
        element("fieldset", element("legend", "Show", class_="quiet"), map(_box, changes)),
        element("fieldset", element("legend", "Edits of", class_="quiet"), map(_box, kinds))
        if kinds
        else None,
        element("label", "Containing ", element("input", type="search", autocomplete="off")),
        element("output", aria_live="polite", class_="quiet"),
        id="filter",
        class_="card",
        hidden=True,
    )


def _box(name: str) -> Markup:
    box = element("input", type="checkbox", value=name, checked=True, autocomplete="off")
    return element("label", box, f" {_SIGNS.get(name, '')} {name}".replace("  ", " "))


def _card(row: RowChange, result: DiffResult) -> Markup:
    tags = " ".join((row.change, *row.kinds))
    content = _body(row, result)
    return element("article", _title(row, result), content, class_="card example", data_tags=tags)


def cause(influence: Influence, movement: Movement, result: DiffResult) -> Markup:
    """An example that moved a metric: its values, and what caused them."""
    row = influence.row
    effect = movements.effect_of(influence, movement)
    marks = list(influence.highlights)
    return element(
        "article",
        _title(row, result),
        element("p", f"{movement.metric} {movements.values(influence)}",
                element("span", f", which moved the figure by {effect}", class_="quiet")),
        element("dl", [part for mark in marks for part in _highlighted(mark)]) if marks else None,
        None if marks else _body(row, result),
        class_="example",
    )  # fmt: skip


def _title(row: RowChange, result: DiffResult) -> Markup:
    key = result.to.key or result.from_.key
    example = row.after or row.before or {}
    named = f" {key} {elide(text_of(example[key]), 60)}" if key and key in example else ""
    said = f" {', '.join(row.kinds)}" if row.kinds else ""
    rule = f" paired by {wording.rule_words(row)}" if row.rule else ""
    return element(
        "p",
        element("strong", f"{_SIGNS[row.change]} {row.change}", class_=_TONES[row.change]),
        f" row {wording.places(row)}",
        element("bdi", named),
        element("span", said, class_="edit"),
        element("span", rule, class_="quiet"),
        " ",
        element("code", wording.digests(row), class_="quiet"),
    )


def _body(row: RowChange, result: DiffResult) -> Markup:
    """What an edit changed, or what an added or removed example is."""
    if row.forgotten:
        return element("p", "forgotten", class_="quiet")
    if row.before is not None and row.after is not None:
        changes = wording.edit_changes(row, result)
        shown = [part for change in changes[:_VALUES] for part in _change(change)]
        left, what = len(changes) - _VALUES, "more changed field"
    else:
        values = [one for one in row_text.values(row.after or row.before or {}) if one[1]]
        shown = [part for name, text, _ in values[:_VALUES] for part in _field(name, _cut(text))]
        left, what = len(values) - _VALUES, "more field"
    rest = element("dt", f"and {counted(left, what)}") if left > 0 else None
    return element("dl", shown, rest)


def _field(name: str, *content: Content) -> Iterator[Markup]:
    yield element("dt", element("bdi", elide(name, 200)))
    yield element("dd", *content, dir="auto")


def _change(change: FieldChange) -> Iterator[Markup]:
    shown, coarse = pieces(text_of(change.before), text_of(change.after), _RUN)
    words: list[Content] = [
        element(_TAGS[what], text) if what in _TAGS else text for what, text in shown
    ]
    if coarse:
        words.append(element("span", f" ({COARSE})", class_="quiet"))
    yield from _field(change.label, words)


def _cut(text: str) -> Content:
    if len(text) <= _LONGEST:
        return text
    more = f" … and {counted(len(text) - _LONGEST, 'more character')}"
    return [text[:_LONGEST], element("span", more, class_="quiet")]


def _highlighted(highlight: Highlight) -> Iterator[Markup]:
    """The text around what caused the value, which is marked."""
    parts = (
        element("mark", _cut(text)) if caused else text
        for text, caused in stretches(highlight, _CONTEXT, _SPANS)
    )
    yield from _field(f"{highlight.path} ({highlight.side})", parts)
