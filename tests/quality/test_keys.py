"""Keys of set metrics: a whole chunk at once says what the definition says of each example."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.adapters.detect import detect
from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example
from dslineage.quality.metric import Metric
from dslineage.quality.sets.keys import NEAR, OPENER, PROMPT, TARGET
from dslineage.quality.sets.shingles import shingle_sets
from dslineage.quality.sets.texts import text_key, text_keys
from dslineage.quality.values import Values
from dslineage.quality.words import ngram_id, word_id
from tests.quality import naive_sets as naive
from tests.quality.population import read

KEYS = [PROMPT, TARGET, OPENER, NEAR]
TEXTS = st.text(
    st.sampled_from("aB \t\n\r\x1c\x85\xa0\u3000.\u0301\u00e9\u00df\u0130\u4e2d\ud800\xff")
)
FILES = [
    "gsm8k/test.jsonl",
    "toolformer/toolformer-similarity-0.6.json",
    "llamafactory/alpaca_zh_demo.json",
    "llamafactory/dpo_en_demo.json",
    "llamafactory/glaive_toolcall_en_demo.json",
    "llamafactory/c4_demo.jsonl",
]


def chunk_of(path: Path) -> Chunk:
    rows = read(path)[:300]
    return Chunk.of(rows, detect(rows).adapter)


def one_by_one(metric: Metric, chunk: Chunk) -> Values:
    return Values.of(metric.kind, [metric.of(example).value for example in chunk.examples])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("metric", KEYS, ids=lambda metric: metric.name)
def test_keys_of_real_examples_are_as_defined(shared_data: Path, metric: Metric, name: str) -> None:
    chunk = chunk_of(shared_data / name)
    assert metric.batch is not None
    found = metric.batch(chunk, **metric.params)
    np.testing.assert_array_equal(found.data, one_by_one(metric, chunk).data)


@given(st.lists(st.none() | TEXTS))
def test_keys_of_any_texts_are_as_defined(texts: list[str | None]) -> None:
    expected = [0 if text is None else text_key(text) for text in texts]
    assert text_keys(texts).tolist() == expected


@given(TEXTS, TEXTS)
def test_texts_have_one_key_if_they_are_the_same_when_normalised(first: str, second: str) -> None:
    same = naive.normal(first) == naive.normal(second)
    assert (text_key(first) == text_key(second)) is same


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_keys_of_any_examples_are_as_defined(said: list[tuple[str, str]]) -> None:
    rows = [{"prompt": prompt, "completion": target} for prompt, target in said]
    chunk = Chunk.of(rows, detect([{"prompt": "a", "completion": "b"}]).adapter)
    for metric in KEYS:
        assert metric.batch is not None
        found = metric.batch(chunk, **metric.params)
        np.testing.assert_array_equal(found.data, one_by_one(metric, chunk).data)


@pytest.mark.parametrize("name", FILES)
def test_shingles_are_those_of_the_texts(shared_data: Path, name: str) -> None:
    chunk = chunk_of(shared_data / name)
    found = shingle_sets(chunk, 5)
    for example, (begin, end) in zip(chunk.examples, pairwise(found.offsets), strict=True):
        runs = naive.runs(naive.whole(example), 5)
        numbers = [ngram_id([word_id(word) for word in run]) for run in runs]
        expected = sorted(set(numbers or [text_key(naive.whole(example))]))
        assert found.values[begin:end].tolist() == expected


def test_an_empty_chunk_has_no_keys() -> None:
    empty = Chunk(list[Example]())
    for metric in KEYS:
        assert metric.batch is not None
        assert len(metric.batch(empty, **metric.params).data) == 0
