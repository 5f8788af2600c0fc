"""Words, their numbers, and runs of them."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.quality.words import Tokens, distinct, ngram_id, ngrams, tokens, word_id, words
from tests.quality import naive

scripts = "aZ_9é ßﬁİςıǅ\u0301\u200d .,'-\n\0\ud800中文ㄅひらカナ한글ไทยกำ😀𝕏𠀀Дд٣²½ªµ"
texts = st.text(alphabet=scripts, max_size=40) | st.text(max_size=40)
parts = st.lists(st.none() | texts, max_size=8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 3.5 km, isn't it?", ["it", "s", "3", "5", "km", "isn", "t", "it"]),
        ("snake_case_2 STRASSE straße", ["snake_case_2", "strasse", "strasse"]),
        ("四です ok", ["四", "で", "す", "ok"]),
        ("ภาษา", ["ภ", "า", "ษ", "า"]),
        ("한국어 text", ["한국어", "text"]),
        ("x中y", ["x", "中", "y"]),
        ("— … 😀", []),
        ("", []),
    ],
)
def test_words_are_runs_of_word_characters_and_han_kana_thai_one_by_one(
    text: str, expected: list[str]
) -> None:
    assert words(text) == expected


@given(texts)
def test_words_are_those_of_naive_code(text: str) -> None:
    assert words(text) == naive.words(text)


@given(parts)
def test_a_pass_over_bytes_finds_the_same_words(texts: list[str | None]) -> None:
    found = tokens(texts)
    assert lists(found) == [[word_id(word) for word in words(text or "")] for text in texts]


def test_every_code_point_is_classed_as_the_pattern_classes_it() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    texts = [" ".join(every[begin : begin + 4096]) for begin in range(0, len(every), 4096)]
    found = tokens(texts)
    assert found.counts.tolist() == [len(words(text)) for text in texts]
    for text, ids in zip(texts[:40], lists(found)[:40], strict=True):
        assert ids == [word_id(word) for word in words(text)]


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("a", 0x54CDA58FEF23226F),
        ("straße", 0x7F37ACE9DB64116D),
        ("eight888", 0x296134151D6F45E4),
        ("characteristically", 0x71A8DF6AFC239396),
        ("中", 0xE5E72F35DA7121C6),
    ],
)
def test_the_numbers_of_words_never_change(word: str, number: int) -> None:
    assert word_id(word) == number


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=8), unique=True))
def test_short_words_never_share_a_number(found: list[str]) -> None:
    assert len({word_id(word) for word in found}) == len(found)


@given(parts, st.integers(1, 6))
def test_ngrams_are_the_runs_inside_each_text(texts: list[str | None], size: int) -> None:
    numbers = [[word_id(word) for word in words(text or "")] for text in texts]
    expected = [
        [ngram_id(ids[place : place + size]) for place in range(len(ids) - size + 1)]
        for ids in numbers
    ]
    assert lists(ngrams(tokens(texts), size)) == expected


@given(st.lists(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=30), max_size=9))
def test_distinct_numbers_are_counted_in_each_text(numbers: list[list[int]]) -> None:
    assert distinct(as_tokens(numbers)).tolist() == [len(set(ids)) for ids in numbers]


def test_distinct_numbers_are_counted_in_texts_longer_than_a_piece() -> None:
    random = np.random.default_rng(3)
    sizes = [0, 90_000, 3, 0, 40_000, 20_000, 1, 0]
    numbers = [random.integers(0, 50_000, size).tolist() for size in sizes]
    assert distinct(as_tokens(numbers)).tolist() == [len(set(ids)) for ids in numbers]


def test_words_of_different_order_make_different_runs() -> None:
    assert ngram_id([word_id("to"), word_id("be")]) != ngram_id([word_id("be"), word_id("to")])


def as_tokens(numbers: list[list[int]]) -> Tokens:
    ids = [number for one in numbers for number in one]
    ends = np.cumsum([0, *map(len, numbers)])
    return Tokens(np.array(ids, np.uint64), ends)


def lists(found: Tokens) -> list[list[int]]:
    pairs = zip(found.offsets[:-1], found.offsets[1:], strict=True)
    return [found.ids[begin:end].tolist() for begin, end in pairs]
