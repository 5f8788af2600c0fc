"""Arrow values become the JSON values that `docs/format.md` says."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.canonical.arrow import examples
from dslineage.canonical.arrow_json import ArrowValueError
from tests.tables.files import canonical

VECTORS = json.loads(
    (Path(__file__).parents[1] / "identity" / "vectors.json").read_text(encoding="utf-8")
)["arrow"]


def values(array: Any) -> list[Any]:
    """What each slot of a column becomes; None where the member is left out."""
    return [example.get("v") for example in examples(pa.table({"v": array}))]


def _type(text: str) -> Any:
    """The Arrow type that a vector names, such as `map(string,int64)`."""
    name, _, inside = text.removesuffix(")").partition("(")
    arguments = re.findall(r"[^,()]+(?:\([^()]*\))?", inside)
    match name:
        case "struct":
            return pa.struct([(n, _type(t)) for n, t in (a.split(":") for a in arguments)])
        case "list" | "large_list" | "fixed_size_list" | "map" | "dictionary":
            parts = [int(part) if part.isdigit() else _type(part) for part in arguments]
            spelled = {"list": "list_", "fixed_size_list": "list_", "map": "map_"}.get(name, name)
            return getattr(pa, spelled)(*parts)
        case "decimal128" | "decimal256" | "binary":
            return getattr(pa, name)(*map(int, arguments))
        case "json":
            return pa.json_()
        case _:
            return getattr(pa, name)(*arguments)


def _value(kind: Any, value: Any) -> Any:
    """The Python value for a vector's value, which JSON has no word for."""
    if pa.types.is_floating(kind):
        return float.fromhex(value)
    if pa.types.is_decimal(kind):
        return Decimal(value)
    if pa.types.is_interval(kind):
        return pa.scalar(tuple(value), pa.month_day_nano_interval()).as_py()
    if pa.types.is_map(kind):
        return [tuple(entry) for entry in value]
    return bytes.fromhex(value) if "binary" in str(kind) else value


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_each_arrow_type_has_the_form_of_its_vector(vector: dict[str, Any]) -> None:
    kind = _type(vector["type"])
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        ticks = pa.int32() if kind.bit_width == 32 else pa.int64()
        array: Any = pa.array([vector["value"]], ticks).view(kind)
    elif isinstance(kind, pa.JsonType):
        array = pa.ExtensionArray.from_storage(kind, pa.array([vector["value"]]))
    else:
        array = pa.array([_value(kind, vector["value"])], kind)
    (text,) = canonical(examples(pa.table({"v": array})))
    assert text == vector["canonical"]
    assert vector["sha256"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


PLAIN = [["a", "b"], None, ["c", None], [], ["a", "a"]]


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_list(pa.large_string()),
        pa.list_view(pa.string_view()),
        pa.large_list_view(pa.string()),
        pa.list_(pa.dictionary(pa.int8(), pa.string())),
    ],
    ids=str,
)
@pytest.mark.parametrize("start", range(len(PLAIN)))
def test_layouts_are_equal_by_value_wherever_a_slice_begins(kind: Any, start: int) -> None:
    assert values(pa.array(PLAIN, kind).slice(start)) == PLAIN[start:]


@given(
    st.lists(st.none() | st.lists(st.none() | st.integers(0, 9), min_size=2, max_size=2)),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_any_slice_of_a_column_is_that_slice_of_its_values(
    rows: list[list[int | None] | None], start: int, size: int
) -> None:
    fixed = pa.array(rows, pa.list_(pa.int64(), 2))
    pair = pa.struct([("a", pa.int8()), ("b", pa.list_(pa.int64()))])
    structs = pa.array([row and {"a": row[0], "b": row} for row in rows], pair)
    entries: Any = [row and [("k", row[0])] for row in rows]
    maps = pa.array(entries, pa.map_(pa.string(), pa.int64()))
    for column in (fixed, structs, maps):
        assert values(column.slice(start, size)) == values(column)[start : start + size]


def test_runs_are_written_out_and_slices_of_them_too() -> None:
    ends = pa.array([2, 3, 5], pa.int32())
    runs: Any = pa.RunEndEncodedArray.from_arrays(ends, pa.array([{"a": 1}, None, {"a": 2}]))
    assert values(runs) == [{"a": 1}, {"a": 1}, None, {"a": 2}, {"a": 2}]
    assert values(runs.slice(1, 3)) == [{"a": 1}, None, {"a": 2}]


def test_unions_are_the_values_they_hold() -> None:
    codes = pa.array([0, 1, 0], pa.int8())
    children: list[Any] = [pa.array([1, 2, 3]), pa.array(["a", "b", "c"])]
    sparse = pa.UnionArray.from_sparse(codes, children)
    dense = pa.UnionArray.from_dense(codes, pa.array([0, 2, 1], pa.int32()), children)
    assert values(sparse.slice(1)) == ["b", 3]
    assert values(dense.slice(1)) == ["c", 2]


def test_null_members_are_left_out_at_every_depth_and_nulls_in_lists_stay() -> None:
    column = pa.array([{"a": None, "b": {"c": None}, "d": [None, {"e": None}]}, None])
    assert examples(pa.table({"v": column})) == [{"v": {"b": {}, "d": [None, {}]}}, {}]


def test_what_stands_behind_a_null_is_not_looked_at() -> None:
    texts = pa.ExtensionArray.from_storage(pa.json_(), pa.array(["no JSON", "[1]"]))
    hidden = pa.array([True, False])
    struct = pa.StructArray.from_arrays([texts], ["a"], mask=hidden)
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), texts, mask=hidden)
    assert values(struct) == [None, {"a": [1]}]
    assert values(lists) == [None, [[1]]]


