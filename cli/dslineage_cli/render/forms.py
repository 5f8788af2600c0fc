"""Documents in the forms of standards, as the text of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dslineage.standards.draft import Draft
from dslineage.standards.hfcard import Card
from dslineage_cli.page import dim
from dslineage_cli.render.document import dumped
from dslineage_cli.render.draft_markdown import draft_markdown
from dslineage_cli.sanitise import json_text

if TYPE_CHECKING:
    from dslineage.standards.document import Document
    from dslineage_cli.page import Page


def text(document: Document) -> str:
    """The document as the text of its file: JSON, an event a line, YAML, or Markdown."""
    content = document.content
    match content:
        case Card():
            return content.text
        case Draft():
            return draft_markdown(content)
        case Mapping():
            return dumped(content)
        case _:
            lines = (json.dumps(event, ensure_ascii=False) for event in content)
            return "".join(f"{json_text(line)}\n" for line in lines)


def summary(document: Document, page: Page) -> Page:
    """What a person should know of a document that was written: its gaps and empty boxes."""
    if isinstance(document.content, Draft):
        empty = [box.number for box in document.content.boxes if box.state == "empty"]
        if empty:
            page.wrap(dim(f"a draft; empty boxes: {', '.join(empty)}"))
    if document.gaps:
        node, gap = document.gaps[0]
        what = "1 thing is" if len(document.gaps) == 1 else f"{len(document.gaps):,} things are"
        page.wrap(dim(f"{what} not known, the first: {node.ref}: {gap.message}"))
        page.next(f"dslineage lineage {document.of.ref} --gaps")
    return page
