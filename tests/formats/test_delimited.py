"""CSV and TSV: records by the rules of RFC 4180, cells that stay what they are."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.rows import Row, RowFault
from dslineage.formats.delimited import Delimited, parse_cells, scan_records
from tests.formats.reading import LIMITS, Scanned, cut, gather, read, scan

CHUNKS = st.integers(1, 30)
CELLS = st.text(st.sampled_from('a,"\r\n \té;\u2028'), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=6)
GARBAGE = st.text(st.sampled_from('a,"\r\n'), max_size=30)
NAMES = st.text(st.sampled_from("ab\ufb01🙂\ue000é"), min_size=1, max_size=3)


def scan_text(text: str, delimiter: str = ",", chunk: int = 1 << 16) -> tuple[bytes, Scanned]:
    data = text.encode()
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.csv")
        path.write_bytes(data)
        return data, gather(list(scan_records(path, delimiter, LIMITS, chunk)))


@given(
    rows=ROWS,
    chunk=CHUNKS,
    delimiter=st.sampled_from(",;\t"),
    dialect=st.sampled_from(
        [(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r"), (csv.QUOTE_MINIMAL, "\r\n")]
    ),
)
def test_what_the_csv_module_writes_comes_back(
    rows: list[list[str]], chunk: int, delimiter: str, dialect: tuple[Literal[0, 1], str]
) -> None:
    quoting, end = dialect
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)

    data, scanned = scan_text(out.getvalue(), delimiter, chunk)

    assert [parse_cells(record, delimiter) for record in cut(data, scanned)] == rows
    assert not scanned.bad


@given(text=GARBAGE)
def test_whatever_the_strict_csv_module_accepts_is_read_the_same(text: str) -> None:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:
        reject()

    data, scanned = scan_text(text, chunk=3)

    assert [parse_cells(record, ",") for record in cut(data, scanned)] == rows
    assert not scanned.bad


@given(text=GARBAGE)
def test_whatever_the_strict_csv_module_refuses_has_a_fault(text: str) -> None:
    try:
        list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        data, scanned = scan_text(text)
        cells = [parse_cells(record, ",") for record in cut(data, scanned)]
        assert scanned.bad or any(isinstance(found, RowFault) for found in cells)


@given(text=GARBAGE, chunk=CHUNKS)
def test_the_chunk_size_changes_nothing(text: str, chunk: int) -> None:
    data, scanned = scan_text(text, chunk=chunk)

    assert scanned == scan_text(text)[1]
    spans = [*scanned.spans, *((bad.start, bad.stop) for bad in scanned.bad)]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(0 <= start < stop <= len(data) for start, stop in spans)


@given(text=GARBAGE, chunk=CHUNKS)
def test_records_and_what_is_between_them_are_the_file(text: str, chunk: int) -> None:
    data, scanned = scan_text(text, chunk=chunk)
    spans = [*scanned.spans, *((bad.start, bad.stop) for bad in scanned.bad)]
    edges = [0, *(edge for span in spans for edge in span), len(data)]

    gaps = [data[start:stop] for start, stop in list(pairwise(edges))[::2]]

    assert not b"".join(gaps).strip(b"\r\n")


@given(cells=st.dictionaries(NAMES, CELLS.filter(lambda text: "\0" not in text), min_size=1))
def test_the_canonical_form_is_that_of_the_cells(cells: dict[str, str]) -> None:
    form = Delimited("csv", ",", tuple(cells))
    record = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells.values()).encode()

    assert form.parse([record], LIMITS) == [Row(cells, canonical_bytes(cells))]


def test_cells_are_strings_whatever_they_look_like() -> None:
    form = Delimited("csv", ",", ("a", "b", "c", "d", "e"))

    (row,) = form.parse([b"NA,007,2024-01-02,, 1.0 "], LIMITS)

    value = {"a": "NA", "b": "007", "c": "2024-01-02", "d": "", "e": " 1.0 "}
    assert row == Row(value, canonical_bytes(value))


def test_line_ends_in_a_quoted_cell_are_kept() -> None:
    assert parse_cells(b'"x\r\ny\n","say ""hi"""', ",") == ["x\r\ny\n", 'say "hi"']


def test_a_quote_inside_an_unquoted_cell_is_text() -> None:
    data, scanned = scan_text('5" disk,x\na"b,"y\nz"\n', chunk=1)

    cells = [parse_cells(record, ",") for record in cut(data, scanned)]
    assert cells == [['5" disk', "x"], ['a"b', "y\nz"]]


def test_a_long_run_of_quotes_is_one_cell_whatever_the_chunk_size() -> None:
    for quotes in range(12):
        text = '"' * (2 * quotes + 1) + '\n",x\n1,2\n'
        for chunk in range(1, 9):
            data, scanned = scan_text(text, chunk=chunk)
            cells = [parse_cells(record, ",") for record in cut(data, scanned)]
            assert cells == [['"' * quotes + "\n", "x"], ["1", "2"]]


def test_the_context_covers_the_dialect_and_the_header_but_not_the_name() -> None:
    form = Delimited("csv", ",", ("a", "é"))

    assert form.context == (
        '{"delimiter":",","format":"delimited","header":["a","é"],"quoting":"rfc4180"}'.encode()
    )
    assert form.context == Delimited("tsv", ",", ("a", "é")).context
    assert form.context != Delimited("csv", ";", ("a", "é")).context
    assert form.context != Delimited("csv", ",", ("é", "a")).context


def test_the_header_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b'\xef\xbb\xbf\n"a\nb",c\n1,2\n')

    scanned = scan(Delimited("csv", ",", ("a\nb", "c"), chunk=2), path)

    assert cut(path.read_bytes(), scanned) == [b"1,2"]


@pytest.mark.parametrize("revision", ["r01", "r03", "r04", "r05", "r08"])
def test_real_files_are_read_as_the_csv_module_reads_them(shared_data: Path, revision: str) -> None:
    (path,) = (shared_data / "prompts").glob(f"prompts-{revision}-*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = [row for row in csv.reader(file, strict=True) if row]

    form = Delimited("csv", ",", tuple(header), chunk=1 << 10)
    parsed = form.parse(cut(path.read_bytes(), scan(form, path)), LIMITS)

    values = [dict(zip(header, row, strict=True)) for row in rows]
    assert parsed == [Row(value, canonical_bytes(value)) for value in values]


def test_the_three_ragged_rows_of_a_real_file_are_named_by_line(
    shared_data: Path, tmp_path: Path
) -> None:
    reading = read(shared_data / "prompts" / "prompts-r02-f8fef2d0.csv", tmp_path)

    assert reading.faults == [
        "142:1: ragged-row the record has 6 cells, the header has 2",
        "143:1: ragged-row the record has 7 cells, the header has 2",
        "144:1: ragged-row the record has 13 cells, the header has 2",
    ]
    assert len(reading.rows) == 140
