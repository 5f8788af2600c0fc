"""Workbooks that are damaged, or made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from dslineage.errors import BadDataError
from dslineage.reviewing.workbook import read_sheet


def _damaged(data: bytes) -> bytes:
    """A workbook whose sheet is no stream that can be decompressed."""
    at = data.index(b"xl/worksheets/sheet1.xml") + 100
    return data[:at] + bytes(byte ^ 0x55 for byte in data[at : at + 40]) + data[at + 40 :]


def _bomb(_: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(300):
            parts.writestr(f"xl/{number}.xml", bytes(1 << 20))
    return out.getvalue()


def _far_away(_: bytes) -> bytes:
    book = Workbook()
    book.worksheets[0].cell(1_048_576, 16_384, "here")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (_damaged, "cannot be read as XLSX"),
        (lambda _: b"PK", "cannot be read as XLSX"),
        (_bomb, "too large for a sheet"),
        (_far_away, "too large for a sheet"),
    ],
)
def test_a_workbook_that_is_damaged_or_made_to_harm_is_no_sheet(
    tmp_path: Path, made: Callable[[bytes], bytes], why: str
) -> None:
    book, out = Workbook(), io.BytesIO()
    book.save(out)
    (tmp_path / "x.xlsx").write_bytes(made(out.getvalue()))
    with pytest.raises(BadDataError, match=why):
        read_sheet(tmp_path / "x.xlsx")
