"""Malformed tables: what is said, where, and what cannot be seen."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.errors import BadDataError
from tests.tables.files import flip, read_table, write_ipc, write_parquet
from tests.tables.malformed import CASES, PLAIN, Case, rows


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_malformed_table_is_refused_with_the_fault_and_its_place(
    case: Case, tmp_path: Path
) -> None:
    path = case.write(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(BadDataError) as caught:
        read_table(path, case.limits)
    said = [
        str(fault).replace(f"{tmp_path}/", "").replace(str(tmp_path), ".")
        for fault in caught.value.faults
    ]
    assert len(said) == len(case.faults), said
    for line, expected in zip(said, case.faults, strict=True):
        assert _matches(expected, line), line
    assert _matches(case.hint, caught.value.hint), caught.value.hint
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_schema_drift_comes_with_a_table_of_differences(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.id == "37-schema-drift")
    with pytest.raises(BadDataError) as caught:
        read_table(case.write(tmp_path))
    assert caught.value.message.splitlines()[1:] == [
        "column  a-00000-of-00003.parquet (+1)  a-00002-of-00003.parquet",
        "id      int64                          string",
        "turns   -                              list<element: struct<role: string>>",
    ]


def test_a_flipped_bit_in_a_plain_page_without_checksum_is_not_seen(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", rows(), **PLAIN)
    flip(path, b"the text of row 150")
    texts = [example["text"] for example in read_table(path)]
    expected = rows()["text"].to_pylist()
    assert [row for row in range(len(texts)) if texts[row] != expected[row]] == [150]


@pytest.mark.parametrize("stream", [False, True], ids=["file", "stream"])
def test_a_table_of_no_rows_has_no_examples(tmp_path: Path, *, stream: bool) -> None:
    assert read_table(write_ipc(tmp_path / "a.arrow", rows(0, 0), stream=stream)) == []
    assert read_table(write_parquet(tmp_path / "a.parquet", rows(0, 0))) == []


_TABLE = pa.table(
    {
        "id": range(40),
        "turns": [[{"role": "user", "text": f"hello {row}"}] * (row % 3) for row in range(40)],
        "kind": pa.array(["a", "b"] * 20).dictionary_encode(),
    }
)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream", "zstd"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_random_damage_is_a_fault_or_other_values_and_never_anything_else(
    kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damage") / "a.bin"
    if kind == "parquet":
        write_parquet(path, _TABLE, row_group_size=15)
    elif kind == "zstd":
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_file(str(path), _TABLE.schema, options=options) as writer:
            writer.write_table(_TABLE, 15)
    else:
        write_ipc(path, _TABLE, stream=kind == "stream", rows=15)
    damaged = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))])
    with suppress(BadDataError):
        assert all(isinstance(example, dict) for example in read_table(path))


def _matches(expected: str, line: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.split("*"))), line, re.DOTALL) is not None
