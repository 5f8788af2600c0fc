"""JSON Lines: where records are, in one piece and in any partition."""

from __future__ import annotations

import pickle
import re
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from dslineage.canonical.rows import Row
from dslineage.formats.jsonl import JsonLines
from tests.formats.reading import LIMITS, cut, gather, scan

BOM = b"\xef\xbb\xbf"
CHUNKS = st.integers(1, 40)
TEXTS = st.lists(
    st.sampled_from(
        [b'{"a":1}', b"{", b" ", b"\t", b"\r", b"\n", b"\r\n", b"x", "é\u2028".encode(), BOM, b"\0"]
    ),
    max_size=40,
).map(b"".join)


def records_of(data: bytes) -> list[tuple[int, int]]:
    """The same by the book: split at line ends, strip, drop what is empty."""
    body = len(BOM) if data.startswith(BOM) else 0
    lines = re.compile(rb"[^\r\n]+").finditer(data, body)
    content = (re.compile(rb"[^ \t](?:.*[^ \t])?", re.DOTALL).search(line[0]) for line in lines)
    lines = re.compile(rb"[^\r\n]+").finditer(data, body)
    return [
        (line.start() + found.start(), line.start() + found.end())
        for line, found in zip(lines, content, strict=True)
        if found
    ]


@given(data=TEXTS, chunk=CHUNKS)
def test_records_are_the_trimmed_lines_whatever_the_chunk_size(data: bytes, chunk: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        path.write_bytes(data)
        assert scan(JsonLines(chunk=chunk), path).spans == records_of(data)


@given(data=TEXTS, chunk=CHUNKS, cuts=st.lists(st.integers(0, 200), max_size=8))
def test_any_partition_finds_the_same_records_and_notes(
    data: bytes, chunk: int, cuts: list[int]
) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        path.write_bytes(data)
        form = JsonLines(chunk=chunk)
        parts = [
            spans
            for start, stop in pairwise(edges)
            for spans in form.scan(path, start, stop, LIMITS)
        ]
        assert gather(parts) == scan(JsonLines(), path)


def test_a_line_belongs_to_the_range_that_it_begins_in(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b'{"a":1}\r\n{"a":2}\n')
    form = JsonLines()

    assert gather(list(form.scan(path, 0, 1, LIMITS))).spans == [(0, 7)]
    assert gather(list(form.scan(path, 1, 9, LIMITS))).spans == []
    assert gather(list(form.scan(path, 9, 10, LIMITS))).spans == [(9, 16)]
    assert gather(list(form.scan(path, 0, 0, LIMITS))).spans == []


def test_long_white_space_is_trimmed_from_both_ends(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b" \t" * 5000 + b'{"a":1}' + b"\t " * 5000 + b"\n" + b" " * 5000 + b"\n")

    scanned = scan(JsonLines(), path)

    assert scanned.spans == [(10_000, 10_007)]
    assert scanned.notes["blank-line"].count == 1


def test_rows_keep_large_integers_and_leave_nulls_out(tmp_path: Path) -> None:
    records = [b'{"a": 123456789012345678901234567890, "b": null}', b'{"b": "", "a": 1.0}']

    rows = JsonLines().parse(records, LIMITS)

    assert rows == [
        Row({"a": 123456789012345678901234567890}, b'{"a":123456789012345678901234567890}'),
        Row({"b": "", "a": 1.0}, b'{"a":1,"b":""}'),
    ]


def test_keys_that_look_alike_are_different_keys() -> None:
    record = '{"content":1,"Content":2,"content ":3,"\u00e9":4,"e\u0301":5}'.encode()

    (row,) = JsonLines().parse([record], LIMITS)

    assert isinstance(row, Row)
    assert list(row.value) == ["content", "Content", "content ", "\u00e9", "e\u0301"]


def test_a_format_crosses_processes_and_its_chunk_size_is_no_part_of_it() -> None:
    form = JsonLines(chunk=7)

    assert pickle.loads(pickle.dumps(form)) == form == JsonLines()


def test_the_records_of_real_files_are_their_lines(shared_data: Path) -> None:
    path = shared_data / "gsm8k" / "train.jsonl"
    data = path.read_bytes()

    assert cut(data, scan(JsonLines(chunk=1 << 12), path)) == data.splitlines()
