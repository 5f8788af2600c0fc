"""The fast path: many records at once, by orjson wherever it cannot be wrong.

orjson silently keeps the last of two equal keys, turns integers beyond 64 bits into doubles,
writes `1.0` and `1e16` otherwise than RFC 8785, and sorts keys by code point instead of UTF-16
code unit. Each of these leaves a mark that is cheap to look for; a record that bears one is
written by `jcs`, or parsed by `strict`, which also decides about all that orjson refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dslineage.canonical.jcs import canonical_bytes, number_text, without_nulls
from dslineage.canonical.rows import Row, RowFault
from dslineage.canonical.strict import MAX_DEPTH, parse_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH_BYTES = 1 << 17
"""Records that a processor's cache holds together with all that is made of them."""

_SORTED = orjson.OPT_SORT_KEYS
_DOUBLE_DIGITS = 17
_BIG = 2.0**63
_DEEPEST = 254
"""Levels that orjson writes; it refuses what nests more deeply."""

_MINUS, _DOT, _E, _N, _U, _COLON, _BACKSLASH = b"-.enu:\\"
_ASTRAL = 0xF0
"""The first lead byte of four, in UTF-8."""
_BEFORE_VALUE = np.isin(np.arange(256), list(b":,[\n"))
_IN_NUMBER = np.isin(np.arange(256), list(b"0123456789+-"))


def parse_rows(
    records: Sequence[bytes], depth: int = MAX_DEPTH, raw: bytes | memoryview | None = None
) -> list[Row | RowFault]:
    """The rows of some records, one result for each; what they are never depends on the batch.

    Args:
        records: the bytes of each.
        depth: how deeply one may nest.
        raw: one batch of them, one behind the other, whatever stands between them.
    """
    if raw is not None:
        return _parse_batch(records, raw, depth)
    return [
        row for batch in _batches(records) for row in _parse_batch(batch, b"\n".join(batch), depth)
    ]


def write_values(values: Sequence[Any]) -> list[bytes]:
    """The canonical forms of some values made of JSON's types only, as `canonical_bytes` has them.

    Raises:
        UsageError: a value is not JSON.
    """
    texts = [_write(value) for value in values]
    return [
        canonical_bytes(value) if mark or not text else text
        for value, text, mark in zip(values, texts, _marks(texts, _join(texts)), strict=True)
    ]


