"""The header of a delimited file: the names of its columns, and what may be wrong with them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.canonical.rows import RowFault
from dslineage.formats.delimited import parse_cells, scan_records
from dslineage.formats.faults import Finding, bad_file

if TYPE_CHECKING:
    from dslineage.formats.base import BadSpan, Limits

_CHUNK = 1 << 16
_DELIMITERS = (";", "\t", "|", ",")


def read_header(
    path: Path, plain: Path, delimiter: str, limits: Limits, *, guessed: bool
) -> tuple[str, ...]:
    """The names of the columns.

    Args:
        path: the file as the user knows it.
        plain: where its decoded bytes are; they are not blank.
        delimiter: the character between cells.
        limits: bounds on the length of a record.
        guessed: whether nobody said that this is the delimiter.

    Raises:
        BadDataError: the header cannot be read, a name is blank or stands twice, nothing
            follows the header, or another delimiter would fit better.
    """
    records, bad = _first_records(plain, delimiter, limits)
    if bad and not (records and records[0][0] < bad[0].start):
        first = bad[0]
        raise bad_file(path, first.code, first.message, plain=plain, offset=first.offset)
    start, stop = records[0]
    with plain.open("rb") as file:
        file.seek(start)
        cells = parse_cells(file.read(stop - start), delimiter)
    if isinstance(cells, RowFault):
        offset = start + cells.offset
        raise bad_file(path, cells.code, cells.message, plain=plain, offset=offset)
    finding = (_wrong_delimiter(cells, delimiter) if guessed else None) or _wrong_names(cells)
    if finding:
        raise bad_file(path, *finding, plain=plain, offset=start)
    if len(records) == 1 and not bad:
        message = "nothing follows the header"
        raise bad_file(path, "no-records", message, plain=plain, offset=stop)
    return tuple(cells)


def _first_records(
    plain: Path, delimiter: str, limits: Limits
) -> tuple[list[tuple[int, int]], list[BadSpan]]:
    """The first records of a file, the header and at least one more, or its first fault."""
    records: list[tuple[int, int]] = []
    bad: list[BadSpan] = []
    for spans in scan_records(plain, delimiter, limits, _CHUNK):
        records += zip(spans.start.tolist(), spans.stop.tolist(), strict=True)
        bad += spans.bad
        if bad or len(records) > 1:
            break
    return records, bad


def _wrong_delimiter(cells: list[str], delimiter: str) -> Finding | None:
    """Whether the one cell of the header looks as if something else separated columns."""
    others = (other for other in _DELIMITERS if other != delimiter and other in cells[0])
    if len(cells) > 1 or (other := next(others, None)) is None:
        return None
    hint = "--format tsv" if other == "\t" else f"--delimiter {shlex.quote(other)}"
    return Finding("one-column", f"the header has one column, but {other!r} in it", hint)


def _wrong_names(cells: list[str]) -> Finding | None:
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells, 1):
        if not cell.strip():
            return Finding("blank-header", f"column {number} of {len(cells)} has no name")
        if cell in seen:
            where = f"columns {seen[cell]} and {number}"
            return Finding("duplicate-header", f"two columns are called {cell!r:.80}: {where}")
        seen[cell] = number
    return None
