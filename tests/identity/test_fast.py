"""The fast path gives what the strict parser and the canonical serialiser give, always."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.canonical.fast import parse_rows, write_values
from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.rows import Row, RowFault
from dslineage.canonical.strict import parse_record
from dslineage.errors import UsageError
from tests.identity.hostile import RECORDS, VALUES, broken


def strictly(raw: bytes, depth: int = 256) -> Row | RowFault:
    value = parse_record(raw, depth=depth)
    return value if isinstance(value, RowFault) else Row(value, canonical_bytes(value))


def quickly(records: Sequence[bytes], depth: int = 256) -> list[Row | RowFault]:
    rows = parse_rows(records, depth)
    return [row._replace(plain=False) if isinstance(row, Row) else row for row in rows]


@given(st.lists(st.one_of(RECORDS, broken(), VALUES.map(str.encode)), max_size=5))
def test_both_paths_agree_on_any_text(records: list[bytes]) -> None:
    rows = quickly(records)
    assert repr(rows) == repr([strictly(raw) for raw in records])  # repr tells 1 from 1.0 and -0.0


@given(RECORDS, st.integers(0, 6))
def test_both_paths_agree_on_any_limit_of_depth(raw: bytes, depth: int) -> None:
    assert quickly([raw], depth) == [strictly(raw, depth)]


@pytest.mark.parametrize("depth", [252, 253, 254, 255, 256])
def test_both_paths_agree_on_depth_where_orjson_has_its_own_limit(depth: int) -> None:
    for levels in range(250, 260):
        lists = b'{"a":%s%s}' % (b"[" * (levels - 1), b"]" * (levels - 1))
        objects = b'{"a":' * levels + b"1" + b"}" * levels
        for raw in (lists, objects):
            assert quickly([b'{"b":1}', raw], depth)[1] == strictly(raw, depth)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_both_paths_agree_on_any_double(number: float) -> None:
    records = [b'{"a":%a}' % number, b'{"a":[%a]}' % number, b'{"a":[0,%.25e]}' % number]
    assert quickly(records) == list(map(strictly, records))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=30).map(str))
def test_both_paths_round_a_long_decimal_alike(token: str) -> None:
    raw = b'{"a":%s}' % token.encode()
    assert quickly([raw]) == [strictly(raw)]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":":","a":":"}',  # a dropped member and its colons
        b'{"\\u003a":1,"a":2,"a":3}',  # an escaped colon makes up for a dropped one
        b'{"\\u003A":1,"a":2,"a":3}',
        b'{"a":18446744073709551616}',  # orjson makes it a double
        b'{"a":-9223372036854775809}',
        b'{"a":[1.0,18446744073709551616]}',
        b'{"a":"1.5,2.5","b":"x:-3.0e5"}',  # text that looks like doubles
        b'{"a":"\\":null"}',  # text that looks like a null member
        b'{"a":-0.0,"b":-0,"c":0.0}',
        b'{"a":1e16,"b":123456789012345680000.0,"c":1e-7,"d":1E+2}',
        '{"😀":1,"\ufb33":2}'.encode(),  # code points and UTF-16 code units sort otherwise
        '{"a":"\ufb33😀","b":null,"c":1.0}'.encode(),
        '{"😀":1,"\ufb33":2,"c":1.0,"d":null}'.encode(),
        b'{"a":' + b"[" * 254 + b"]" * 254 + b"}",  # deeper than orjson writes
        b'{"a":' + b"[" * 255 + b"]" * 255 + b"}",
        b'{"a":"' + b"[" * 300 + b'"}',  # brackets that are text
        b'{"a":[NaN]}',
        b'{"a":' + b"9" * 400 + b"}",
        b'{"a":' + b"9" * 4301 + b"}",
        b'{"a":"\xed\xa0\x80"}',
    ],
)
def test_what_orjson_does_otherwise_is_seen(raw: bytes) -> None:
    assert quickly([raw]) == [strictly(raw)]


def test_what_a_row_is_does_not_depend_on_its_neighbours() -> None:
    records = [
        b'{"a":"plain %d"}' % number if number % 3 else b'{"s":%d.5,"n":null}' % number
        for number in range(30)
    ]
    long = b'{"a":"%s"}' % (b"x" * 200_000)
    mixed = [*records, long, b"{", *records, long, long, *records]
    assert parse_rows(mixed) == [row for raw in mixed for row in parse_rows([raw])]
    assert parse_rows([]) == []


@given(
    st.lists(st.one_of(RECORDS, broken()), min_size=1, max_size=5),
    st.sampled_from([b"\n", b"\r\n\t", b',:"\\u003a"']),
)
def test_what_rows_are_does_not_depend_on_what_stands_between_them(
    records: list[bytes], between: bytes
) -> None:
    raw = memoryview(between.join([b"", *records, b""]))
    assert repr(parse_rows(records, raw=raw)) == repr(parse_rows(records))


@given(RECORDS)
def test_each_part_of_a_plain_row_is_written_right_by_orjson(raw: bytes) -> None:
    (row,) = parse_rows([raw])
    for part in row.value.values() if isinstance(row, Row) and row.plain else ():
        assert orjson.dumps(part, option=orjson.OPT_SORT_KEYS) == canonical_bytes(part)


def test_rows_of_texts_are_plain_and_those_with_doubles_are_not() -> None:
    rows = parse_rows([b'{"a":["\xc3\xa9"],"b":7}', b'{"a":1.5}', b'{"a":null}'])
    assert [isinstance(row, Row) and row.plain for row in rows] == [True, False, False]


JSON_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.lists(JSON_VALUES, max_size=5))
def test_values_are_written_as_the_serialiser_writes_them(values: list[object]) -> None:
    assert write_values(values) == [canonical_bytes(value) for value in values]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wrap", ["{0}", "[{0}]", "[1,{0}]", '{{"a":{0}}}'])
def test_a_number_that_is_not_finite_is_never_written_as_null(number: float, wrap: str) -> None:
    value = json.loads(wrap.format(json.dumps(number)))
    with pytest.raises(UsageError, match="JSON has no number for"):
        write_values([value])
