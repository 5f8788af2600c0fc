"""What a diff says of metrics: of versions that were recorded, of files, of a chain of filters."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dslineage.diff import setmoves
from dslineage.diff.engine import diff_snapshots
from dslineage.diff.options import DiffOptions
from dslineage.diff.result import DiffResult
from dslineage.errors import UsageError
from dslineage.files import diff_files
from dslineage.quality.movement import Movement
from dslineage.quality.profile import Profile
from dslineage.quality.side import Quality, Side
from dslineage.repository import Repository
from dslineage.versions.options import ReadOptions

STEPS = ("dedupe-only", "similarity-0.9", "similarity-0.8", "similarity-0.7", "similarity-0.6")
EXAMPLE = {"instruction": "What is the boiling point of water?", "output": "It is 100 degrees."}


@pytest.fixture(scope="module")
def steps(shared_data: Path) -> list[Path]:
    return [shared_data / "toolformer" / f"toolformer-{step}.json" for step in STEPS]


@pytest.fixture
def repo(git_repo: Path) -> Repository:
    Repository.init(git_repo)
    return Repository.open(git_repo)


def write(path: Path, examples: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in examples))
    return path


def answers(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"instruction": f"What is {n} and {n}?", "output": f"{n} and {n} make {2 * n}.", **fields}
        for n in range(count)
    ]


def commit(repo: Repository) -> None:
    subprocess.run(["git", "-C", repo.root, "commit", "-qm", "data"], check=True)


def named(result: DiffResult, name: str) -> Movement:
    (found,) = [one for one in result.metrics if one.metric == name]
    return found


def split_ones(result: DiffResult) -> Iterator[Movement]:
    return (one for one in result.metrics if one.split is not None)


def test_the_wrong_decoding_that_came_with_a_filter_is_the_first_thing_that_is_said(
    steps: list[Path],
) -> None:
    result = diff_files(steps[0], steps[1])
    first = result.metrics[0]
    assert (first.metric, first.verdict, first.affected) == (
        "bad_chars",
        "worse",
        (0, 17, 0, 0, 17),
    )
    assert first.chance is not None
    assert first.chance.times is None
    ((shown,),) = [one.examples for one in result.why]
    assert "encoding" in shown.row.kinds
    assert shown.influence > 0
    assert shown.before[0] == 0 < shown.after[0]
    caused = [mark.text[slice(*span)] for mark in shown.highlights for span in mark.spans]
    assert all("Â" in text or "Ã" in text or "â" in text for text in caused)
    assert caused


def test_diversity_that_rises_with_a_filter_is_told_from_what_the_size_alone_does(
    steps: list[Path],
) -> None:
    movement = named(diff_files(steps[0], steps[4]), "distinct3@10k")
    assert movement.chance is not None
    assert movement.before is not None
    assert movement.after is not None
    assert movement.before < movement.after
    assert movement.chance.expected == pytest.approx(movement.before, rel=0.02)
    assert movement.moved


@pytest.mark.parametrize("step", range(4))
def test_on_a_real_chain_the_parts_add_up_and_the_way_back_is_the_mirror(
    steps: list[Path], step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setmoves, "DRAWS", 5)
    there = diff_files(steps[step], steps[step + 1])
    back = {one.metric: one for one in diff_files(steps[step + 1], steps[step]).metrics}
    splits = list(split_ones(there))
    assert len(splits) > 15
    for one in splits:
        assert one.split is not None
        assert one.delta is not None
        assert math.fsum(one.split) == pytest.approx(one.delta, rel=1e-9, abs=1e-12)
        other = back[one.metric]
        assert (other.before, other.after) == (one.after, one.before)
        assert other.split is not None
        assert other.split == pytest.approx(
            (-one.split.removed, -one.split.added, -one.split.edited), rel=1e-9, abs=1e-12
        )


def test_revisions_of_a_crowd_add_up_whatever_happened_to_the_columns(shared_data: Path) -> None:
    revisions = sorted((shared_data / "prompts").glob("*.csv"))
    read = ReadOptions(quarantine=True)
    for older, newer in pairwise(revisions):
        for one in split_ones(diff_files(older, newer, read=read)):
            assert one.split is not None
            assert math.fsum(one.split) == pytest.approx(one.delta, rel=1e-9, abs=1e-12)


def test_versions_working_file_and_files_say_the_same(repo: Repository, tmp_path: Path) -> None:
    before = answers(60)
    after = [*before[8:], *answers(3, output="As an AI language model, I cannot help.")]
    after[0] = {**after[0], "output": "I don't know, it is something like that, or more."}
    data = write(repo.root / "train.jsonl", before)
    repo.add([data])
    write(data, after)
    unsaved = repo.diff()
    repo.add([data])
    commit(repo)
    old, new = write(tmp_path / "old.jsonl", before), write(tmp_path / "new.jsonl", after)
    found = [unsaved, diff_files(old, new)]
    first, *others = [[one.to_dict() for one in result.metrics] for result in found]
    assert all(one["comparable"] for one in first)
    assert all(other == first for other in others)


def test_versions_that_were_measured_are_compared_from_their_records(repo: Repository) -> None:
    data = write(repo.root / "train.jsonl", answers(40))
    repo.add([data])
    commit(repo)
    changed = [*answers(38), {**EXAMPLE, "output": "I'm sorry, but I can't help with that."}]
    write(data, changed)
    repo.add([data])
    refusal = named(repo.diff("v1", "v2"), "refusal")
    assert refusal.affected == (0, 1, 1, 0, 0)
    assert refusal.moved


def test_what_records_alone_know_is_compared_without_its_code(repo: Repository) -> None:
    data = write(repo.root / "train.jsonl", answers(40))
    repo.add([data])
    commit(repo)
    write(data, [*answers(38), {**EXAMPLE, "output": "I'm sorry, but I can't help with that."}])
    repo.add([data])
    known = {one.metric: one for one in repo.diff("v1", "v2").metrics if one.kind != "set"}
    with repo.snapshot("v1") as before, repo.snapshot("v2") as after:
        sides = (Side.of(one, repo.catalog) for one in (before, after))
        quality = Quality(Profile("none@1", ()), *sides)
        result = diff_snapshots(before, after, DiffOptions(why="refusal"), quality=quality)
        (refusal,) = result.metrics
        assert refusal.split == known["refusal"].split
        assert refusal.id == known["refusal"].id
        assert [(one.before, one.after) for one in result.why[0].examples][:1] == [(None, True)]
        found = {one.metric: one for one in diff_snapshots(before, after, quality=quality).metrics}
        assert found.keys() == known.keys()
        assert all(found[name].split == known[name].split for name in known)


def test_a_version_that_was_not_measured_is_not_compared(repo: Repository) -> None:
    data = write(repo.root / "train.jsonl", answers(5))
    repo.add([data], measure=False)
    commit(repo)
    write(data, answers(6))
    repo.add([data])
    metrics = repo.diff("v1", "v2").metrics
    assert {(one.comparable, one.reason, one.hint) for one in metrics} == {
        (False, "v1 was not measured", "dslineage metrics run train@v1")
    }
    assert {one.before for one in metrics} == {None}
    repo.measure("train@v1")
    assert all(one.comparable for one in repo.diff("v1", "v2").metrics)


def test_only_the_mix_of_sources_moved_and_the_diff_says_so(tmp_path: Path) -> None:
    long = [{**one, "source": "books", "output": one["output"] * 9} for one in answers(40)]
    short = [{**one, "source": "forum"} for one in answers(60)]
    before = write(tmp_path / "a.jsonl", [*long, *short[:20]])
    after = write(tmp_path / "b.jsonl", [*long, *short])
    (sliced,) = named(diff_files(before, after), "target_words").slices
    assert (sliced.field, sliced.slices) == ("source", ())
    assert sliced.within == pytest.approx(0, abs=1e-9)
    assert sliced.mix == pytest.approx(sliced.delta)
    options = DiffOptions(by=("source",))
    (asked,) = named(diff_files(before, after, options=options), "target_words").slices
    assert {one.name for one in asked.slices} == {"books", "forum"}


def test_why_names_the_examples_with_their_values_and_what_caused_them(tmp_path: Path) -> None:
    clean = answers(20)
    spoiled = [
        *clean[:18],
        *(one | {"output": "Mail bob@example.com for it."} for one in clean[18:]),
    ]
    before, after = write(tmp_path / "a.jsonl", clean), write(tmp_path / "b.jsonl", spoiled)
    result = diff_files(before, after, options=DiffOptions(why="pii"))
    (why,) = result.why
    assert (why.metric, why.count, len(why.examples)) == ("pii", 2, 2)
    for one in why.examples:
        assert (one.before, one.after) == ([], ["email"])
        (mark,) = one.highlights
        assert [mark.text[start:stop] for start, stop in mark.spans] == ["bob@example.com"]
    assert sum(one.influence for one in why.examples) == pytest.approx(0.1)


def test_a_schema_change_that_alters_unchanged_examples_is_said(tmp_path: Path) -> None:
    clean = answers(20)
    renamed = [{"prompt": one["instruction"], "completion": one["output"]} for one in clean]
    before, after = write(tmp_path / "a.jsonl", clean), write(tmp_path / "b.jsonl", renamed)
    result = diff_files(before, after)
    assert result.unchanged == 20
    assert not [one for one in result.metrics if one.delta]


def test_an_unknown_metric_or_field_is_refused_with_the_choices(tmp_path: Path) -> None:
    before, after = write(tmp_path / "a.jsonl", answers(3)), write(tmp_path / "b.jsonl", answers(4))
    for options in (DiffOptions(names=("quality",)), DiffOptions(by=("sauce",))):
        with pytest.raises(UsageError) as raised:
            diff_files(before, after, options=options)
        assert "output" in raised.value.hint or "target_words" in raised.value.hint
