"""A diff in the format that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.diff.recorded import RecordedDiff
from dslineage_cli.options import Format
from dslineage_cli.render import diff_csv, diff_markdown, diff_recorded, diff_text, metrics_csv
from dslineage_cli.render.document import document
from dslineage_cli.render.html import diff as diff_html

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult
    from dslineage_cli.page import Page


def written(
    result: DiffResult | RecordedDiff, format_: Format, into: Page, compared: Sequence[str] = ()
) -> Page | str:
    """The diff as a page or as the text of a file; `compared` are the options of comparing."""
    if format_ is Format.JSON:
        return document(result)
    if isinstance(result, RecordedDiff):
        return diff_recorded.page(result, into)
    match format_:
        case Format.TEXT:
            return diff_text.page(result, into, compared)
        case Format.MD:
            return diff_markdown.text(result)
        case Format.HTML:
            return diff_html.text(result)
        case Format.CSV:
            return _csv(result)


def _csv(result: DiffResult) -> str:
    if not result.asked:
        return diff_csv.text(result)
    return metrics_csv.examples(result) if result.why else metrics_csv.moves(result)
