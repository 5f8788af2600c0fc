"""`contam[E]` against its formula, on a real leak and on data that leaks nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.adapters.detect import detect
from dslineage.quality.example import Example
from dslineage.quality.setmetric import SetMetric
from dslineage.quality.sets.contamination import contamination
from tests.quality import naive_sets as naive
from tests.quality.population import MemoryPopulation, read


def metric_of(name: str, rows: Sequence[dict[str, Any]]) -> SetMetric:
    adapter = detect(rows[:500]).adapter
    return contamination(name, [Example.of(row, adapter) for row in rows])


def asks(*prompts: str) -> list[dict[str, Any]]:
    return [{"prompt": prompt, "completion": "yes"} for prompt in prompts]


def held(items: Sequence[str], *prompts: str) -> int:
    figure = metric_of("E", asks(*items)).of(MemoryPopulation(asks(*prompts)))
    assert figure.value == figure.detail["held"] / len(items)
    return int(figure.detail["held"])


def test_a_leak_of_half_a_percent_is_found_and_named(shared_data: Path) -> None:
    test = read(shared_data / "gsm8k/test.jsonl")
    train = read(shared_data / "gsm8k/train.jsonl")
    leaked = random.Random(9).sample(range(len(test)), len(train) // 200)
    metric = metric_of("gsm8k/test.jsonl", test)
    population = MemoryPopulation(train + [test[item] for item in leaked])
    figures = metric.over(population)

    clean = figures(slice(0, len(train)))
    assert clean.detail["first_held"] == [603, 633], "two items are in the clean set as well"
    mixed = figures(slice(None))
    assert mixed.detail["held"] == len({*leaked, 602, 632})
    named = {(place, cause.reason) for cause in metric.causes(population) for place in cause.places}
    for at, item in enumerate(leaked, len(train)):
        assert (at, f"100% of the words of item {item + 1} of gsm8k/test.jsonl") in named


def test_what_the_clean_set_holds_is_what_a_reader_sees(shared_data: Path) -> None:
    """Two word problems that are there with other names and numbers."""
    test = read(shared_data / "gsm8k/test.jsonl")
    train = read(shared_data / "gsm8k/train.jsonl")
    causes = metric_of("test", test).causes(MemoryPopulation(train))
    assert [(cause.places, cause.reason) for cause in causes] == [
        ((1314, 5162), "76% of the words of item 603 of test"),
        ((20,), "62% of the words of item 633 of test"),
    ]
    story = "bought stamps at the post office. Some of the stamps had a snowflake design"
    assert train[20]["question"].startswith(f"Bella {story}")
    assert test[632]["question"].startswith(f"Max {story}")


@pytest.mark.parametrize("train", ["toolformer/toolformer-dedupe-only.json", "gsm8k/train.jsonl"])
def test_real_figures_equal_the_formula(shared_data: Path, train: str) -> None:
    items = read(shared_data / "codealpaca/code_alpaca_2k.json")
    metric = metric_of("E", items)
    population = MemoryPopulation(random.Random(2).sample(read(shared_data / train), 400))
    adapter = detect(items).adapter
    texts = [Example.of(item, adapter).prompt or "" for item in items]
    expected = {item for one in population.of_all for item in naive.held(texts, one)}
    assert metric.of(population).detail["held"] == len(expected)
    found = {cause.reason.split()[6] for cause in metric.causes(population)}
    assert found == {str(item + 1) for item in expected}


@settings(max_examples=200)
@given(st.data())
def test_any_figure_equals_the_formula(data: st.DataObject) -> None:
    word = st.sampled_from(["a", "b", "c"])
    texts = st.lists(st.lists(word, max_size=24).map(" ".join), min_size=1, max_size=5)
    items, prompts = data.draw(texts), data.draw(texts)
    population = MemoryPopulation(asks(*prompts))
    expected = {item for one in population.of_all for item in naive.held(items, one)}
    found = metric_of("E", asks(*items)).of(population).detail["first_held"]
    assert found == sorted(item + 1 for item in expected)


def test_more_than_half_of_the_words_must_be_shared() -> None:
    item = "a b c d e f g h i j k l m n o p q r"
    assert held([item], "So: a b c d e f g h i") == 0, "9 of 18"
    assert held([item], "So: a b c d e f g h i j") == 1, "10 of 18"


def test_parts_of_different_examples_are_not_added_up() -> None:
    assert held(["a b c d e f g h i j k l m n o p q r"], "a b c d e f g h", "k l m n o p q r") == 0


def test_short_items_are_held_only_by_the_same_question() -> None:
    items = ["Who wrote Emma?", "??"]
    assert held(items, "Tell me who wrote Emma?", "") == 0
    assert held(items, "who wrote  emma") == 1


def test_what_all_items_share_makes_no_item_held() -> None:
    preamble = "you are given a question with four choices answer with one letter"
    rest = "in what year was the first of the great bridges over the river of town number"
    items = [f"{preamble} {rest} {number} {'x ' * (number // 2)}" for number in range(30)]
    assert held([f"{preamble} {number} {'y ' * 12}" for number in range(50)], preamble) == 0
    assert held(items, f"{preamble} {rest} 99") == 30, "but for a few words they are one item"


def test_neither_order_nor_chunks_nor_repeats_change_a_figure(shared_data: Path) -> None:
    test = read(shared_data / "gsm8k/test.jsonl")
    metric = metric_of("E", test)
    train = read(shared_data / "gsm8k/train.jsonl")[:1400] + test[:10]
    expected = metric.of(MemoryPopulation(train))
    mixed = random.Random(3).sample(train, len(train))
    assert metric.of(MemoryPopulation(mixed + mixed[:100], chunk=41)) == expected


def test_a_subset_reads_no_text_again(shared_data: Path) -> None:
    metric = metric_of("E", read(shared_data / "gsm8k/test.jsonl"))
    population = MemoryPopulation(read(shared_data / "gsm8k/train.jsonl")[:500])
    figures = metric.over(population)
    for size in (100, 200, 500):
        figures(np.arange(size))
    assert list(population.computed.values()) == [500]


def test_other_items_make_another_metric() -> None:
    first, second = metric_of("E", asks("a b")), metric_of("E", asks("a c"))
    assert first.name == second.name == "contam[E]"
    assert first.id != second.id
