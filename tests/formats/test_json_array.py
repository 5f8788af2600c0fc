"""JSON arrays: elements are found in chunks, strings and escapes respected."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.formats.json_array import JsonArray
from dslineage.formats.jsonl import JsonLines
from tests.formats.reading import LIMITS, Scanned, cut, scan

CHUNKS = st.integers(1, 30)
AWKWARD = st.text(st.sampled_from('"\\[]{},: \n\u2028é🙂a/'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | AWKWARD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(AWKWARD, inner, max_size=3),
    max_leaves=8,
)
SPACE = st.text(" \n\t\r", max_size=3)
GARBAGE = st.text(st.sampled_from('{}[],"\\ \na1'), max_size=30)


def scan_text(text: str, chunk: int) -> tuple[bytes, Scanned]:
    data = text.encode()
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.json")
        path.write_bytes(data)
        return data, scan(JsonArray(chunk=chunk), path)


@given(
    elements=st.lists(VALUES, max_size=5),
    chunk=CHUNKS,
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    around=st.tuples(SPACE, SPACE),
)
def test_the_records_are_the_elements_of_the_array(
    elements: list[Any], chunk: int, indent: int | None, ascii_only: bool, around: tuple[str, str]
) -> None:
    text = json.dumps(elements, indent=indent, ensure_ascii=ascii_only).join(around)

    data, scanned = scan_text(text, chunk)

    assert [json.loads(record) for record in cut(data, scanned)] == elements
    assert not scanned.bad
    edges = [0, *(edge for span in scanned.spans for edge in span), len(data)]
    gaps = [data[start:stop] for start, stop in list(pairwise(edges))[::2]]
    assert re.fullmatch(rb"\s*\[\s*(,\s*)*\]\s*", b"".join(gaps))
    assert all(gap.count(b",") == 1 for gap in gaps[1:-1])


@given(text=GARBAGE, chunk=CHUNKS)
def test_broken_arrays_are_cut_the_same_for_every_chunk_size(text: str, chunk: int) -> None:
    data, scanned = scan_text("[" + text, chunk)

    assert scanned == scan_text("[" + text, 1 << 16)[1]
    spans = sorted([*scanned.spans, *((bad.start, bad.stop) for bad in scanned.bad)])
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(0 <= start < stop <= len(data) for start, stop in spans)


@given(text=GARBAGE)
def test_whatever_json_accepts_has_no_fault_and_whatever_it_refuses_has_one(text: str) -> None:
    text = "[" + text
    data, scanned = scan_text(text, 7)
    try:
        elements = json.loads(text)
    except ValueError:
        records = cut(data, scanned)
        assert scanned.bad or any(_refused(record) for record in records)
    else:
        assert not scanned.bad
        assert [json.loads(record) for record in cut(data, scanned)] == elements


def _refused(record: bytes) -> bool:
    try:
        json.loads(record)
    except ValueError:
        return True
    return False


def test_long_runs_of_backslashes_cross_chunks() -> None:
    for length in range(1, 20):
        element = {"a": "\\" * length, "b": '",'}
        for chunk in range(1, 12):
            data, scanned = scan_text(json.dumps([element, element]), chunk)
            assert [json.loads(record) for record in cut(data, scanned)] == [element, element]


def test_an_object_means_the_same_in_a_line_and_in_an_array() -> None:
    record = b'{"b": [1.0, null], "a": null}'

    assert JsonArray().parse([record], LIMITS) == JsonLines().parse([record], LIMITS)
    assert JsonArray().context == JsonLines().context


@pytest.mark.parametrize(
    "name",
    [
        "codealpaca/code_alpaca_2k.json",
        "llamafactory/alpaca_zh_demo.json",
        "toolformer/toolformer-similarity-0.6.json",
    ],
)
def test_the_records_of_real_files_are_what_json_reads(shared_data: Path, name: str) -> None:
    path = shared_data / name
    data = path.read_bytes()

    records = cut(data, scan(JsonArray(chunk=1 << 12), path))

    assert [json.loads(record) for record in records] == json.loads(data)
