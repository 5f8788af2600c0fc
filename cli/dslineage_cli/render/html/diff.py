"""A diff as one page: what changed, how metrics moved, and examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.render import wording
from dslineage_cli.render.html import charts, examples, metrics
from dslineage_cli.render.html.charts import Part
from dslineage_cli.render.html.element import Markup, element
from dslineage_cli.render.html.frame import page
from dslineage_cli.render.numbers import counted, percent

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, SideInfo

_SIGNS = {"unchanged": " ", "edited": "~", "removed": "-", "added": "+"}


def text(result: DiffResult) -> str:
    """The whole page."""
    title = " ".join(filter(None, [wording.title(result), " → ".join(wording.side_names(result))]))
    return page(
        title,
        element("h1", element("bdi", title)),
        *_summary(result),
        *metrics.section(result),
        *examples.section(result),
        *_media(result),
        *_sides(result),
    )


def _summary(result: DiffResult) -> Iterator[Markup]:
    if result.identical:
        yield element("p", f"The same {counted(result.to.examples, 'example')}.")
    else:
        yield from _counts(result)
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
    rows = [
        element("tr", element("th", label, scope="row"), element("td", said))
        for label, said in details
        if said
    ]
    if rows:
        yield element("table", element("tbody", rows), class_="facts")


def _counts(result: DiffResult) -> Iterator[Markup]:
    counts = {"unchanged": result.unchanged, **wording.totals(result)}
    older, newer = wording.side_names(result)
    examples_of = f"{result.from_.examples:,} → {result.to.examples:,} examples"
    yield element("p", element("strong", examples_of))
    yield element(
        "figure",
        charts.stack("counts", "examples by what became of them",
                     [Part(name, count, name) for name, count in counts.items()]),
    )  # fmt: skip
    rows = []
    for name, count in counts.items():
        side, called = (result.to, newer) if name == "added" else (result.from_, older)
        share = f"{percent(count, side.examples)} of {called}" if count else ""
        rows.append(
            element(
                "tr",
                element("th", *charts.legend((name, f"{_SIGNS[name]} {name}")), scope="row"),
                element("td", count, class_="number"),
                element("td", share, class_="quiet"),
            )
        )
    yield element("table", element("tbody", rows), class_="counts")


def _media(result: DiffResult) -> Iterator[Markup]:
    rows = (result.media_rows or ())[: examples.MOST]
    if not rows:
        return
    yield element("h2", f"Other media: {len(rows):,} of {result.media_changed:,}")
    items = [
        element("li", f"row {row.after_position + 1:,} ", element("code", row.digest[:8]),
                element("ul", [element("li", line) for line in wording.media_lines(row)]))
        for row in rows
    ]  # fmt: skip
    yield element("ul", items)


def _sides(result: DiffResult) -> Iterator[Markup]:
    """What was compared, to the hash."""
    yield element("h2", "What was compared")
    yield element("div", _table(result.from_, result.to), class_="wide", tabindex=0,
                  role="region", aria_label="what was compared")  # fmt: skip


def _table(*sides: SideInfo) -> Markup:
    facts = {
        "": [side.version for side in sides],
        "examples": [f"{side.examples:,}" for side in sides],
        "content hash": [side.content_hash for side in sides],
        "training hash": [side.training_hash for side in sides],
    }
    rows = [
        element(
            "tr",
            element("th", name, scope="row"),
            *(element("td", element("code", said)) for said in values),
        )
        for name, values in facts.items()
    ]
    return element("table", element("tbody", rows), class_="facts")
