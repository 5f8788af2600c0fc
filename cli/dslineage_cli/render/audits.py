"""An audit as text, JSON, Markdown or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.page import Page, Span, bold, dim, red, yellow
from dslineage_cli.render import audit_words as words
from dslineage_cli.render.audit_entries import known
from dslineage_cli.render.document import document

if TYPE_CHECKING:
    from dslineage.audit.audited import Audit
    from dslineage_cli.render.audit_entries import Entry
    from dslineage_cli.render.audit_words import Block

_TONES = {"declared": yellow, "recorded": Span, "captured": Span, "verified": Span}


def audited(audit: Audit, into: Page) -> Page:
    """The audit for people."""
    into.add(bold(audit.subject.node.title), "  ", *filter(None, [audit.subject.form]))
    for line in words.subject(audit.subject):
        into.wrap(dim(line), indent=2, hanging=2)
    into.blank()
    for line in words.summary(audit):
        into.wrap(line)
    for block in words.blocks(audit):
        _block(block, into)
    return into


def _block(block: Block, into: Page) -> None:
    into.blank()
    into.wrap(bold(block.title))
    if block.nothing:
        into.wrap(block.nothing, indent=2)
    for entry in block.entries:
        _entry(entry, into, 2)
    if block.more:
        into.wrap(dim(block.more), indent=2)
    for label, said in (("checked", block.checked), ("not checked", block.unchecked)):
        for one in said:
            into.wrap(dim(f"{label}: {one}"), indent=2, hanging=2)


def _entry(entry: Entry, into: Page, indent: int) -> None:
    lead = red(entry.lead) if entry.alarm else bold(entry.lead)
    into.wrap(lead, "  " if entry.said else "", entry.said, indent=indent, hanging=2)
    for detail in entry.details:
        into.wrap(detail, indent=indent + 2, hanging=2)
    if entry.ground is not None:
        tone = _TONES.get(str(entry.ground.evidence), Span)
        into.wrap(tone(known(entry.ground)), indent=indent + 2, hanging=2)
    for inner in entry.inner:
        _entry(inner, into, indent + 2)


def written(audit: Audit, format_: str, into: Page) -> Page | str:
    """The audit in the format that was asked for."""
    match format_:
        case "json":
            return document(audit)
        case "markdown":
            from dslineage_cli.render.audit_markdown import text

            return text(audit)
        case "html":
            from dslineage_cli.render.html.audit import text

            return text(audit)
        case _:
            return audited(audit, into)
