"""`openers_eff` and `distinct3@10k` against their formulas, against drawing, and over samples."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.quality.sets.definitions import DISTINCT3, OPENERS_EFF
from dslineage.quality.sets.rarefaction import (
    effective,
    expected_distinct,
    expected_effective,
)
from dslineage.quality.words import words
from tests.quality import naive_sets as naive
from tests.quality.population import MemoryPopulation, read

T0 = "t0/t0-train.jsonl"
COUNTS = st.lists(st.integers(1, 400), min_size=1, max_size=40)


@given(COUNTS, st.data())
def test_expectations_are_those_of_binomial_coefficients(
    counts: list[int], data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(1, sum(counts)))
    units = [kind for kind, count in enumerate(counts) for _ in range(count)]
    some = np.array(counts)
    distinct = naive.distinct_share(units, drawn) * drawn
    assert expected_distinct(some, drawn) == pytest.approx(distinct, rel=1e-9)
    found = expected_effective(some, drawn)
    assert found == pytest.approx(naive.effective(units, drawn), rel=1e-9)


@given(COUNTS)
def test_who_draws_everything_expects_what_is_there(counts: list[int]) -> None:
    some = np.array(counts)
    assert expected_distinct(some, sum(counts)) == len(counts)
    assert expected_effective(some, sum(counts)) == pytest.approx(effective(some))


def test_expectations_are_the_mean_of_many_draws() -> None:
    rng = np.random.default_rng(11)
    counts = rng.zipf(1.6, 300).clip(max=2000)
    drawn = 500
    draws = rng.multivariate_hypergeometric(counts, drawn, size=3000)
    distinct = (draws > 0).sum(axis=1)
    share = np.where(draws > 0, draws, drawn) / drawn
    entropy = -(share * np.log2(share)).sum(axis=1)
    for found, drawn_values in (
        (expected_distinct(counts, drawn), distinct),
        (np.log2(expected_effective(counts, drawn)), entropy),
    ):
        error = drawn_values.std() / np.sqrt(len(draws))
        assert abs(found - drawn_values.mean()) < 4 * error


def test_large_counts_keep_their_precision() -> None:
    counts = np.array([400_000, 300_000, 200_000, 100_000])
    # So many draws are as good as draws with replacement: H - (S - 1) / (2 K ln 2), Miller 1955.
    expected = np.log2(effective(counts)) - 3 / (2 * 1000 * np.log(2))
    assert np.log2(expected_effective(counts, 1000)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["gsm8k/train.jsonl", "codealpaca/code_alpaca_2k.json"])
def test_real_figures_equal_the_formulas(shared_data: Path, name: str) -> None:
    population = MemoryPopulation(read(shared_data / name)[:1500])
    prompts = [example.prompt or "" for example in population.of_all]
    openers = [tuple(words(prompt)[:2]) for prompt in prompts]
    found = OPENERS_EFF.of(population)
    assert found.value == pytest.approx(naive.effective(openers, 1000))
    trigrams = [run for prompt in prompts for run in naive.runs(prompt, 3)]
    figure = DISTINCT3.of(population)
    assert figure.value == pytest.approx(naive.distinct_share(trigrams, 10_000))
    assert figure.detail == {
        "ngrams": len(trigrams),
        "raw": pytest.approx(len(set(trigrams)) / len(trigrams)),
    }


def test_raw_distinct_doubles_under_a_filter_of_which_chance_explains_part(
    shared_data: Path,
) -> None:
    chain = shared_data / "toolformer"
    parent = MemoryPopulation(read(chain / "toolformer-dedupe-only.json"))
    child = MemoryPopulation(read(chain / "toolformer-similarity-0.6.json"))
    figures = DISTINCT3.over(parent)
    rng = np.random.default_rng(6)
    size = len(child.rows)
    picked = [figures(rng.choice(len(parent.rows), size, replace=False)) for _ in range(20)]
    whole, rest = figures(slice(None)), DISTINCT3.of(child)

    raw = [figure.detail["raw"] for figure in picked]
    assert whole.detail["raw"] == pytest.approx(0.0594, abs=1e-4)
    assert rest.detail["raw"] == pytest.approx(0.1201, abs=1e-4)
    assert np.mean(raw) == pytest.approx(0.0847, abs=1e-3), "a random subset is up by half of it"
    rarefied = [figure.value for figure in picked if figure.value is not None]
    assert whole.value == pytest.approx(0.1687, abs=1e-4)
    assert rest.value == pytest.approx(0.2000, abs=1e-4)
    assert np.mean(rarefied) == pytest.approx(0.1687, abs=1e-3), "a random subset is not moved"


def test_neither_order_nor_chunks_nor_subsets_change_a_figure(shared_data: Path) -> None:
    examples = read(shared_data / T0)[:1500]
    mixed = random.Random(7).sample(examples, 1500)
    more = MemoryPopulation(read(shared_data / T0)[1500:2500] + mixed, chunk=37)
    for metric in (OPENERS_EFF, DISTINCT3):
        expected = metric.of(MemoryPopulation(examples))
        assert metric.over(more)(np.arange(1000, 2500)) == expected


def test_a_sample_is_close_by_what_it_says_of_itself(shared_data: Path) -> None:
    population = MemoryPopulation(read(shared_data / T0)[:12_000])
    exact = DISTINCT3.of(population).value
    assert exact is not None
    params = {**DISTINCT3.params, "conversations": 3000}
    sampled = replace(DISTINCT3, params=params).of(population)
    assert sampled.value is not None
    assert sampled.detail["sample"] == 3000
    error = sampled.detail["standard_error"]
    assert 0 < error < 0.05, "one long prompt that is there 49 times makes it so large"
    assert abs(sampled.value - exact) < 3 * error


def test_too_few_examples_have_no_rarefied_figure() -> None:
    few = MemoryPopulation([{"prompt": f"What is {n}?", "completion": "x"} for n in range(10)])
    for metric in (OPENERS_EFF, DISTINCT3):
        assert metric.of(few).value is None
    assert OPENERS_EFF.of(few).detail == {"examples": 10, "raw": 1.0}
    assert Counter(DISTINCT3.of(few).detail) == {"ngrams": 10, "raw": 1.0}
    texts = MemoryPopulation([{"text": "nobody asks"}])
    assert OPENERS_EFF.of(texts).detail == DISTINCT3.of(texts).detail == {}
