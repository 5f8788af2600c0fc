"""Edits of bytes, as values: hypothesis draws and shrinks them, a long run draws its own."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

_TOKENS = (
    b"", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\n", b"\r", b"\t", b"\0", b"=", b"'",
    b"null", b"true", b"NaN", b"1e999", b"-1", b"0", b"1.5", b'""', b"[]", b"{}", b'"a"', b"[[1]]",
    b"9" * 30, b"9" * 5000, b"9223372036854775808", b"-9223372036854775809", b"1e-400",
    b"[" * 5000, b'{"a":' * 3000, b"- " * 3000, b"\\ud800", b"\\u0000", b'"\\ud800"', b"\xff",
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\x1b[31m", b"../../x", b"/etc/passwd",
    b"a\0b", b"-x", b"<<<<<<< HEAD\n", b"sha256:" + b"0" * 64, b"0" * 64, b"dataset:sha256:",
    b"2026-02-30", b"2026-01-02T03:04:05Z", b"!!python/object/apply:os.system ", b"&a [*a]", b"*a",
    b"<<: *a",
    b"!!int x", b"!!float ''", b"!!timestamp x", b"!!binary x", b"? ", b"---\n", b"%YAML",
    b"[section]\n", b"[[a]]\n", b"version https://git-lfs.github.com/spec/v1\n", b"PAR1", b"ARROW1",
)  # fmt: skip
_NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1)
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|\b(?:true|false|null)\b')
_LONGEST = 1 << 20


class Edit(NamedTuple):
    """One edit. Numbers are taken modulo what there is, so that every edit fits any bytes."""

    kind: str
    at: int
    size: int
    what: int


def _flip(data: bytes, edit: Edit, _: bytes) -> bytes:
    at = edit.at % len(data)
    return data[:at] + bytes([data[at] ^ (1 << edit.what % 8)]) + data[at + 1 :]


def _cut(data: bytes, edit: Edit, _: bytes) -> bytes:
    return data[: edit.at % len(data)]


def _drop(data: bytes, edit: Edit, _: bytes) -> bytes:
    at = edit.at % len(data)
    return data[:at] + data[at + 1 + edit.size :]


def _double(data: bytes, edit: Edit, _: bytes) -> bytes:
    at = edit.at % len(data)
    chunk = data[at : at + 1 + edit.size]
    return data[:at] + chunk * (2 + edit.what % 64) + data[at + len(chunk) :]


def _insert(data: bytes, edit: Edit, _: bytes) -> bytes:
    at = edit.at % len(data)
    return data[:at] + _TOKENS[edit.what % len(_TOKENS)] + data[at:]


def _splice(data: bytes, edit: Edit, other: bytes) -> bytes:
    at, start = edit.at % len(data), edit.what % max(len(other), 1)
    return data[:at] + other[start : start + 1 + edit.size] + data[at + edit.size :]


def _number(data: bytes, edit: Edit, _: bytes) -> bytes:
    """Another length, count or offset, as binary formats have them."""
    at, width = edit.at % len(data), (1, 2, 4, 8)[edit.size % 4]
    value = _NUMBERS[edit.what % len(_NUMBERS)] % (1 << 8 * width)
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


def _value(data: bytes, edit: Edit, _: bytes) -> bytes:
    """Another value in the place of a text, a number or a word of JSON, TOML or YAML."""
    found = list(_VALUE.finditer(data))
    if not found:
        return _insert(data, edit, b"")
    place = found[edit.at % len(found)]
    return data[: place.start()] + _TOKENS[edit.what % len(_TOKENS)] + data[place.end() :]


def _swap(data: bytes, edit: Edit, other: bytes) -> bytes:
    """A value of the same document, or of another, in the place of a value."""
    found, more = list(_VALUE.finditer(data)), list(_VALUE.finditer(other))
    if not found or not more:
        return _splice(data, edit, other)
    place = found[edit.at % len(found)]
    return data[: place.start()] + more[edit.what % len(more)][0] + data[place.end() :]


_KINDS: Mapping[str, Callable[[bytes, Edit, bytes], bytes]] = {
    "flip": _flip,
    "value": _value,
    "number": _number,
    "cut": _cut,
    "drop": _drop,
    "insert": _insert,
    "swap": _swap,
    "double": _double,
    "splice": _splice,
}


def edited(data: bytes, edits: Sequence[Edit], other: bytes) -> bytes:
    """Bytes after some edits; `other` are bytes of the same kind, from which pieces are taken."""
    for edit in edits:
        if data:
            data = _KINDS[edit.kind](data, edit, other)[:_LONGEST]
    return data


_PLACES = st.integers(0, 4095) | st.integers(0, 1 << 24)
edits: st.SearchStrategy[list[Edit]] = st.lists(
    st.builds(
        Edit, st.sampled_from(list(_KINDS)), _PLACES, st.integers(0, 63), st.integers(0, 255)
    ),
    min_size=1,
    max_size=4,
)


def drawn(source: random.Random) -> list[Edit]:
    """Edits for a run that no strategy guides."""
    return [
        Edit(
            source.choice(list(_KINDS)),
            source.randrange(1 << 24),
            source.randrange(1 << source.randrange(1, 9)),
            source.randrange(256),
        )
        for _ in range(source.choice((1, 1, 2, 3, 6)))
    ]
