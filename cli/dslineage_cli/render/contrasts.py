"""The difference of two models, runs or mixtures, in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.contrast.models import ModelDiff
from dslineage_cli.options import Format
from dslineage_cli.render import mixture_diffs, model_diffs, model_markdown
from dslineage_cli.render.document import document

if TYPE_CHECKING:
    from dslineage.verbs.contrasting import Contrast
    from dslineage_cli.page import Page

FORMATS = (Format.TEXT, Format.MD, Format.JSON)


def written(result: Contrast, format_: Format, into: Page) -> Page | str:
    """The difference as a page, or as the text of a file, in one of `FORMATS`."""
    if format_ is Format.JSON:
        return document(result)
    markdown = format_ is Format.MD
    if isinstance(result, ModelDiff):
        return model_markdown.text(result) if markdown else model_diffs.page(result, into)
    return mixture_diffs.markdown_text(result) if markdown else mixture_diffs.page(result, into)