def _batches(records: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    start = size = 0
    for stop, raw in enumerate(records, 1):
        size += len(raw)
        if size >= BATCH_BYTES:
            yield records[start:stop]
            start, size = stop, 0
    if start < len(records):
        yield records[start:]


def _parse_batch(
    records: Sequence[bytes], raw: bytes | memoryview, depth: int
) -> list[Row | RowFault]:
    values = _loaded(records)
    texts = _written(values)
    joined = _join(texts)
    doubtful = _misread(records, raw, texts, joined, depth)
    marks = _marks(texts, joined)
    if all(texts) and True not in doubtful and True not in marks:
        return list(map(Row, values, texts, repeat(True)))
    rows: list[Row | RowFault] = []
    for value, text, one, doubt, mark in zip(values, texts, records, doubtful, marks, strict=True):
        if text and not doubt and not mark:
            rows.append(Row(value, text, plain=True))
        else:
            row = _write_closely(value, text) if text and not doubt else None
            rows.append(row or _parse_strictly(one, depth))
    return rows


def _loaded(records: Sequence[bytes]) -> list[Any]:
    """Records as orjson reads them; None for those that it refuses."""
    try:
        return list(map(orjson.loads, records))
    except orjson.JSONDecodeError:
        return list(map(_load, records))


def _load(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _written(values: Sequence[Any]) -> list[bytes]:
    """What orjson writes for those that are objects; no bytes for others, and where it refuses."""
    try:
        return [
            orjson.dumps(value, None, _SORTED) if type(value) is dict else b"" for value in values
        ]
    except orjson.JSONEncodeError:
        return [_write(value) if type(value) is dict else b"" for value in values]


def _misread(
    records: Sequence[bytes],
    raw: bytes | memoryview,
    texts: Sequence[bytes],
    joined: bytes,
    depth: int,
) -> list[bool]:
    """For each record, whether orjson may have read it wrongly, or it nests too deeply.

    orjson writes each colon of the record once, unless it dropped a member with an equal key or
    the record spells a colon as an escape; so it never writes more, and equal sums over all
    records mean that each is equal. Integers that it rounded are found in `_exact`.
    """
    if depth < _DEEPEST:
        deep = [text.count(b"{") + text.count(b"[") > depth for text in texts]
    else:
        deep = [False] * len(texts)
    data, written = np.frombuffer(raw, np.uint8), np.frombuffer(joined, np.uint8)
    escapes = ((data[:-1] == _BACKSLASH) & (data[1:] == _U)).any()
    escaped = bool(escapes) and any(map(_has_escaped_colon, records))
    if not escaped and np.count_nonzero(data == _COLON) == np.count_nonzero(written == _COLON):
        return deep
    return [
        below or one.count(b":") != text.count(b":") or _has_escaped_colon(one)
        for one, text, below in zip(records, texts, deep, strict=True)
    ]


def _has_escaped_colon(record: bytes) -> bool:
    return b"\\u003a" in record or b"\\u003A" in record


def _join(texts: Sequence[bytes]) -> bytes:
    """All texts of a batch, a line feed before each."""
    return b"\n".join([b"", *texts])


def _write(value: Any) -> bytes:
    """What orjson writes for a value; no bytes where it refuses."""
    try:
        return orjson.dumps(value, None, _SORTED)
    except orjson.JSONEncodeError:
        return b""


def _parse_strictly(raw: bytes, depth: int) -> Row | RowFault:
    value = parse_record(raw, depth=depth)
    return value if isinstance(value, RowFault) else Row(value, canonical_bytes(value))


class _UnsureError(Exception):
    """What orjson read or would write may be wrong."""


def _write_closely(value: dict[str, Any], text: bytes) -> Row | None:
    """The row of a marked value, or None where only the strict path can tell."""
    try:
        exact = _exact(value)
    except _UnsureError:
        return None
    return Row(without_nulls(value) if b'":null' in text else value, _write(exact))


def _exact(value: Any) -> Any:
    """A copy that orjson writes as RFC 8785 says: without null members, doubles spelled out.

    Raises:
        _UnsureError: a double is so large that it may have been an integer beyond 64 bits, or a
            key has an astral character.
    """
    kind = type(value)
    if kind is dict:
        if any(not key.isascii() and max(key) > "\uffff" for key in value):
            raise _UnsureError
        return {key: _exact(item) for key, item in value.items() if item is not None}
    if kind is list:
        return [_exact(item) for item in value]
    if kind is float:
        if abs(value) >= _BIG:
            raise _UnsureError
        return orjson.Fragment(number_text(value))
    return value


def _marks(texts: Sequence[bytes], joined: bytes) -> list[bool]:
    """For each text of orjson, whether RFC 8785 may say otherwise; never wrongly false."""
    marks = np.zeros(len(texts), bool)
    data = np.frombuffer(joined, np.uint8)
    places = np.concatenate((_double_places(data), _null_places(data)))
    if len(places):
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        marks[np.searchsorted(ends, places, side="right")] = True
    if data.max(initial=0) < _ASTRAL:
        plain: list[bool] = marks.tolist()
        return plain
    return [
        mark or _may_sort_otherwise(text) for mark, text in zip(marks.tolist(), texts, strict=True)
    ]


def _double_places(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where a double may stand in compact JSON, given by one of its digits.

    A double has a digit before a `.` or `e` and a digit or sign behind it, and only digits and a
    sign between that and what comes before a value. Text between quotes may look so, too.
    """
    after = data[1:-1]
    places = np.flatnonzero(((after == _DOT) | (after == _E)) & ((data[:-2] - 48) < 10))
    places = places[_IN_NUMBER[data[places + 2]]]
    before = places
    for _ in range(_DOUBLE_DIGITS):
        digit = (data[before] - 48) < 10
        if not digit.any():
            break
        before = before - digit
    byte = data[before - (data[before] == _MINUS)]
    found: NDArray[np.int64] = places[_BEFORE_VALUE[byte] | ((byte - 48) < 10)]
    return found


def _null_places(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where a null may stand in compact JSON; orjson writes NaN and infinity so, too."""
    places = np.flatnonzero((data[1:-1] == _N) & (data[2:] == _U)) + 1
    found: NDArray[np.int64] = places[_BEFORE_VALUE[data[places - 1]]]
    return found


def _may_sort_otherwise(text: bytes) -> bool:
    """Whether there are both astral characters, and some of those that UTF-16 sorts after them."""
    return (0xEE in text or 0xEF in text) and any(lead in text for lead in range(0xF0, 0xF5))
