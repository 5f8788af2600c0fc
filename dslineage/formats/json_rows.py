"""JSON records as rows: what the strict parser says, in the words of data files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import Row, RowFault

if TYPE_CHECKING:
    from dslineage.formats.base import Limits

JSON_CONTEXT = b'{"format":"json"}'
"""The bytes of a JSON object mean the same in a line of JSON Lines and in an array."""

MERGE_MARKER = re.compile(rb"<<<<<<< |>>>>>>> |\|\|\|\|\|\|\| |=======(?=\s|$)")


def parse_json(
    records: Sequence[bytes], limits: Limits, raw: memoryview | None = None
) -> list[Row | RowFault]:
    """The rows of some JSON texts, one result for each."""
    rows = parse_rows(records, limits.depth, raw)
    for place, row in enumerate(rows):
        if isinstance(row, RowFault):
            rows[place] = _named(row, records[place])
    return rows


def _named(fault: RowFault, record: bytes) -> RowFault:
    """The fault, under the name of the mishap that made it where that can be told."""
    if MERGE_MARKER.match(record):
        return merge_marker_fault()
    if fault.code == "extra-data" and record[fault.offset :].startswith(b"{"):
        message = "a second object begins here, after the end of the first"
        return RowFault("two-values", message, fault.offset, fault.path)
    return fault


def merge_marker_fault() -> RowFault:
    """The fault of a record that git wrote into the file."""
    return RowFault("merge-markers", "a git merge conflict that nobody resolved", 0)
