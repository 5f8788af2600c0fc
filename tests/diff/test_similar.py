"""The rule `similar`: near-duplicate texts, and why most of them are not edits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from benchmarks.pairing_quality import FIELDS, load, measure
from dslineage.adapters.detect import detect
from dslineage.diff import similar
from dslineage.diff.compare import compare
from dslineage.diff.shingles import alike, index_texts, words
from dslineage.diff.similar import is_clear
from tests.diff.chat import compared, counts, instruction
from tests.diff.memory import MemorySnapshot

PREAMBLE = (
    "You have one tool, an encyclopedia. Useful when you need to display general information "
    "about people, places, companies, historical events, or other subjects. Input is a query. "
)


def test_a_text_edited_everywhere_is_one_edit_with_its_likeness_as_confidence() -> None:
    before = [instruction(n) for n in range(200)]
    after = [dict(example) for example in before]
    after[17] = {
        "instruction": before[17]["instruction"].replace("Explain how to", "Please explain how I"),
        "output": before[17]["output"].replace("rest twice", "rest three times"),
    }
    result = compared(before, after)
    assert counts(result) == (199, 1, 0, 0)
    assert dict(result.pairing) == {"similar": 1}
    assert result.rows is not None
    assert similar.FLOOR <= result.rows[0].confidence < 1.0


def test_a_preamble_that_all_examples_share_makes_no_two_of_them_alike() -> None:
    before = [{"text": PREAMBLE + instruction(n)["output"]} for n in range(120)]
    after = [
        *before[:100],
        *({"text": PREAMBLE + instruction(n)["output"]} for n in range(300, 320)),
    ]
    result = compared(before, after, detect(before).adapter)
    assert counts(result) == (100, 0, 20, 20)


def test_a_text_nearer_to_an_unchanged_one_is_no_edit() -> None:
    before = [instruction(n) for n in range(100)]
    near = before[5]["output"] + " Then dry it with a towel, slowly."
    gone = before[5]["output"] + " Then dry it with some towels, slowly."
    unchanged = [*before, {"instruction": "Tell me about drying boats.", "output": near}]
    result = compared(
        [*unchanged, {"instruction": "Tell me all about drying boats.", "output": gone}],
        [
            *unchanged,
            {"instruction": "Tell me something about drying boats.", "output": near + "!"},
        ],
    )
    assert counts(result) == (101, 0, 1, 1)
    assert result.related == 1
    assert "1 removed examples resemble an added one" in result.notices[-1]


def test_with_little_around_only_very_alike_texts_are_paired() -> None:
    capital = {"instruction": "What is the capital of France?", "output": "It is Paris."}
    other = {"instruction": "What is the capital of Spain?", "output": "It is Madrid."}
    assert counts(compared([capital], [other])) == (0, 0, 1, 1)
    reworded = {name: text.replace("ferry", "boat") for name, text in instruction(7).items()}
    assert counts(compared([instruction(7)], [reworded])) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("likeness", "runner_up", "clear"),
    [(0.5, 0.25, True), (0.5, 0.26, False), (0.97, 0.9, True), (0.9, 0.71, False), (1, 1, False)],
)
def test_the_runner_up_must_be_half_as_alike_or_three_times_as_far(
    likeness: float, runner_up: float, clear: bool
) -> None:
    assert is_clear(likeness, runner_up) is clear


def test_wrong_decodings_white_space_and_case_are_seen_through() -> None:
    before = [instruction(n) for n in range(60)]
    before[3] = {"instruction": "Who was Gödel, in café talk?", "output": "Ein Prüfer – kühn."}
    before[4] = {"instruction": "WHO WAS NOETHER?", "output": "A mathematician,  born in Erlangen."}
    after = [dict(example) for example in before]
    after[3] = {name: _mojibake(text) for name, text in before[3].items()}
    after[4] = {"instruction": "Who was Noether?", "output": "A mathematician, born in\nErlangen."}
    result = compared(before, after)
    assert counts(result) == (58, 2, 0, 0)
    assert dict(result.edits) == {"prompt": 2, "response": 2, "formatting": 1, "encoding": 1}
    assert dict(result.pairing) == {"similar": 2}


def test_texts_without_spaces_have_words() -> None:
    assert words("你好 world-3") == ["你", "好", "world", "-", "3"]
    assert alike(["今天天气很好"], ["今天天气不好", "完全不同的句子"])[0].argmax() == 0


def test_likeness_is_the_same_from_both_sides() -> None:
    table = index_texts([instruction(n % 40)["output"] + f" {n // 7}" for n in range(120)])
    grid = np.zeros((120, 120))
    for text in range(120):
        others, likeness = table.likeness(text)
        grid[text, others] = likeness
    assert np.array_equal(grid, grid.T)
    assert grid.max() <= 1.0


def test_too_many_texts_are_not_compared_and_a_notice_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "LIMIT", 3)
    before = [instruction(n) for n in range(60)]
    after = [instruction(n, output="?", instruction=f"Hm, {e['instruction']}") for n, e in
             enumerate(before)]  # fmt: skip
    result = compared(before, after)
    assert counts(result) == (0, 0, 60, 60)
    assert "60 removed and 60 added examples are left, and the limit is 3" in result.notices[0]


def test_of_many_unchanged_examples_a_sample_is_compared_with_and_a_notice_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "ALL_UNCHANGED", 50)
    monkeypatch.setattr(similar, "SAMPLE", 20)
    before = [instruction(n) for n in range(80)]
    after = [dict(example) for example in before]
    after[3] = {name: text + " Now!" for name, text in before[3].items()}
    result = compared(before, after)
    assert counts(result) == (79, 1, 0, 0)
    assert result.notices == ("similar texts: compared with 20 of the 79 unchanged examples",)


def test_a_small_change_of_a_large_set_does_not_read_the_whole_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "SAMPLE", 20)
    before = [instruction(n) for n in range(80)]
    after = [dict(example) for example in before]
    after[3] = {name: text + " Now!" for name, text in before[3].items()}
    assert compared(before, after).notices == (
        "similar texts: compared with 20 of the 79 unchanged examples",
    )
    many = [{name: text + " Now!" for name, text in e.items()} for e in before[:20]]
    assert compared(before, many + before[20:]).notices == ()


@pytest.mark.parametrize("cut", ["first and second", "even and odd", "random"])
@pytest.mark.parametrize("name", ["gsm8k", "codealpaca"])
def test_two_disjoint_halves_of_a_real_set_pair_nothing(
    shared_data: Path, name: str, cut: str
) -> None:
    examples = load(shared_data, name)
    first, second = _halves(examples, cut)
    adapter = detect(examples[:1000]).adapter
    found = compare(MemorySnapshot(first, adapter), MemorySnapshot(second, adapter))
    assert found.rule_counts() == {}


@pytest.mark.parametrize(
    ("name", "rate", "recall"),
    [
        ("gsm8k", 0.05, 0.98),
        ("gsm8k", 0.2, 0.9),
        ("codealpaca", 0.1, 0.9),
        ("codealpaca", 0.3, 0.5),
    ],
)
def test_planted_edits_are_found_with_few_false_pairs(
    shared_data: Path, name: str, rate: float, recall: float
) -> None:
    examples = load(shared_data, name)[:2000]
    quality = measure(examples, FIELDS[name], rate, counts=(200, 100, 100))
    assert quality.precision >= 0.99
    assert quality.recall >= recall


def _halves(
    examples: Sequence[dict[str, Any]], cut: str
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    if cut == "even and odd":
        return examples[::2], examples[1::2]
    order = Random(1).sample(list(examples), len(examples)) if cut == "random" else examples
    return order[: len(order) // 2], order[len(order) // 2 :]


def _mojibake(text: str) -> str:
    return text.encode().decode("windows-1252")
