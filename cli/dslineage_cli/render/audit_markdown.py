"""An audit as Markdown, for a pull request or a model card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.render import audit_words as words
from dslineage_cli.render.audit_entries import known
from dslineage_cli.sanitise import markdown, markdown_code

if TYPE_CHECKING:
    from dslineage.audit.audited import Audit
    from dslineage_cli.render.audit_entries import Entry
    from dslineage_cli.render.audit_words import Block


def text(audit: Audit) -> str:
    """The whole audit."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    yield f"# Audit of {markdown(audit.subject.node.title)}"
    yield ""
    yield from (f"- {markdown(line)}" for line in words.subject(audit.subject))
    yield ""
    yield markdown(" ".join(words.summary(audit)))
    for block in words.blocks(audit):
        yield ""
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    yield f"## {markdown(block.title)}"
    yield ""
    if block.nothing:
        yield markdown(block.nothing)
    for entry in block.entries:
        yield from _entry(entry, "")
    if block.more:
        yield f"- {markdown(block.more)}"
    if block.checked or block.unchecked:
        yield ""
    yield from (f"- Checked: {markdown(said)}" for said in block.checked)
    yield from (f"- Not checked: {markdown(said)}" for said in block.unchecked)


def _entry(entry: Entry, indent: str) -> Iterator[str]:
    said = f": {markdown(entry.said)}" if entry.said else ""
    yield f"{indent}- **{markdown(entry.lead)}**{said}"
    yield from (f"{indent}  - {markdown(detail)}" for detail in entry.details)
    if entry.ground is not None:
        yield f"{indent}  - known: {markdown(known(entry.ground))}"
    if entry.record:
        yield f"{indent}  - {markdown_code(entry.record)}"
    for inner in entry.inner:
        yield from _entry(inner, f"{indent}  ")
