"""Folding: what looks alike is equal, by the short way and by the long one."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given

from dslineage.adapters.folding import _CASED, encoded, folded, folded_twice, repaired
from tests.adapters.strategies import texts


def by_the_book(text: str) -> bytes:
    """The definition of `docs/views.md`, word by word."""
    normal = unicodedata.normalize("NFKC", text).casefold()
    normal = unicodedata.normalize("NFKC", normal)
    space = {*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0x2028, 0x2029}
    return "".join(char for char in normal if ord(char) not in space).encode()


@given(text=texts)
def test_folded_text_is_what_the_definition_says(text: str) -> None:
    assert folded(text) == by_the_book(text)
    assert folded(text + " plain ASCII text" * 9) == by_the_book(text + " plain ASCII text" * 9)


@given(text=texts)
@example(text="cafÃ© noir")
@example(text="Ã in ASCII © is no pair")
def test_both_foldings_at_once_are_those_of_the_text_and_of_its_repair(text: str) -> None:
    for long in (text, text + "é" * 65):
        right = repaired(long)
        assert folded_twice(encoded(long)) == (
            folded(long),
            b"" if right is None else folded(right),
        )


def test_no_character_with_case_is_overlooked() -> None:
    for code in range(0x80, sys.maxunicode + 1):
        char = chr(code)
        if char.casefold() != char and unicodedata.normalize("NFKC", char) == char:
            assert _CASED.search(char.encode()), hex(code)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("5 cm\u00c2\u00b2", "5 cm²"),
        ("caf\u00c3\u00a9\nna\u00c3\u00afve", "café\nnaïve"),
        ("itâ€™s", "it's"),
    ],
)
def test_utf8_read_as_latin_1_or_windows_1252_is_repaired(wrong: str, right: str) -> None:
    assert repaired(wrong) == right.replace("'", "’")


@pytest.mark.parametrize("text", ["plain", "café", "‘quoted’ — dash", "识别", "El Niño, São Paulo"])
def test_text_that_is_right_is_left_alone(text: str) -> None:
    assert repaired(text) is None
