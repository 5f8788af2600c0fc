"""A diff as a sheet for people: one line for each changed example."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from dslineage_cli.render import wording
from dslineage_cli.render.changes import field_changes, text_of
from dslineage_cli.sanitise import cell

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, MediaChange, RowChange

HEADER = (
    "change", "kinds", "rule", "confidence", "before_position", "after_position",
    "before_digest", "after_digest", "fields", "before", "after",
)  # fmt: skip


def text(result: DiffResult) -> str:
    """The changed examples; `before` and `after` hold the examples as JSON.

    Of unchanged examples that show other media, they hold the digests of those, by name.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(HEADER)
    for row in wording.shown_rows(result):
        writer.writerow([cell(value) for value in _cells(row)])
    for change in result.media_rows or ():
        writer.writerow([cell(value) for value in _media_cells(change)])
    return sheet.getvalue()


def _media_cells(change: MediaChange) -> tuple[str, ...]:
    before, after = ({name: sides[at] for name, sides in change.media.items()} for at in (0, 1))
    places = (str(change.before_position), str(change.after_position))
    digests = (change.digest, change.digest)
    return ("media", "media", "", "", *places, *digests, "", text_of(before), text_of(after))


def _cells(row: RowChange) -> tuple[str, ...]:
    edited = row.change == "edited"
    changed = field_changes(row.before, row.after) if edited else ()
    return (
        row.change,
        " ".join(row.kinds),
        row.rule,
        f"{row.confidence:g}" if edited else "",
        *("" if at is None else str(at) for at in (row.before_position, row.after_position)),
        row.before_digest,
        row.after_digest,
        " ".join(change.path for change in changed),
        text_of(row.before),
        text_of(row.after),
    )
