"""Sheets as files: CSV, XLSX and JSONL, written, and read again as people left them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.reviewing.mangling import Formula, Value, as_text
from dslineage.reviewing.sheet import ANSWERS, BLIND_VERDICTS, MARKS, VERDICTS, Sheet
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS = ("csv", "xlsx", "jsonl")
_NAME = "sample"
_MOST_BYTES = 256 << 20
"""Bytes that come out of a workbook, and below, cells of its sheet: no sample has more."""
_MOST_CELLS = 2_000_000
_NO_WORKBOOK = (
    zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError,
    ArithmeticError, SyntaxError, RuntimeError, OSError, EOFError,
)  # fmt: skip
"""What openpyxl, zipfile and the XML parser raise over bytes that are no workbook."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_HOW = (
    "Fill in the verdict ({verdicts}), and a note or your name if you like.",
    "Texts can be edited in their cells; `dslineage apply FILE` brings the edits home.",
    "Columns that begin with `before: ` and cells that begin with `[read-only` are for reading.",
    "A ' in front of a text keeps the spreadsheet from running it; it is taken away again.",
    "Rows may be sorted, filtered and deleted; a deleted row is no change. Sort whole rows.",
    "The grey columns at the right say which example each row is: leave them as they are.",
)
_HOW_BLIND = (
    "Fill in which side is better: {verdicts}. Which side is the new one is not told.",
    "`dslineage review import FILE` brings the verdicts home. Texts here are for reading.",
    "Rows may be sorted, filtered and deleted. Sort whole rows.",
    "The grey columns at the right say which example each row is: leave them as they are.",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet that was read: its number in the file, from 1, and its cells."""

    number: int
    cells: Mapping[str, Value]

    def text(self, column: str) -> str:
        """A cell as a text, without white space around it."""
        return as_text(self.cells.get(column)).strip()


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet as people left it. `spreadsheet` says whether cells were defused."""

    path: Path
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    spreadsheet: bool

    @property
    def dataset(self) -> str:
        """The data set that the rows are of.

        Raises:
            BadDataError: there are no rows, or they are of several.
        """
        names = sorted({line.text("dataset") for line in self.lines})
        if len(names) != 1:
            what = f"rows of several data sets: {', '.join(names)}" if names else "no rows"
            raise BadDataError(f"{self.path.name} has {what}", kind="no-sheet")
        return names[0]

    @property
    def blind(self) -> bool:
        """Whether it hides which side is the new one."""
        return {"A", "B"} <= set(self.header)

    def column(self, name: str) -> int:
        """The number of a column, from 1; of one that is not there, 1."""
        return self.header.index(name) + 1 if name in self.header else 1


def write_sheet(sheet: Sheet, path: Path, format_: str, *, blind: bool) -> None:
    """Write a sheet to a file; the same sheet gives the same bytes."""
    match format_:
        case "csv":
            data = _csv(sheet)
        case "xlsx":
            data = _xlsx(sheet, blind=blind)
        case _:
            data = b"".join(
                orjson.dumps({name: row.get(name, "") for name in _filled(sheet, row)}) + b"\n"
                for row in sheet.rows
            )
    write_file(path, data)


def read_sheet(path: Path) -> Filled:
    """Read a sheet that `write_sheet` wrote and people filled in.

    Raises:
        NotFoundError: there is no such file.
        UsageError: its name does not say a format that can be read.
        BadDataError: it is no sheet of a sample.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", kind="no-file")
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(
            f"{path.name} is no sheet that can be read",
            kind="unknown-format",
            hint="save it as .xlsx or .csv",
        )
    data = path.read_bytes()
    if kind == "jsonl":
        return _read_lines(path, data)
    grid = _read_csv(path, data) if kind == "csv" else _read_xlsx(path, data)
    header = tuple(as_text(cell).strip() for cell in grid[0]) if grid else ()
    _check(path, header)
    lines = [
        Line(number, dict(zip(header, row, strict=False)))
        for number, row in enumerate(grid[1:], 2)
        if any(cell not in (None, "") for cell in row)
    ]
    return Filled(path, header, tuple(lines), spreadsheet=True)


def _csv(sheet: Sheet) -> bytes:
    # A byte-order mark: without one, Excel reads UTF-8 as the code page of the country.
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.header)
    for row in sheet.rows:
        writer.writerow([row.get(name, "") for name in sheet.header])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _filled(sheet: Sheet, row: Mapping[str, str]) -> Sequence[str]:
    return [name for name in sheet.header if name in row or name in ANSWERS]


def _xlsx(sheet: Sheet, *, blind: bool) -> bytes:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    page = book.active
    page.title = _NAME
    page.append(list(sheet.header))
    for number, row in enumerate(sheet.rows, 2):
        for place, name in enumerate(sheet.header, 1):
            if name in row or name in ANSWERS:
                cell = page.cell(number, place)
                cell.value = row.get(name) or None
                if cell.value is not None:
                    cell.data_type = "s"
                cell.number_format = "@"
    _lay_out(page, sheet)
    verdicts = BLIND_VERDICTS if blind else VERDICTS
    choice = DataValidation(type="list", formula1=f'"{",".join(verdicts)}"', allow_blank=True)
    page.add_data_validation(choice)
    if sheet.rows:
        choice.add(f"B2:B{len(sheet.rows) + 1}")
    about = book.create_sheet("about")
    about.column_dimensions["A"].width = 110
    for line in (*(_HOW_BLIND if blind else _HOW), *sheet.notices):
        about.append([line.format(verdicts=", ".join(verdicts)) if line in _HOW + _HOW_BLIND
                      else line])  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _lay_out(page: Worksheet, sheet: Sheet) -> None:
    """Widths, wrapped text, frozen names, what is for programs in grey."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    page.freeze_panes = "E2"
    first_fact = sheet.header.index("stratum")
    for place, name in enumerate(sheet.header, 1):
        longest = max((len(row.get(name, "")) for row in sheet.rows), default=0)
        dimension = page.column_dimensions[get_column_letter(place)]
        is_fact = place > first_fact or name in ("change", "kinds")
        dimension.width = 12 if is_fact else min(60, max(12, longest + 2))
        dimension.hidden = name == MARKS
        page.cell(1, place).font = Font(bold=True, color="808080" if is_fact else "000000")
        for number in range(2, len(sheet.rows) + 2):
            cell = page.cell(number, place)
            cell.alignment = Alignment(wrap_text=not is_fact, vertical="top")
            if is_fact:
                cell.font = Font(color="808080")


def _timeless(data: bytes) -> bytes:
    """The bytes of a workbook without the times at which they were made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w") as kept:
        for name in made.namelist():
            part = made.read(name)
            if name == "docProps/core.xml":
                part = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z", part)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, part)
    return out.getvalue()


def _read_csv(path: Path, data: bytes) -> list[list[Any]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "surrogateescape")
    else:
        # A byte that is no UTF-8 becomes half a surrogate pair, and its cell is refused.
        text = data.decode("utf-8-sig", "surrogateescape")
    head = text.splitlines()[0] if text else ""
    delimiter = max(",;\t", key=head.count)
    limit = csv.field_size_limit(max(len(text), 1))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadDataError(f"{path} cannot be read as CSV: {error}", kind="no-sheet") from error
    finally:
        csv.field_size_limit(limit)


def _read_xlsx(path: Path, data: bytes) -> list[list[Any]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        book = load_workbook(io.BytesIO(data)) if size <= _MOST_BYTES else None
        if book is not None:
            page = book[_NAME] if _NAME in book.sheetnames else book.worksheets[0]
            if page.max_row * page.max_column <= _MOST_CELLS:
                return [[_value(cell) for cell in row] for row in page.iter_rows()]
    except (InvalidFileException, *_NO_WORKBOOK) as error:
        raise BadDataError(f"{path} cannot be read as XLSX: {error}", kind="no-sheet") from error
    raise BadDataError(f"{path} is too large for a sheet of a sample", kind="no-sheet")


def _value(cell: Any) -> Value:
    value: Value = cell.value
    return Formula(value) if cell.data_type == "f" else value


def _read_lines(path: Path, data: bytes) -> Filled:
    lines: list[Line] = []
    header: dict[str, None] = {}
    for number, text in enumerate(data.splitlines(), 1):
        if not text.strip():
            continue
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadDataError(f"{path}:{number}: {error}", kind="no-sheet") from error
        if not isinstance(row, dict):
            raise BadDataError(f"{path}:{number} is no object", kind="no-sheet")
        header |= dict.fromkeys(row)
        lines.append(Line(number, row))
    _check(path, tuple(header))
    return Filled(path, tuple(header), tuple(lines), spreadsheet=False)


def _check(path: Path, header: tuple[str, ...]) -> None:
    blind = {"A", "B"} <= set(header)
    needed = ("row", "verdict", "dataset", "version", "seed", *(() if blind else ("base", MARKS)))
    missing = [name for name in needed if name not in header]
    if missing:
        raise BadDataError(
            f"{path} is no sheet of a sample: it has no column {', '.join(missing)}",
            kind="no-sheet",
            hint="dslineage sample REF -o FILE writes one",
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadDataError(f"{path} has two columns named {', '.join(twice)}", kind="no-sheet")
