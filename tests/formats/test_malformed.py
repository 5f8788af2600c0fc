"""What is said about files that are broken or odd; the files are in `malformed.py`."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from dslineage.formats.base import Limits, TextFormat
from dslineage.formats.delimited import Delimited
from dslineage.formats.json_array import JsonArray
from dslineage.formats.jsonl import JsonLines
from tests.formats.malformed import CASES, ROW, Case
from tests.formats.reading import read, scan


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_has_a_code_a_message_a_line_and_a_column(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.data)
    spill = tmp_path / "spill"
    spill.mkdir()

    reading = read(path, spill)

    assert tuple(reading.faults) == case.expected.faults
    assert tuple(reading.notes) == case.expected.notes
    assert reading.hint == case.expected.hint
    assert len(reading.rows) == case.expected.records
    assert path.read_bytes() == case.data


def test_the_cases_have_names_of_their_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


def test_a_record_over_the_limit_is_a_fault_and_its_neighbours_are_none(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(ROW + b'{"a":"' + b"x" * 5000 + b'"}\n' + ROW)

    reading = read(path, tmp_path, limits=Limits(record_bytes=5000))

    assert reading.faults == [
        "2:1: record-too-long a record of 5,008 bytes, over the limit of 5,000"
    ]
    assert len(reading.rows) == 2


def test_a_header_over_the_limit_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"x" * 90 + b",b\n1,2\n")

    reading = read(path, tmp_path, limits=Limits(record_bytes=50))

    assert reading.faults == ["1:1: record-too-long a record of 92 bytes, over the limit of 50"]


def test_a_record_may_be_far_longer_than_a_chunk_and_is_never_held(tmp_path: Path) -> None:
    text = b"x" * (8 << 20)
    files: dict[TextFormat, bytes] = {
        JsonLines(chunk=1 << 16): b'{"a":"' + text + b'"}\n' + ROW,
        JsonArray(chunk=1 << 16): b'[{"a":"' + text + b'"},\n{"a":1}]',
        Delimited("csv", ",", ("a", "b"), chunk=1 << 16): b'a,b\n1,"' + text + b'"\n1,2\n',
    }
    path = tmp_path / "large"
    for form, data in files.items():
        path.write_bytes(data)
        tracemalloc.start()
        scanned = scan(form, path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(scanned.spans) == 2
        assert peak < 4 << 20
