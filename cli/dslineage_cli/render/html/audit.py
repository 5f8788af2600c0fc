"""An audit as one page, to be read on a screen or printed and filed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.render import audit_words as words
from dslineage_cli.render.audit_entries import known
from dslineage_cli.render.html.element import Markup, element
from dslineage_cli.render.html.frame import page

if TYPE_CHECKING:
    from dslineage.audit.audited import Audit
    from dslineage.audit.lines import Ground
    from dslineage_cli.render.audit_entries import Entry
    from dslineage_cli.render.audit_words import Block


def text(audit: Audit) -> str:
    """The whole page."""
    title = f"Audit of {audit.subject.node.title}"
    facts = [element("li", line) for line in words.subject(audit.subject)]
    return page(
        title,
        element("h1", element("bdi", title)),
        *(element("p", line) for line in words.summary(audit)),
        element("ul", facts, class_="quiet") if facts else None,
        *(part for block in words.blocks(audit) for part in _block(block)),
    )


def _block(block: Block) -> Iterator[Markup]:
    yield element("h2", block.title)
    if block.nothing:
        yield element("p", block.nothing)
    rows = [row for entry in block.entries for row in _rows(entry, 0)]
    if rows:
        body = element("table", element("tbody", rows), class_="lines")
        yield element("div", body, class_="wide", tabindex=0, role="region", aria_label=block.title)
    if block.more:
        yield element("p", block.more, class_="quiet")
    limits = [
        *(element("li", "Checked: ", said) for said in block.checked),
        *(element("li", "Not checked: ", said) for said in block.unchecked),
    ]
    if limits:
        yield element("ul", limits, class_="limits")


def _rows(entry: Entry, depth: int) -> Iterator[Markup]:
    """An entry as a row of a table, and those within it as further ones."""
    name = element("bdi", element("strong", entry.lead, class_="worse" if entry.alarm else None))
    yield element(
        "tr",
        element("td", name),
        element(
            "td",
            element("div", entry.said) if entry.said else None,
            *(element("div", detail, class_="quiet") for detail in entry.details),
            element("div", element("code", entry.record, class_="quiet")) if entry.record else None,
            class_="long",
        ),
        element("td", _known(entry.ground)),
        class_="inner" if depth else None,
    )
    for inner in entry.inner:
        yield from _rows(inner, depth + 1)


def _known(ground: Ground | None) -> Iterator[Markup]:
    """How something is known: the word first."""
    if ground is not None:
        word, _, more = known(ground).partition(" ")
        tone = "warning" if ground.evidence == "declared" else None
        yield element("strong", word, class_=tone)
        yield element("div", more, class_="quiet")
