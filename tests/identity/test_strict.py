"""The strict parser: faults name the place, limits are limits, and values are exact."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.canonical.rows import RowFault
from dslineage.canonical.strict import JsonError, parse_json, parse_record
from tests.identity.hostile import RECORDS, broken


def fault(raw: bytes, depth: int = 256) -> RowFault:
    found = parse_record(raw, depth=depth)
    assert isinstance(found, RowFault)
    return found


def without_null_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return {key: value for key, value in pairs if value is not None}


@given(RECORDS)
def test_what_it_accepts_has_the_value_that_the_standard_library_sees(raw: bytes) -> None:
    found = parse_record(raw)
    if not isinstance(found, RowFault):
        expected = json.loads(raw, object_pairs_hook=without_null_members)
        assert repr(found) == repr(expected)
    else:
        assert found.code in {"duplicate-key", "not-finite"}


@given(broken())
def test_what_the_standard_library_refuses_it_refuses(raw: bytes) -> None:
    try:
        json.loads(raw.decode())
    except ValueError:
        assert isinstance(parse_record(raw), RowFault)


@given(st.binary(max_size=40))
def test_any_bytes_give_a_row_or_a_fault_inside_them(raw: bytes) -> None:
    found = parse_record(raw)
    if isinstance(found, RowFault):
        assert 0 <= found.offset <= len(raw)


def test_a_duplicate_key_is_named_with_both_places_and_its_path() -> None:
    raw = '{"é":[{"role":"user","content":"x","role":"bot"}]}'.encode()
    assert fault(raw) == RowFault(
        "duplicate-key",
        "key 'role' stands twice, at byte 8 and at byte 36 of the record",
        36,
        "$['é'][0].role",
    )


def test_offsets_count_bytes_and_paths_count_items() -> None:
    assert fault('{"é😀": [1, {"b": [NaN]}]}'.encode())[2:] == (22, "$['é😀'][1].b[0]")


def test_an_endless_string_is_reported_where_it_begins() -> None:
    found = fault(b'{"a":1,"b":"text, \\" and more')
    assert found == RowFault(
        "truncated", "the string at byte 11 of the record does not end", 11, "$.b"
    )


@pytest.mark.parametrize("opener", [b"[", b'{"a":'])
def test_depth_is_a_limit_and_never_a_crash(opener: bytes) -> None:
    closer = b"]" if opener == b"[" else b"}"
    nested = b'{"a":%s1%s}'
    assert not isinstance(parse_record(nested % (opener * 255, closer * 255)), RowFault)
    assert fault(nested % (opener * 256, closer * 256)).code == "too-deep"
    assert fault(nested % (opener * 100_000, b"")).code == "too-deep"
    assert fault(b'{"a":[]}', depth=1).code == "too-deep"


def test_a_thread_with_a_small_stack_parses_to_any_depth() -> None:
    raw = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    results: list[object] = []
    threading.Thread(target=lambda: results.append(type(parse_record(raw, depth=20_000)))).start()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    assert results == [dict]


def test_integers_are_exact_up_to_4300_digits() -> None:
    digits = b"9" * 4300
    assert parse_record(b'{"a":-%s}' % digits) == {"a": -(10**4300 - 1)}
    assert fault(b'{"a":-9%s}' % digits).code == "integer-too-long"


def test_null_members_are_gone_at_every_depth_and_null_items_are_not() -> None:
    assert parse_record(b'{"a":{"b":null},"c":[null,{"d":null}],"e":null}') == {
        "a": {},
        "c": [None, {}],
    }


@pytest.mark.parametrize(
    ("raw", "value"), [(b"[1, null]", [1, None]), (b'"x"', "x"), (b" 1.0 ", 1.0), (b"null", None)]
)
def test_a_text_that_is_no_record_may_have_any_root(raw: bytes, value: object) -> None:
    assert parse_json(raw) == value


def test_a_bad_text_is_an_error_that_carries_its_fault() -> None:
    with pytest.raises(JsonError, match="too large for a double") as caught:
        parse_json(b"[1e400]")
    assert caught.value.fault == RowFault(
        "not-finite", "1e400 is too large for a double", 1, "$[0]"
    )


@pytest.mark.parametrize("text", ["Ⅷ", "١", "1_000", "０"])
def test_only_ascii_digits_make_a_number(text: str) -> None:
    assert fault(f'{{"a":{text}}}'.encode()).code in {"syntax", "bad-number"}


def test_only_the_four_blanks_of_json_are_white_space() -> None:
    assert parse_record(b' \t\r\n{"a" :\t1} ') == {"a": 1}
    for blank in ("\x0b", "\x0c", "\u00a0", "\u2028", "\ufeff"):
        assert fault(f'{{"a":{blank}1}}'.encode()).code == "syntax"


def test_a_long_path_and_a_long_key_are_cut_in_the_report() -> None:
    key = "k" * 5000
    found = fault(f'{{"{key}":1,"{key}":2}}'.encode())
    assert len(found.message) < 200
    assert len(fault(b'{"a":' + b"[" * 300).path) < 200
