"""Rows that share texts are counted with texts of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import BadDataError
from dslineage.formats.base import Limits
from dslineage.formats.expansion import row_bytes, shares, stretches
from tests.tables.files import read_table, write_ipc

TEXTS = st.lists(st.none() | st.text(max_size=4), max_size=12)


def _dictionary(texts: list[str | None]) -> Any:
    return pa.array(texts, pa.string()).dictionary_encode()


def _view(texts: list[str | None]) -> Any:
    return pa.array(texts, pa.string_view())


def _runs(texts: list[str | None]) -> Any:
    ends = pa.array(range(1, len(texts) + 1), pa.int32())
    return pa.RunEndEncodedArray.from_arrays(ends, pa.array(texts, pa.string()))


def _lists(texts: list[str | None]) -> Any:
    return pa.array([[text, text] for text in texts], pa.list_(pa.string_view()))


def _list_views(texts: list[str | None]) -> Any:
    return pa.array([[text] for text in texts], pa.list_view(pa.large_string()))


def _structs(texts: list[str | None]) -> Any:
    kind = pa.struct([("a", pa.dictionary(pa.int8(), pa.string())), ("b", pa.int64())])
    return pa.array([{"a": text, "b": 1} for text in texts], kind)


def _maps(texts: list[str | None]) -> Any:
    return pa.array([[("key", text)] for text in texts], pa.map_(pa.string(), pa.string_view()))


def _texts(value: Any) -> int:
    """The bytes of all texts in a value."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        return sum(map(_texts, value.values()))
    return sum(map(_texts, value)) if isinstance(value, list | tuple) else 0


KINDS = [_dictionary, _view, _runs, _lists, _list_views, _structs, _maps]


@pytest.mark.parametrize("made", KINDS)
@given(texts=TEXTS, start=st.integers(0, 5))
def test_the_bytes_of_a_row_are_those_of_its_texts(
    made: Any, texts: list[str | None], start: int
) -> None:
    batch = pa.record_batch({"a": made(texts)})
    assert shares(batch.schema)
    part = batch.slice(min(start, len(texts)))
    assert row_bytes(part).tolist() == [_texts(value) for value in part["a"].to_pylist()]


def test_plain_texts_and_numbers_are_nobody_else_s() -> None:
    assert not shares(pa.schema({"a": pa.string(), "b": pa.list_(pa.struct([("c", pa.int64())]))}))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.integers(1, 20))
def test_stretches_are_all_rows_and_none_is_too_long(sizes: list[int], most: int) -> None:
    import numpy as np

    found = list(stretches(np.array(sizes), most))
    assert [row for first, stop in found for row in range(first, stop)] == list(range(len(sizes)))
    assert all(sum(sizes[first:stop]) <= most or stop == first + 1 for first, stop in found)


def test_many_rows_that_are_one_long_text_are_refused(tmp_path: Path) -> None:
    def written(rows: int) -> Path:
        long = pa.array(["x" * 100_000])
        text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), long)
        return write_ipc(tmp_path / f"{rows}.arrow", pa.table({"a": text}))

    limits = Limits(ratio=1)
    assert len(read_table(written(4), limits)) == 4
    with pytest.raises(BadDataError) as caught:
        read_table(written(5000), limits)
    assert caught.value.kind == "expansion"


@pytest.mark.parametrize("spare", [0, 1, 7])
def test_buffers_may_be_longer_than_their_values(spare: int) -> None:
    """As damage to a file can leave them, which Arrow takes for valid."""
    made: list[Any] = [pa.array(["ab", "c"], pa.string_view()), pa.array([0, 1], pa.int32())]
    longer = [pa.py_buffer(one.buffers()[1].to_pybytes() + bytes(spare)) for one in made]
    texts = pa.Array.from_buffers(pa.string_view(), 2, [None, longer[0]])
    indices = pa.Array.from_buffers(pa.int32(), 2, [None, longer[1]])
    picked = pa.DictionaryArray.from_arrays(indices, pa.array(["ab", "c"]))
    batch = pa.record_batch([texts, picked], ["a", "b"])
    assert row_bytes(batch).tolist() == [4, 2]
