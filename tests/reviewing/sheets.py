"""Sheets in a test: a data set of chats, and hands that fill in what a sample wrote."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

ANSWER = "messages[1].content"


def chat(number: int, **more: Any) -> dict[str, Any]:
    """An example with a prompt, an answer and fields of other types."""
    return {
        "id": f"q{number}",
        "messages": [
            {"role": "user", "content": f"What is {number} and {number}?"},
            {"role": "assistant", "content": f"{number} and {number} make {2 * number}."},
        ],
        "score": 1.0,
        **more,
    }


def lines(examples: Sequence[Any]) -> bytes:
    """Examples as JSON lines, written as no serialiser of ours would."""
    return b"".join(json.dumps(one, separators=(" , ", " : ")).encode() + b"\n" for one in examples)


Row = dict[str, Any]


def edit_csv(path: Path, edit: Callable[[list[Row]], list[Row] | None]) -> None:
    """Change the rows of a CSV sheet; the edit may return others."""
    text = path.read_bytes().decode("utf-8-sig")
    rows: list[Row] = list(csv.DictReader(io.StringIO(text, newline="")))
    rows, names = edit(rows) or rows, list(rows[0])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


@contextmanager
def xlsx_rows(path: Path, saved: Path | None = None) -> Iterator[Xlsx]:
    """The rows of an XLSX sheet, to be changed; saved in another file, or in place."""
    book = load_workbook(path)
    sheet = Xlsx(book.worksheets[0])
    yield sheet
    book.save(saved or path)


class Xlsx:
    """A page of a workbook, by row (from 1, without the header) and column name."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.names = [cell.value for cell in page[1]]

    def __len__(self) -> int:
        return int(self.page.max_row) - 1

    def __getitem__(self, place: tuple[int, str]) -> Any:
        return self.cell(*place).value

    def __setitem__(self, place: tuple[int, str], value: Any) -> None:
        self.cell(*place).value = value

    def cell(self, row: int, name: str) -> Any:
        return self.page.cell(row + 1, self.names.index(name) + 1)

    def sort(self, name: str) -> None:
        """Sort whole rows by a column, downwards."""
        rows = [[cell.value for cell in row] for row in self.page.iter_rows(min_row=2)]
        rows.sort(key=lambda row: str(row[self.names.index(name)]), reverse=True)
        for number, row in enumerate(rows, 2):
            for place, value in enumerate(row, 1):
                cell = self.page.cell(number, place)
                cell.value = value
                if value is not None:
                    cell.data_type = "s"

    def delete(self, row: int) -> None:
        self.page.delete_rows(row + 1)
