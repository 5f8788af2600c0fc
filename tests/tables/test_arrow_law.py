"""The law of `docs/arrow-law.md`: what is written to Parquet or Arrow comes back as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.formats.writers import write_examples
from tests.tables.files import canonical, read_table
from tests.tables.strategies import EXAMPLES, TYPED_EXAMPLES

TABLES = st.sampled_from(["parquet", "arrow"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose files each test run overwrites."""
    return tmp_path_factory.mktemp("law")


@given(examples=EXAMPLES, name=TABLES)
@settings(max_examples=200, deadline=None)
def test_any_json_examples_come_back_the_same(
    examples: list[dict[str, Any]], name: str, folder: Path
) -> None:
    path = folder / f"any.{name}"
    result = write_examples(path, lambda: iter(examples), name)
    assert canonical(read_table(path)) == canonical(examples)
    assert (result.rows, result.bytes) == (len(examples), path.stat().st_size)


@given(examples=TYPED_EXAMPLES, name=TABLES)
@settings(deadline=None)
def test_where_the_law_holds_no_column_is_json_text(
    examples: list[dict[str, Any]], name: str, folder: Path
) -> None:
    path = folder / f"typed.{name}"
    result = write_examples(path, lambda: iter(examples), name)
    assert result.notices == ()
    assert canonical(read_table(path)) == canonical(examples)


BREAKERS = [
    (
        "text-or-list",
        ["x", ["y"]],
        "v is now a list, now text",
    ),
    (
        "inside",
        [[{"content": "x"}], [{"content": [{"type": "text"}]}]],
        "v[].content is now a list, now text",
    ),
    (
        "empty-object",
        [{}, {}],
        "v holds nothing but empty objects",
    ),
    (
        "beyond-64-bits",
        [1, 2**64],
        "v holds integers beyond 64 bits",
    ),
    (
        "both-signs",
        [-1, 2**63],
        "v holds integers beyond 64 bits",
    ),
    (
        "too-exact",
        [0.5, 2**53 + 1],
        "v holds fractions, and integers that no double can hold",
    ),
    (
        "deep",
        [json.loads("[" * 40 + "]" * 40)],
        "v" + "[]" * 33 + " is more than 32 levels deep",
    ),
    (
        "wide",
        [{f"k{number}": 1 for number in range(1001)}],
        "v has more than 1000 different members",
    ),
]


@pytest.mark.parametrize(
    ("values", "reason"), [case[1:] for case in BREAKERS], ids=[case[0] for case in BREAKERS]
)
def test_a_column_that_no_arrow_type_holds_is_json_text_and_keeps_its_values(
    values: list[Any], reason: str, tmp_path: Path
) -> None:
    examples = [{"id": row, "v": value} for row, value in enumerate(values)]
    path = tmp_path / "a.parquet"
    (said,) = write_examples(path, lambda: iter(examples), "parquet").notices
    assert said == f"column 'v' is written as JSON text (Json()), since {reason}"
    assert canonical(read_table(path)) == canonical(examples)
    schema = pq.read_schema(path)
    assert schema.field("v").type == pa.json_()
    assert json.loads(schema.metadata[b"huggingface"]) == {
        "info": {"features": {"id": {"dtype": "int64", "_type": "Value"}, "v": {"_type": "Json"}}}
    }


@pytest.mark.parametrize("name", ["parquet", "arrow"])
@pytest.mark.parametrize("examples", [[], [{}, {}], [{"a": None}]], ids=str)
def test_examples_without_fields_keep_their_number(
    examples: list[dict[str, Any]], name: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.table"
    write_examples(path, lambda: iter(examples), name)
    assert read_table(path) == [{} for _ in examples]


def test_columns_are_typed_where_the_law_holds(tmp_path: Path) -> None:
    examples = [
        {"n": 1, "x": 1, "m": [{"role": "user"}], "u": 2**64 - 1, "none": [None]},
        {"n": -1, "x": 0.5, "m": [{"content": "hi"}], "ok": True},
    ]
    path = tmp_path / "a.parquet"
    write_examples(path, lambda: iter(examples), "parquet")
    assert dict(
        zip(pq.read_schema(path).names, map(str, pq.read_schema(path).types), strict=True)
    ) == {
        "n": "int64",
        "x": "double",
        "m": "list<element: struct<role: string, content: string>>",
        "u": "uint64",
        "none": "list<element: null>",
        "ok": "bool",
    }
