"""The benchmark's data generator: the same bytes for a seed, and a truth file that is true."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from benchmarks import edits
from benchmarks.chatdata import Style, generate
from benchmarks.edits import Truth

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = 2_000

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture
def first(tmp_path: Path) -> Path:
    path = tmp_path / "v1.jsonl"
    generate(path, EXAMPLES, seed=7, processes=1)
    return path


def rows_of(path: Path) -> dict[str, Any]:
    """Each record of the file by its id, and no id twice."""
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    by_id = {row["id"]: row for row in rows}
    assert len(by_id) == len(rows)
    return by_id


def keyed_diff(old: Path, new: Path) -> Counter[str]:
    """Counts by comparing whole records of equal id, as simply as it can be done."""
    a, b = rows_of(old), rows_of(new)
    counts = Counter("unchanged" if a[i] == b[i] else "edited" for i in a.keys() & b.keys())
    counts.update(removed=len(a.keys() - b.keys()), added=len(b.keys() - a.keys()))
    return counts


def counts(truth: Truth) -> Counter[str]:
    return Counter(
        unchanged=truth.unchanged, edited=truth.edited, removed=truth.removed, added=truth.added
    )


def test_a_seed_gives_the_same_bytes_for_any_number_of_processes(tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    generate(one, 5_000, seed=7, processes=1)
    generate(two, 5_000, seed=7, processes=2)
    generate(other, 5_000, seed=8, processes=1)
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != other.read_bytes()


def test_both_styles_hold_the_same_examples(first: Path, tmp_path: Path) -> None:
    spaced = tmp_path / "spaced.jsonl"
    generate(spaced, EXAMPLES, seed=7, style=Style.DEFAULT, processes=1)
    assert rows_of(first) == rows_of(spaced)
    for line in spaced.read_text(encoding="ascii").splitlines():
        assert line == json.dumps(json.loads(line))


def test_an_example_is_as_long_as_the_budgets_assume(first: Path) -> None:
    assert first.stat().st_size / EXAMPLES == pytest.approx(1360, rel=0.02)


def test_the_text_compresses_no_better_than_the_real_one(first: Path, shared_data: Path) -> None:
    def ratio(data: bytes, block: int = 32_768) -> float:
        compress = zstandard.ZstdCompressor(level=1).compress
        blocks = [data[i : i + block] for i in range(0, len(data), block)]
        return len(data) / sum(len(compress(part)) for part in blocks)

    real = (shared_data / "gsm8k/train.jsonl").read_bytes()
    assert ratio(first.read_bytes()) <= ratio(real)


@pytest.mark.parametrize("style", Style)
def test_the_truth_of_a_next_version_is_what_a_plain_comparison_finds(
    tmp_path: Path, style: Style
) -> None:
    old, new = tmp_path / "v1.jsonl", tmp_path / "v2.jsonl"
    generate(old, EXAMPLES, seed=7, style=style, processes=1)
    truth = edits.next_version(old, new, seed=3, share=0.1, style=style)
    assert counts(truth) == Counter(unchanged=1840, edited=120, removed=40, added=40)
    assert counts(truth) == keyed_diff(old, new)
    assert Truth.of(new) == truth


def test_each_planted_pair_differs_where_its_kind_says(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "v2.jsonl"
    truth = edits.next_version(first, new, seed=3, share=0.2)
    before, after = rows_of(first), rows_of(new)
    for pair in truth.pairs:
        a, b = before[pair.old], after[pair.new]
        changed = {key for key in a if a[key] != b[key]}
        roles = {m["role"] for m, n in zip(a["messages"], b["messages"], strict=True) if m != n}
        assert (changed, roles) == {
            "metadata": ({"category"}, set()),
            "prompt": ({"messages"}, {"user"}),
            "response": ({"messages"}, {"assistant"}),
        }[pair.kind]
    assert Counter(pair.kind for pair in truth.pairs) == Counter(truth.kinds)
    assert set(truth.removed_ids) == before.keys() - after.keys()
    assert set(truth.added_ids) == after.keys() - before.keys()


def test_a_chain_changes_one_percent_at_each_step(first: Path, tmp_path: Path) -> None:
    versions = [first, *edits.chain(first, tmp_path, versions=3, seed=5)]
    for old, new in pairwise(versions):
        assert (
            keyed_diff(old, new)
            == counts(Truth.of(new))
            == Counter(unchanged=1984, edited=12, removed=4, added=4)
        )


def test_an_added_column_leaves_the_rest_of_every_example(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "column.jsonl"
    edits.added_column(first, new, seed=1)
    after = rows_of(new)
    assert all(row.pop("difficulty") in range(1, 6) for row in after.values())
    assert after == rows_of(first)


def test_a_rewrite_changes_every_answer_and_no_prompt(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "rewritten.jsonl"
    assert edits.rewritten_answers(first, new, seed=1, processes=1).edited == EXAMPLES
    before, after = rows_of(first), rows_of(new)
    for identifier, row in before.items():
        for old, now in zip(row["messages"], after[identifier]["messages"], strict=True):
            assert (old != now) == (old["role"] == "assistant")


def test_a_shuffle_keeps_every_line(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "shuffled.jsonl"
    edits.shuffled(first, new, seed=1)
    assert new.read_bytes() != first.read_bytes()
    assert Counter(new.read_bytes().splitlines()) == Counter(first.read_bytes().splitlines())


def test_renumbering_drops_rows_and_counts_the_rest_anew(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "renumbered.jsonl"
    truth = edits.renumbered(first, new, seed=1)
    assert (truth.removed, truth.to_examples) == (100, 1900)
    kept = [row for i, row in rows_of(first).items() if i not in truth.removed_ids]
    after = rows_of(new)
    assert list(after) == [f"chat-{n:08d}" for n in range(1900)]
    for old, now in zip(kept, after.values(), strict=True):
        assert old | {"id": now["id"]} == now
