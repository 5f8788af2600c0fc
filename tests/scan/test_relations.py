"""Which files look like versions of one another, what leaks, and what to do next."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dslineage
from dslineage.repository import Repository
from dslineage.scanning.names import parse_name, role_of
from dslineage.scanning.overlap import shared_counts
from dslineage.scanning.result import Leak, ScanResult
from tests.scan.folders import answers, chats, put

values = st.integers(0, 2**64 - 1) | st.integers(0, 20).map(lambda n: n << 59)


def groups(result: ScanResult) -> list[tuple[str, ...]]:
    return [group.paths for group in result.versions]


@given(columns=st.lists(st.sets(values, max_size=12), max_size=6), at_once=st.integers(1, 40))
def test_counts_of_shared_values_are_those_of_sets_whatever_fits_into_memory(
    columns: list[set[int]], at_once: int
) -> None:
    arrays = [np.array(sorted(column), np.uint64) for column in columns]
    expected = [[len(one & other) for other in columns] for one in columns]
    assert shared_counts(arrays, at_once).tolist() == expected


def test_five_filter_steps_of_a_real_set_are_put_into_their_order(shared_data: Path) -> None:
    result = dslineage.scan(shared_data / "toolformer")
    (group,) = result.versions
    assert [path.removeprefix("toolformer-").removesuffix(".json") for path in group.paths] == [
        *("dedupe-only", "similarity-0.9", "similarity-0.8", "similarity-0.7", "similarity-0.6")
    ]
    assert group.name == "toolformer"
    assert group.order.startswith("the largest first")
    shared = result.overlap("toolformer-dedupe-only.json", "toolformer-similarity-0.9.json")
    assert (shared.examples, shared.prompts) == (5942, 5954)


def test_eight_revisions_of_a_real_table_are_ordered_by_name_across_added_columns(
    shared_data: Path,
) -> None:
    result = dslineage.scan(shared_data / "prompts")
    (group,) = result.versions
    assert [path[8:11] for path in group.paths] == [f"r0{n}" for n in range(1, 9)]
    assert group.order == "by the versions in their names"
    third, fourth = group.paths[2:4]
    assert result.overlap(third, fourth).examples == 0, "a column was added"
    assert result.overlap(third, fourth).prompts == 157


def test_a_real_benchmark_does_not_leak_into_its_training_set(shared_data: Path) -> None:
    result = dslineage.scan(shared_data / "gsm8k")
    assert [file.role for file in result.files] == ["evaluation", "training"]
    assert (result.leaks, result.overlaps, result.versions) == ((), (), ())


def test_a_file_and_its_fixed_final_second_version_belong_together(tmp_path: Path) -> None:
    put(tmp_path / "train_final_v2_FIXED.jsonl", answers(*range(10), wording="Now it is"))
    put(tmp_path / "train_v2.jsonl", answers(*range(10)))
    put(tmp_path / "train.jsonl", answers(*range(4, 10)))
    put(tmp_path / "train_old.jsonl", answers(4, 5))
    result = dslineage.scan(tmp_path)
    assert groups(result) == [
        ("train_old.jsonl", "train.jsonl", "train_v2.jsonl", "train_final_v2_FIXED.jsonl")
    ]
    assert result.versions[0].order == "by the versions in their names"


def test_names_that_differ_in_a_version_are_enough_and_that_they_share_nothing_is_said(
    tmp_path: Path,
) -> None:
    put(tmp_path / "sft_v1.jsonl", answers(1, 2))
    put(tmp_path / "sft_v2.jsonl", answers(3, 4))
    (group,) = dslineage.scan(tmp_path).versions
    assert group.why == "names alike; no example or prompt of one is in the next"


def test_numbered_parts_that_share_nothing_are_no_versions(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path / f"part-{number}.jsonl", answers(number))
    assert dslineage.scan(tmp_path).versions == ()


def test_files_of_any_name_are_versions_when_half_of_the_larger_is_shared(tmp_path: Path) -> None:
    put(tmp_path / "alpha.jsonl", answers(*range(10)), minute=5)
    put(tmp_path / "beta.jsonl", answers(*range(5, 12)), minute=1)
    (group,) = dslineage.scan(tmp_path).versions
    assert group.paths == ("beta.jsonl", "alpha.jsonl")
    assert group.order == "by when they were last changed"


def test_a_small_sample_and_a_mixture_are_no_versions_but_their_overlap_is_shown(
    tmp_path: Path,
) -> None:
    put(tmp_path / "all.jsonl", answers(*range(20)))
    put(tmp_path / "few.jsonl", answers(3, 4))
    result = dslineage.scan(tmp_path)
    assert result.versions == ()
    assert result.overlap("few.jsonl", "all.jsonl").examples == 2


def test_one_prompt_that_all_examples_have_makes_no_versions(tmp_path: Path) -> None:
    for name, start in (("alpha", 0), ("beta", 100)):
        rows = [
            {"prompt": "Tell a story.", "response": f"Once {n}."} for n in range(start, start + 9)
        ]
        put(tmp_path / f"{name}.jsonl", rows)
    assert dslineage.scan(tmp_path).versions == ()


def test_evaluation_examples_and_prompts_in_training_files_are_counted(tmp_path: Path) -> None:
    put(tmp_path / "test.jsonl", answers(*range(10)))
    put(tmp_path / "copied.jsonl", answers(2, 3, 50))
    put(tmp_path / "chats.jsonl", chats(3, 4, 5, 60))
    put(tmp_path / "clean.jsonl", answers(70, 71))
    result = dslineage.scan(tmp_path)
    assert result.leaks == (
        Leak("test.jsonl", "chats.jsonl", 0, 3, 10, 10),
        Leak("test.jsonl", "copied.jsonl", 2, 2, 10, 10),
    )


def test_an_evaluation_file_that_is_all_in_the_training_file_is_a_leak_and_no_version(
    tmp_path: Path,
) -> None:
    put(tmp_path / "eval" / "data.jsonl", answers(*range(8)))
    put(tmp_path / "data.jsonl", answers(*range(9)))
    result = dslineage.scan(tmp_path)
    assert result.versions == ()
    assert [(leak.evaluation, leak.examples) for leak in result.leaks] == [("eval/data.jsonl", 8)]


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("test.jsonl", "evaluation"),
        ("gsm8k/val.jsonl", "evaluation"),
        ("bench/questions.jsonl", "evaluation"),
        ("eval/train.jsonl", "training"),
        ("train_test_split.jsonl", "training"),
        ("myDevSet/x.jsonl", "evaluation"),
        ("latest.jsonl", ""),
        ("contest.jsonl", ""),
        ("questions.jsonl", ""),
    ],
)
def test_the_role_of_a_file_is_told_by_whole_words_of_its_name(path: str, role: str) -> None:
    assert role_of(path) == role


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("train.jsonl", "train_v2.jsonl"),
        ("train_v2.jsonl", "train_v10.jsonl"),
        ("train_v1.9.jsonl", "train_v1.10.jsonl"),
        ("train_v2.jsonl", "train_final.jsonl"),
        ("train_final.jsonl", "trainFinalFixed.jsonl"),
        ("train_raw.jsonl", "train.jsonl"),
        ("train.jsonl.bak", "train.jsonl"),
        ("set-2024-01-31.csv", "set-2024-02-01.csv"),
        ("prompts-r03-93de120f.csv", "prompts-r04-94deb7a7.csv"),
    ],
)
def test_names_of_versions_are_alike_and_ordered(earlier: str, later: str) -> None:
    one, other = parse_name(earlier), parse_name(later)
    assert one.words == other.words
    assert one.rank is not None
    assert other.rank is not None
    assert one.rank < other.rank


def test_the_commands_that_are_proposed_record_the_files_as_versions(tmp_path: Path) -> None:
    odd = "o'dd name -x"
    put(tmp_path / odd / "train_v1.jsonl", answers(1, 2, 3))
    put(tmp_path / odd / "train_v2.jsonl", answers(1, 2, 3, 4))
    put(tmp_path / odd / "test.jsonl", [*answers(9), *answers(9)])
    (tmp_path / odd / "bad.jsonl").write_text('{"text": "x"}\nno\n')
    commands = [step.command for step in dslineage.scan(tmp_path / odd).next]
    assert commands[0] == f"cd {shlex.quote(str(tmp_path / odd))}"
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euc", "\n".join(commands)],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{scripts}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    repo = Repository.open(tmp_path / odd)
    recorded = [(v.record.dataset, v.record.label, v.record.examples) for v in repo.log().versions]
    assert sorted(recorded) == [
        ("bad", "v1", 1),
        ("test", "v1", 2),
        ("train", "v1", 3),
        ("train", "v2", 4),
    ]


def test_files_that_are_versions_are_adopted_in_their_order(tmp_path: Path) -> None:
    put(tmp_path / "train.jsonl", answers(1, 2, 3))
    put(tmp_path / "train_v2.jsonl", answers(1, 2, 3, 4))
    (step,) = [s for s in dslineage.scan(tmp_path).next if "adopt" in s.command]
    assert step.command == "dslineage adopt train.jsonl train_v2.jsonl --as train"


def test_files_of_one_name_in_two_folders_get_names_of_their_own(git_repo: Path) -> None:
    put(git_repo / "maths" / "qa.jsonl", answers(1))
    put(git_repo / "law" / "qa.jsonl", answers(2))
    commands = [step.command for step in dslineage.scan(git_repo).next]
    assert [command.rpartition("--name ")[2] for command in commands] == ["law-qa", "maths-qa"]


def test_in_a_repository_commands_are_meant_for_where_the_user_is(
    git_repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(git_repo / "data" / "qa.jsonl", answers(1))
    monkeypatch.chdir(git_repo)
    assert [step.command for step in dslineage.scan("data").next] == ["dslineage add data/qa.jsonl"]


@given(name=st.text(max_size=12))
def test_any_file_name_can_be_taken_apart(name: str) -> None:
    for path in (f"{name}.jsonl", "*.jsonl", "日本.jsonl", "#.csv"):
        parse_name(path)
        role_of(path)
