"""git merges two branches that changed one data set, and `dslineage merge` ends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, IntegrityError, UsageError
from dslineage.records import StepRecord
from tests.merging.conftest import Branches, Example, lines, qa
from tests.versions.support import Bench

BASE = [qa(number) for number in range(12)]


def data(bench: Bench) -> list[Example]:
    return [json.loads(line) for line in (bench.root / "train.jsonl").read_bytes().splitlines()]


def conflict_lines(bench: Bench) -> list[dict[str, Any]]:
    text = (bench.root / "train.conflicts.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def choose(bench: Bench, *choices: Any) -> None:
    found = zip(conflict_lines(bench), choices, strict=True)
    decided = [json.dumps({**line, "choose": choice}) for line, choice in found]
    (bench.root / "train.conflicts.jsonl").write_text("\n".join(decided) + "\n")


def test_changes_of_different_examples_combine(branches: Branches) -> None:
    better = qa(3, completion="It costs 21 crowns, or 24 with the box.")
    ours = [*BASE[:3], better, *BASE[4:], qa(100)]
    theirs = [*BASE[:5], *BASE[6:9], qa(50), *BASE[9:], qa(200)]
    bench = branches(BASE, ours, theirs)
    bench.merge_conflict("theirs")

    with pytest.raises(IntegrityError) as caught:
        bench.repo.show("train@latest")
    assert caught.value.hint.startswith("dslineage merge")

    [merge] = bench.repo.merge(message="both").merges
    assert data(bench) == [
        *BASE[:3], better, BASE[4], *BASE[6:9], qa(50), *BASE[9:], qa(100), qa(200)
    ]  # fmt: skip
    assert (merge.ours, merge.theirs) == (
        {"edited": 1, "removed": 0, "added": 1},
        {"edited": 0, "removed": 1, "added": 2},
    )
    assert bench.git("diff", "--name-only", "--diff-filter=U") == ""
    bench.git("commit", "-qm", "merged")
    record = bench.repo.show("train").record
    assert [bench.repo.catalog.record(id_, "train").label for id_ in record.parents] == ["v2", "v2"]
    assert [record.change[id_]["added"] for id_ in record.parents] == [2, 1]
    [path] = (bench.root / StepRecord.folder() / "train").glob("merge-*.json")
    step = StepRecord.from_bytes(path.read_bytes(), path.name)
    assert (step.operation, step.inputs) == ("merge", record.parents)
    assert bench.problems() == []
    assert bench.git("status", "--short") == ""


def test_an_example_changed_in_two_ways_waits_for_a_person(branches: Branches) -> None:
    def edited(who: str) -> list[Example]:
        return [*BASE[:3], qa(3, completion=f"{who} says 21 crowns."), *BASE[4:]]

    bench = branches(BASE, edited("Ada")[1:], [qa(0, completion="None."), *edited("Grace")[1:]])
    before = (bench.root / "train.jsonl").read_bytes()
    bench.merge_conflict("theirs")

    [merge] = bench.repo.merge().merges
    assert merge.version is None
    assert list(merge.conflicts.values()) == [
        "removed in ours, edited in theirs",
        "edited on both sides: completion",
    ]
    assert (bench.root / "train.jsonl").read_bytes() == before
    with pytest.raises(UsageError, match="waits for decisions"):
        bench.repo.merge()
    with pytest.raises(BadDataError) as caught:
        bench.repo.merge(resume=True)
    assert [fault.line for fault in caught.value.faults] == [1, 2]
    assert (bench.root / "train.jsonl").read_bytes() == before

    choose(bench, "neither", qa(3, completion="Both say 21 crowns."))
    [merge] = bench.repo.merge(resume=True).merges
    assert merge.decided == {"edited": 1, "neither": 1}
    assert data(bench) == [*BASE[1:3], qa(3, completion="Both say 21 crowns."), *BASE[4:]]
    assert not (bench.root / "train.conflicts.jsonl").exists()
    bench.git("commit", "-qm", "merged")
    assert bench.problems() == []


@pytest.mark.parametrize(
    ("choice", "answers"),
    [("ours", ["Ada"]), ("theirs", ["Grace"]), ("both", ["Ada", "Grace"]), ("neither", []),
     ("base", [BASE[3]["completion"]])],
)  # fmt: skip
def test_each_choice(branches: Branches, choice: str, answers: list[str]) -> None:
    ours, theirs = ([*BASE[:3], qa(3, completion=who), *BASE[4:]] for who in ("Ada", "Grace"))
    bench = branches(BASE, ours, theirs)
    bench.merge_conflict("theirs")
    bench.repo.merge()
    choose(bench, choice)
    bench.repo.merge(resume=True)
    assert data(bench) == [*BASE[:3], *[qa(3, completion=one) for one in answers], *BASE[4:]]


def test_edits_of_other_fields_combine_unless_both_are_shown_to_a_model(branches: Branches) -> None:
    ours = [qa(0, completion="Nothing at all."), qa(1, completion="Seven."), *BASE[2:]]
    theirs = [qa(0, source="web"), qa(1, prompt=BASE[1]["prompt"] + " And in Oslo?"), *BASE[2:]]
    bench = branches(BASE, ours, theirs)
    bench.merge_conflict("theirs")
    [merge] = bench.repo.merge().merges
    assert merge.combined == 1
    assert list(merge.conflicts.values()) == ["edited in ours: completion; in theirs: prompt"]
    choose(bench, "theirs")
    bench.repo.merge(resume=True)
    assert data(bench)[:2] == [qa(0, completion="Nothing at all.", source="web"), theirs[1]]


def test_a_new_column_meets_edits(branches: Branches) -> None:
    ours = [qa(0, completion="Nothing at all."), *BASE[1:]]
    bench = branches(BASE, ours, [{**one, "split": "train"} for one in BASE])
    bench.merge_conflict("theirs")
    [merge] = bench.repo.merge().merges
    assert not merge.conflicts
    assert data(bench) == [{**one, "split": "train"} for one in ours]


def test_unchanged_lines_keep_their_bytes(bench: Bench) -> None:
    odd = b'{"prompt" : "a b c",  "completion":"x", "n": 1.50}'
    base = odd + b"\r\n\r\n" + lines(BASE[:4])
    bench.commit("train.jsonl", base)
    bench.git("switch", "-qc", "theirs")
    bench.commit("train.jsonl", base + lines([qa(9)])[:-1])
    bench.git("switch", "-q", "main")
    bench.repo.checkout()
    bench.commit("train.jsonl", odd + b"\r\n\r\n" + lines(BASE[1:4]))
    bench.merge_conflict("theirs")
    bench.repo.merge()
    assert (bench.root / "train.jsonl").read_bytes() == (
        odd + b"\r\n\r\n" + lines(BASE[1:4]) + lines([qa(9)]).replace(b"\n", b"\r\n")
    )


def test_unsaved_changes_are_not_written_over(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], BASE[:-1])
    bench.merge_conflict("theirs")
    unsaved = lines(BASE[4:]) + b'{"prompt":"mine","completion":"alone"}\n'
    bench.put("train.jsonl", unsaved)
    with pytest.raises(UsageError) as caught:
        bench.repo.merge()
    assert caught.value.kind == "unsaved-changes"
    assert (bench.root / "train.jsonl").read_bytes() == unsaved
    assert bench.git("diff", "--name-only", "--diff-filter=U") != ""
    assert b"<<<<<<<" in (bench.root / "train.jsonl.dsl.json").read_bytes()


def test_data_that_git_tracks_is_merged_too(branches: Branches, bench: Bench) -> None:
    bench.put("train.jsonl", lines(BASE))
    bench.git("add", "train.jsonl")
    ours, theirs = ([qa(0, completion=who), *BASE[1:]] for who in ("Ada", "Grace"))
    branches(BASE, [*ours, qa(20)], [*theirs, qa(30)])
    bench.merge_conflict("theirs")
    bench.repo.merge()
    choose(bench, "theirs")
    bench.repo.merge(resume=True)
    assert data(bench) == [*theirs, qa(20), qa(30)]
    bench.git("commit", "-qm", "merged")
    assert bench.git("status", "--short") == ""


def test_a_rebase_stops_and_goes_on(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], [*BASE, qa(40)])
    bench.git("switch", "-q", "theirs")
    with pytest.raises(AssertionError):
        bench.git("rebase", "-q", "main")
    bench.put("train.jsonl", lines(BASE[1:]))
    bench.repo.merge()
    assert data(bench) == [*BASE[1:], qa(40)]
    bench.git("-c", "core.editor=true", "rebase", "--continue")
    assert bench.git("status", "--short") == ""
    assert bench.problems() == []


def test_a_fast_forward_needs_no_merge(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(BASE))
    bench.git("switch", "-qc", "theirs")
    bench.commit("train.jsonl", lines(BASE[1:]))
    bench.git("switch", "-q", "main")
    for how in ("--ff-only", "--no-ff"):
        bench.git("merge", "-q", "--no-edit", how, "theirs")
        bench.git("reset", "-q", "--hard", "HEAD")
        with pytest.raises(UsageError, match="no data set waits"):
            bench.repo.merge()


def test_a_merge_is_given_up(branches: Branches, tmp_path: Path) -> None:
    ours, theirs = ([qa(0, completion=who), *BASE[1:]] for who in ("Ada", "Grace"))
    bench = branches(BASE, ours, theirs)
    bench.merge_conflict("theirs")
    bench.repo.merge()
    assert bench.repo.merge_abort().given_up == ("train.conflicts.jsonl",)
    bench.git("merge", "--abort")
    assert bench.git("status", "--short") == ""
    assert data(bench) == ours


def test_a_version_is_merged_by_name(branches: Branches) -> None:
    ours, theirs = [*BASE, qa(20)], [qa(0, completion="None."), *BASE[1:]]
    bench = branches(BASE, ours, theirs)
    bench.merge_conflict("theirs")
    bench.git("checkout", "-q", "--ours", "--", "train.jsonl.dsl.json")
    bench.git("add", "train.jsonl.dsl.json")
    bench.git("commit", "-qm", "ours")
    other = next(one.record for one in bench.repo.log("train").versions
                 if one.record.label == "v2" and one.record.examples == 12)  # fmt: skip
    [merge] = bench.repo.merge(other.digits[:12]).merges
    assert data(bench) == [*theirs, qa(20)]
    with pytest.raises(UsageError, match="already"):
        bench.repo.merge(other.digits[:12])
    assert merge.version is not None
    assert merge.version.record.label == "v3"


def test_one_key_that_both_sides_gave_is_said(branches: Branches, bench: Bench) -> None:
    def keyed(*examples: Example) -> list[Example]:
        return [{"id": f"k{number}", **one} for number, one in enumerate(examples)]

    branches(keyed(*BASE), keyed(*BASE, qa(40)), keyed(*BASE, qa(50)))
    bench.merge_conflict("theirs")
    [merge] = bench.repo.merge(measure=False).merges
    assert len(data(bench)) == len(BASE) + 2
    assert merge.notices[0].startswith("a key stands twice, on two examples: both sides added it")


def test_files_that_do_not_hold_what_was_decided_are_not_recorded(bench: Bench) -> None:
    before = bench.add("train.jsonl", lines(BASE))
    other = before.record.content_hash
    with pytest.raises(IntegrityError, match="does not hold the examples"):
        bench.add("train.jsonl", lines(BASE[1:]), content_hash=other)
    assert bench.repo.show("train").record.content_hash == other


def test_the_conflict_file_hides_nothing(branches: Branches) -> None:
    odd = {**BASE[0], "note": "\u202e\u200b\x1b[2J\u2028\U000e0041é 中 👍"}
    bench = branches([odd], [{**odd, "completion": "a"}], [{**odd, "completion": "b"}])
    bench.merge_conflict("theirs")
    bench.repo.merge(measure=False)
    text = (bench.root / "train.conflicts.jsonl").read_text()
    assert text.removesuffix("\n").isprintable()
    assert text.count("é 中 👍") == 3
    choose(bench, "theirs")
    bench.repo.merge(resume=True, measure=False)
    assert data(bench) == [{**odd, "completion": "b"}]