JSON_TEXTS = ['{"a": 1.0, "b": null}', '[1, null, {"c": null}]', '"t"', " 12 ", "null", None]
JSON_VALUES = [{"a": 1.0}, [1, None, {}], "t", 12, None, None]


def test_json_columns_are_parsed_whatever_their_root() -> None:
    assert values(pa.ExtensionArray.from_storage(pa.json_(), pa.array(JSON_TEXTS))) == JSON_VALUES


@pytest.mark.parametrize(
    ("column", "feature", "expected"),
    [
        (pa.array(["[1]"]), {"_type": "Json"}, [1]),
        (pa.array([["[1]"]]), {"_type": "List", "feature": {"_type": "Json"}}, [[1]]),
        (pa.array([["[1]"]]), [{"_type": "Json"}], [[1]]),
        (pa.array([{"a": "{}"}]), {"a": {"_type": "Json"}}, {"a": {}}),
        (
            pa.array([{"_type": "{}"}]),
            {"_type": {"_type": "Json"}},
            {"_type": {}},
        ),
        (
            pa.array([{"a": ["{}", "1"]}]),
            {"_type": "Sequence", "feature": {"a": {"_type": "Json"}}},
            {"a": [{}, 1]},
        ),
        (pa.array(["[1]"]), {"_type": "Value", "dtype": "string"}, "[1]"),
    ],
    ids=["top", "list", "brackets", "struct", "member-named-_type", "sequence", "no-json"],
)
def test_plain_text_columns_are_parsed_where_the_features_say_json(
    column: Any, feature: Any, expected: Any
) -> None:
    metadata = {"huggingface": json.dumps({"info": {"features": {"v": feature}}})}
    table = pa.table({"v": column}).replace_schema_metadata(metadata)
    assert examples(table) == [{"v": expected}]


@pytest.mark.parametrize(
    "text", ['[1],"x":null', '[1],"x":[2]', '[1],"":[2]', '{"a":1,"a":2}', "NaN", "1e999", "", "[1"]
)
def test_json_columns_are_as_strict_as_a_record_and_name_the_row(text: str) -> None:
    column = pa.ExtensionArray.from_storage(pa.json_(), pa.array(["1", "[]", text, "no"]))
    with pytest.raises(ArrowValueError) as caught:
        values(column)
    assert (caught.value.column, caught.value.row) == ("v", 2)


def test_an_extension_type_is_its_storage() -> None:
    kind = pa.opaque(pa.binary(), "point", "vendor")
    column = pa.ExtensionArray.from_storage(kind, pa.array([b"\x01", None]))
    assert values(column) == ["AQ==", None]
    assert values(pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0], pa.int8()))) == [1, 0]


def test_date64_is_rounded_down_to_the_day() -> None:
    assert values(pa.array([-1, 86_400_001]).view(pa.date64())) == ["1969-12-31", "1970-01-02"]


@given(st.dates())
def test_days_are_those_of_the_calendar(day: Any) -> None:
    assert values(pa.array([day], pa.date32())) == [day.isoformat()]


@given(st.datetimes())
def test_times_are_those_of_the_clock(moment: Any) -> None:
    expected = moment.isoformat()
    assert values(pa.array([moment], pa.timestamp("us"))) == [
        expected.rstrip("0") if "." in expected else expected
    ]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=9, min_value=-(10**30), max_value=10**30
    )
)
def test_decimals_keep_their_exact_value(number: Decimal) -> None:
    (text,) = values(pa.array([number], pa.decimal256(60, 9)))
    assert Decimal(text) == number
    assert "e" not in text.lower()
    assert "." not in text or text[-1] not in "0."
