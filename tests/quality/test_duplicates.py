"""`exact_dup`, `near_dup` and `target_conflict` against what their formulas say."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.quality.chunk import Chunk
from dslineage.quality.setmetric import SetMetric
from dslineage.quality.sets.candidates import candidates
from dslineage.quality.sets.components import components
from dslineage.quality.sets.definitions import EXACT_DUP, NEAR_DUP, TARGET_CONFLICT
from dslineage.quality.sets.shingles import shingle_ids
from dslineage.quality.shapley import shapley
from tests.quality import naive_sets as naive
from tests.quality.population import MemoryPopulation, read

TOOLS = "toolformer/toolformer-dedupe-only.json"
T0 = "t0/t0-train.jsonl"


def pairs(*said: tuple[str, str]) -> MemoryPopulation:
    return MemoryPopulation([{"prompt": p, "completion": c} for p, c in said])


def value(metric: SetMetric, *said: tuple[str, str]) -> float | None:
    return metric.of(pairs(*said)).value


def test_copies_but_the_first_are_exact_duplicates() -> None:
    assert value(EXACT_DUP, ("a", "1"), ("a", "1"), ("b", "1"), ("a", "1")) == 0.5


def test_what_a_model_is_not_shown_makes_no_example_different() -> None:
    said = [{"prompt": "a", "completion": "1", "note": note} for note in ("x", "y")]
    assert EXACT_DUP.of(MemoryPopulation(said)).value == 0.5


def test_short_texts_are_near_duplicates_only_if_they_are_the_same_text() -> None:
    said = ("2 + 2", "4"), ("2 - 2", "4"), ("2  +\n2", "4")
    assert value(EXACT_DUP, *said) == 0
    assert NEAR_DUP.of(pairs(*said)).detail["clusters"] == 2


def test_case_space_and_unicode_form_make_no_other_answer() -> None:
    assert value(TARGET_CONFLICT, ("Caf\u00e9?", "Yes"), ("cafe\u0301? ", " yes")) == 0


def test_every_example_whose_prompt_has_two_answers_is_in_conflict() -> None:
    assert value(TARGET_CONFLICT, ("q", "4"), ("Q", "4"), ("q", "5"), ("r", "1")) == 0.75


def test_another_system_prompt_makes_another_prompt() -> None:
    said = [
        {
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": "Hello"},
                {"role": "assistant", "content": answer},
            ]
        }
        for system, answer in (("English", "Hi"), ("German", "Tag"), ("German", "Moin"))
    ]
    assert TARGET_CONFLICT.of(MemoryPopulation(said)).value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("beside", "one", "other"),
    [
        ("tools", [{"name": "fly", "parameters": {}}], [{"name": "cook", "parameters": {}}]),
        ("images", ["plane.png"], ["soup.png"]),
    ],
)
def test_other_tools_or_another_picture_make_another_prompt(
    beside: str, one: object, other: object
) -> None:
    def example(answer: str, value: object) -> dict[str, object]:
        turns = [("user", "Go on"), ("assistant", answer)]
        return {"messages": [{"role": r, "content": c} for r, c in turns], beside: value}

    apart = MemoryPopulation([example("yes", one), example("no", other)])
    assert TARGET_CONFLICT.of(apart).value == 0
    together = MemoryPopulation([example("yes", one), example("no", one)])
    assert TARGET_CONFLICT.of(together).value == 1


def test_what_does_not_apply_to_anything_has_no_figure() -> None:
    plain = MemoryPopulation([{"text": "one plain text"}, {"text": "and another"}])
    assert TARGET_CONFLICT.of(plain).value is None
    nothing = np.zeros(0, np.int64)
    for metric in (EXACT_DUP, NEAR_DUP, TARGET_CONFLICT):
        assert metric.over(plain)(nothing).value is None


@pytest.mark.parametrize("name", [TOOLS, T0])
def test_real_conflicts_and_copies_equal_the_formulas(shared_data: Path, name: str) -> None:
    population = MemoryPopulation(read(shared_data / name)[:3000])
    said = [(example.prompt or "", example.target or "") for example in population.of_all]
    assert TARGET_CONFLICT.of(population).value == pytest.approx(naive.conflicts(said))
    different = len({repr(example.conversation) for example in population.of_all})
    assert EXACT_DUP.of(population).value == pytest.approx(1 - different / 3000)


def test_near_duplicates_are_those_of_the_formula(shared_data: Path) -> None:
    population = MemoryPopulation(read(shared_data / TOOLS)[:600])
    numbers = shingle_ids(Chunk(population.of_all), 5)
    bounds = numbers.offsets.tolist()
    signatures = [naive.minima(numbers.ids[begin:end].tolist()) for begin, end in pairwise(bounds)]

    def meet(i: int, j: int) -> bool:
        bands = range(0, 128, 8)
        return any(signatures[i][b : b + 8] == signatures[j][b : b + 8] for b in bands)

    alike = naive.alike_pairs([naive.shingles(example) for example in population.of_all])
    assert len(alike) > 10
    expected = naive.clusters(600, [pair for pair in alike if meet(*pair)])
    assert NEAR_DUP.of(population).detail["clusters"] == expected


@pytest.mark.parametrize(("name", "recall"), [(TOOLS, 0.9), (T0, 0.99)])
def test_few_near_duplicates_are_missed(shared_data: Path, name: str, recall: float) -> None:
    examples = read(shared_data / name)
    population = MemoryPopulation(random.Random(4).sample(examples, 2000))
    sets = [naive.shingles(example) for example in population.of_all]
    all_clusters = naive.clusters(2000, naive.alike_pairs(sets))
    found = NEAR_DUP.of(population).detail["clusters"]
    assert recall * (2000 - all_clusters) <= 2000 - found <= 2000 - all_clusters


@pytest.mark.parametrize("metric", [EXACT_DUP, NEAR_DUP, TARGET_CONFLICT])
def test_neither_order_nor_chunks_nor_subsets_change_a_figure(
    shared_data: Path, metric: SetMetric
) -> None:
    examples = read(shared_data / T0)[:1500]
    expected = metric.of(MemoryPopulation(examples))
    mixed = random.Random(7).sample(examples, 1500)
    assert metric.of(MemoryPopulation(mixed, chunk=37)) == expected
    more = MemoryPopulation(read(shared_data / T0)[1500:2500] + mixed)
    assert metric.over(more)(np.arange(1000, 2500)) == expected


@pytest.mark.parametrize("metric", [EXACT_DUP, NEAR_DUP, TARGET_CONFLICT])
def test_the_influences_of_the_causes_add_up_to_the_figure(
    shared_data: Path, metric: SetMetric
) -> None:
    examples = read(shared_data / T0)[:1500]
    population = MemoryPopulation(examples + examples[:40])
    causes = metric.causes(population)
    assert causes
    sum_of_all = sum(len(cause.places) * cause.influence for cause in causes)
    assert sum_of_all == pytest.approx(metric.of(population).value)


def test_a_cluster_is_explained_by_its_examples() -> None:
    text = "a b c d e f g h i j k l m n o p q r s t u v w "
    said = pairs(("x", "y"), (text, "yes"), ("z", "y"), (text, "yes"), (text + "more", "yes"))
    [cause] = NEAR_DUP.causes(said)
    assert cause == ((1, 3, 4), (1 - 1 / 3) / 5, "3 near duplicates, 2 different")


def test_planted_copies_are_found_and_nothing_else(shared_data: Path) -> None:
    clean = read(shared_data / T0)[:10_000]
    picked = [row for row in random.Random(3).sample(clean, 200) if len(row["prompt"]) > 400]
    exact, near, torn = picked[:20], picked[20:40], picked[40:60]
    planted = [
        *exact,
        *({**row, "prompt": row["prompt"] + " Please."} for row in near),
        *({**row, "completion": "Planted: something else entirely."} for row in torn),
    ]
    population = MemoryPopulation(clean + planted)
    before = slice(0, 10_000)
    places = {
        "exact": np.r_[0:10_000, 10_000:10_020],
        "near": np.r_[0:10_000, 10_020:10_040],
        "torn": np.r_[0:10_000, 10_040:10_060],
    }

    def more(metric: SetMetric, key: str, kind: str) -> int:
        figures = metric.over(population)
        was, now = figures(before).detail, figures(places[kind]).detail
        return int((now["examples"] - now[key]) - (was["examples"] - was[key]))

    assert more(EXACT_DUP, "distinct", "exact") == 20
    assert more(EXACT_DUP, "distinct", "near") == 0
    assert more(NEAR_DUP, "clusters", "exact") == 20
    assert more(NEAR_DUP, "clusters", "near") == 20
    found = {place for cause in TARGET_CONFLICT.causes(population) for place in cause.places}
    assert found >= set(range(10_040, 10_060))
    assert not found & set(range(10_020, 10_040))


def test_eight_sets_of_changes_and_fifty_random_subsets_take_seconds(shared_data: Path) -> None:
    population = MemoryPopulation(read(shared_data / T0)[:10_000])
    population.conversations()
    rng = np.random.default_rng(1)
    begun = process_time()
    for metric in (EXACT_DUP, NEAR_DUP, TARGET_CONFLICT):
        figures = metric.over(population)
        for _ in range(58):
            figures(rng.choice(10_000, 9_000, replace=False))
    assert process_time() - begun < 10


def sampled(limit: int) -> SetMetric:
    return replace(NEAR_DUP, params={**NEAR_DUP.params, "conversations": limit})


def test_a_sample_is_close_by_what_it_says_of_itself(shared_data: Path) -> None:
    population = MemoryPopulation(read(shared_data / T0)[:12_000])
    exact = NEAR_DUP.of(population)
    assert exact.value is not None
    for limit in (2_000, 4_000):
        figure = sampled(limit).of(population)
        assert figure.value is not None
        error = figure.detail["standard_error"]
        assert figure.detail["sample"] == limit
        assert 0 < error < 0.05
        # Near duplicates that are not quite equal may be drawn apart: a fifth at most is missed.
        assert 0.8 * exact.value - 3 * error < figure.value < exact.value + 3 * error


def test_a_sample_depends_on_its_examples_alone(shared_data: Path) -> None:
    examples = read(shared_data / T0)[:3000]
    expected = sampled(500).of(MemoryPopulation(examples))
    mixed = random.Random(5).sample(examples, 3000)
    union = MemoryPopulation(read(shared_data / T0)[3000:5000] + mixed, chunk=64)
    assert sampled(500).over(union)(np.arange(2000, 5000), error=True) == expected


def test_signatures_are_taken_once_for_all_subsets(shared_data: Path) -> None:
    population = MemoryPopulation(read(shared_data / T0)[:4000])
    figures = sampled(1000).over(population)
    rng = np.random.default_rng(2)
    for _ in range(10):
        figures(rng.choice(4000, 3600, replace=False))
    assert max(population.computed.values()) < 1500


def test_large_buckets_are_looked_at_through_a_window() -> None:
    rng = np.random.default_rng(3)
    signatures = rng.integers(0, 2**60, (3000, 16), np.uint64)
    signatures[:, 0] = 1
    signatures[1000:1002, 5] = 7
    pairs_of_all, window = candidates(signatures, 3000 * 2999 // 2 + 1)
    assert (len(pairs_of_all), window) == (3000 * 2999 // 2, None)
    few, window = candidates(signatures, 30_000)
    assert window == 10
    assert len(few) <= 30_000
    assert [1000, 1001] in few.tolist()


@given(st.integers(1, 30), st.data())
def test_components_are_those_of_a_walk(count: int, data: st.DataObject) -> None:
    nodes = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(nodes, nodes), max_size=40))
    label = components(count, np.array(edges, np.int64).reshape(-1, 2))
    assert len(set(label.tolist())) == naive.clusters(count, edges)
    assert all(label[i] == label[j] for i, j in edges)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abC "), st.sampled_from("xyX\u00df ")), min_size=1))
def test_any_answers_conflict_as_the_formula_says(said: list[tuple[str, str]]) -> None:
    assert value(TARGET_CONFLICT, *said) == pytest.approx(naive.conflicts(said))


@pytest.mark.parametrize("metric", [EXACT_DUP, NEAR_DUP, TARGET_CONFLICT])
def test_what_was_added_removed_and_edited_adds_up_to_the_change_of_a_real_chain(
    shared_data: Path, metric: SetMetric
) -> None:
    """From one filter to a looser one: what is on both sides, what went, and what came."""
    older, newer = (
        {repr(row): row for row in read(shared_data / f"toolformer/toolformer-{name}.json")}
        for name in ("similarity-0.9", "dedupe-only")
    )
    union = MemoryPopulation([*older.values(), *(newer[key] for key in newer.keys() - older)])
    names = [*older, *(newer.keys() - older)]
    was = np.array([name in older for name in names])
    now = np.array([name in newer for name in names])
    figures = metric.over(union)

    def after(done: frozenset[str]) -> float | None:
        there = was | (now if "added" in done else False)
        return figures(there & (now if "removed" in done else True)).value

    split = shapley(after)
    before, later = (
        metric.of(MemoryPopulation(list(rows.values()))).value for rows in (older, newer)
    )
    assert split is not None
    assert before is not None
    assert later is not None
    assert math.fsum(split) == pytest.approx(later - before, abs=1e-12)
    assert split.edited == 0


def test_a_window_misses_little_and_depends_on_its_examples_alone(shared_data: Path) -> None:
    examples = read(shared_data / TOOLS)[:4000]
    population = MemoryPopulation(examples)
    narrow = replace(NEAR_DUP, params={**NEAR_DUP.params, "pairs": 10_000})
    exact, found = NEAR_DUP.of(population), narrow.of(population)
    assert "window" not in exact.detail
    assert found.detail["window"] < 10
    missed = found.detail["clusters"] - exact.detail["clusters"]
    assert 0 <= missed <= 0.1 * (4000 - exact.detail["clusters"])

    mixed = random.Random(8).sample(examples, 4000)
    union = MemoryPopulation(read(shared_data / TOOLS)[4000:5000] + mixed)
    assert narrow.over(union)(np.arange(1000, 5000)) == found
