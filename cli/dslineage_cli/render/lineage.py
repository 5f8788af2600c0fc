"""Lineage in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.render import lineage_lists, lineage_text
from dslineage_cli.render.document import document

if TYPE_CHECKING:
    from dslineage.lineage.picture import Picture
    from dslineage.lineage.summary import Gaps, Reach, Summary
    from dslineage_cli.page import Page


def picture(found: Picture, format_: str, into: Page, *, every: bool = False) -> Page | str:
    """A part of the graph; as text the nearest nodes, or `every` one."""
    match format_:
        case "text":
            return lineage_text.page(found, into, every=every)
        case "mermaid":
            from dslineage_cli.render.lineage_mermaid import text

            return text(found)
        case "dot":
            from dslineage_cli.render.lineage_dot import text

            return text(found)
        case "graphml":
            from dslineage_cli.render.lineage_graphml import text

            return text(found)
        case "html":
            from dslineage_cli.render.html.lineage import text

            return text(found)
        case _:
            return document(found)


def impact(found: Reach, format_: str, into: Page) -> Page | str:
    """What rests on a node."""
    return document(found) if format_ == "json" else lineage_lists.impact(found, into)


def gaps(found: Gaps, format_: str, into: Page) -> Page | str:
    """What is not known."""
    return document(found) if format_ == "json" else lineage_lists.gaps(found, into)


def summary(found: Summary, format_: str, into: Page) -> Page | str:
    """The graph at a glance."""
    return document(found) if format_ == "json" else lineage_lists.summary(found, into)
