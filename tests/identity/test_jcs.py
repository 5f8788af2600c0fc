"""The canonical serialiser: numbers as ECMAScript has them, order where order means nothing."""

from __future__ import annotations

import json
import math
import random
import shutil
import struct
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.canonical.jcs import canonical_bytes, digest_of, number_text, without_nulls
from dslineage.canonical.strict import parse_json
from dslineage.errors import UsageError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), DOUBLES, TEXT),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXT, inner)),
    max_leaves=15,
)


def reordered(value: Any, shuffle: random.Random) -> Any:
    """The same value with the members of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        shuffle.shuffle(keys)
        return {key: reordered(value[key], shuffle) for key in keys}
    return [reordered(item, shuffle) for item in value] if isinstance(value, list) else value


def doubles(count: int) -> list[float]:
    """Doubles of random bits, of few digits, and on both sides of each power of two."""
    draw = random.Random(20_260_102)
    found = [struct.unpack("<d", draw.randbytes(8))[0] for _ in range(count)]
    found += [draw.randrange(10**6) * 10.0 ** draw.randrange(-30, 30) for _ in range(count)]
    found += [
        math.nextafter(2.0**power, to) for power in range(-1074, 1023) for to in (0, math.inf)
    ]
    return [number for number in found if math.isfinite(number)]


def test_doubles_are_written_as_node_writes_them() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    numbers = doubles(20_000)
    program = (
        "const b = require('fs').readFileSync(0);"
        "for (let i = 0; i < b.length; i += 8) console.log(JSON.stringify(b.readDoubleLE(i)));"
    )
    data = struct.pack(f"<{len(numbers)}d", *numbers)
    said = subprocess.run([node, "-e", program], input=data, capture_output=True, check=True)
    assert said.stdout.decode().split() == [number_text(number) for number in numbers]


@given(DOUBLES)
def test_a_written_double_reads_back_as_itself(number: float) -> None:
    assert float(number_text(number)) == number


@given(VALUES, st.randoms(use_true_random=False))
def test_key_order_means_nothing(value: Any, shuffle: random.Random) -> None:
    assert canonical_bytes(reordered(value, shuffle)) == canonical_bytes(value)


@given(st.lists(st.integers(), min_size=2, unique=True))
def test_list_order_means_something(items: list[int]) -> None:
    assert digest_of(items) != digest_of(items[::-1])


@given(VALUES)
def test_a_canonical_form_is_its_own_canonical_form(value: Any) -> None:
    canonical = canonical_bytes(value)
    assert canonical_bytes(parse_json(canonical)) == canonical


@given(VALUES)
def test_null_members_and_their_absence_are_one_form(value: Any) -> None:
    assert canonical_bytes(value) == canonical_bytes(without_nulls(value))
    assert b'":null' not in canonical_bytes(without_nulls(value)).replace(b'\\":null', b"")


def test_true_is_not_one() -> None:
    assert canonical_bytes([True, 1, False, 0]) == b"[true,1,false,0]"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (math.nan, "JSON has no number for nan"),
        ([math.inf], "JSON has no number for inf"),
        ({"a": {"b": -math.inf}}, "JSON has no number for -inf"),
        ("\ud800", "half a surrogate pair"),
        ({"\udfff": 1}, "half a surrogate pair"),
        ({1: 2}, "a JSON key is a string, not int 1"),
        ({None: 2}, "a JSON key is a string, not NoneType None"),
        (b"bytes", "no JSON value: bytes"),
        ({"a": {1, 2}}, "no JSON value: set"),
        ([10**4300], "more than 4,300 digits"),
    ],
)
def test_what_is_no_json_is_refused_by_name(value: object, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        canonical_bytes(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(UsageError, match="contains itself"):
        canonical_bytes(loop)


def test_tuples_are_arrays() -> None:
    assert (
        canonical_bytes({"a": (1, ())})
        == json.dumps({"a": [1, []]}, separators=(",", ":")).encode()
    )
