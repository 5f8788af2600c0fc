"""A data set where git merges, rebases, picks or reverts commits that changed it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from dslineage.errors import BadDataError, IntegrityError, UsageError
from dslineage.records import Pointer
from dslineage.store.layout import layout_name
from dslineage.versions.git import Git
from dslineage_hooks.drivers import install_drivers
from tests.crashes.faults import killed_at, steps
from tests.merging.conftest import Branches, Example, lines, qa
from tests.merging.support import (
    BASE,
    choose,
    edited,
    goes_on,
    merge,
    numbers,
    save,
    stops,
    switch,
)
from tests.versions.support import Bench

ALL = list(range(8))
POINTER = "train.jsonl.dsl.json"


@pytest.fixture(params=[True, False], ids=["driver", "no driver"])
def driver(request: pytest.FixtureRequest, bench: Bench) -> bool:
    """Whether the drivers are installed."""
    if request.param:
        install_drivers(Git.find(bench.root))
    return bool(request.param)


@pytest.mark.usefixtures("driver")
def test_a_cherry_pick_brings_the_change_of_its_commit_alone(bench: Bench) -> None:
    """The picked version came from ours; all before it stays where it is."""
    save(bench, BASE)
    bench.git("branch", "old")
    save(bench, [*BASE, qa(20)])
    save(bench, [*BASE, qa(20), qa(30)], "thirty")
    switch(bench, "old")
    stops(bench, "cherry-pick", "main")
    merged = merge(bench)
    assert numbers(bench) == [*ALL, 30]
    assert merged.names[0] == "old"
    assert merged.names[1].endswith("thirty")
    goes_on(bench, "cherry-pick")
    record = bench.repo.show("train").record
    assert record.message == "thirty"
    assert [bench.repo.catalog.record(id_, "train").label for id_ in record.parents] == ["v1"]
    assert bench.problems() == []


@pytest.mark.usefixtures("driver")
def test_a_revert_takes_back_the_change_of_its_commit_alone(bench: Bench) -> None:
    """The version before it is one that ours came from, and is not ours already."""
    save(bench, BASE)
    save(bench, [*BASE, qa(20)])
    save(bench, [*BASE, qa(20), qa(30)])
    stops(bench, "revert", "--no-edit", "HEAD~1")
    merge(bench)
    assert numbers(bench) == [*ALL, 30]
    goes_on(bench, "revert")
    assert bench.repo.show("train").record.label == "v4"
    assert bench.problems() == []


def test_a_pick_that_brings_nothing_makes_no_version(bench: Bench) -> None:
    save(bench, BASE)
    bench.git("branch", "old")
    save(bench, [*BASE, qa(20)])
    save(bench, BASE)
    save(bench, [*BASE, qa(30)])
    stops(bench, "revert", "--no-edit", "HEAD~2")
    assert merge(bench).version == bench.repo.show("train")
    assert bench.git("diff", "--name-only", "--diff-filter=U") == ""
    assert numbers(bench) == [*ALL, 30]


def test_commit_refuses_while_a_pointer_is_in_conflict_and_names_the_merge(
    branches: Branches,
) -> None:
    bench = branches(BASE, [edited(0, "a"), *BASE[1:]], [edited(0, "b"), *BASE[1:]])
    stops(bench, "merge", "theirs")
    with pytest.raises(UsageError, match="in conflict; nothing was recorded") as refused:
        bench.repo.commit("both", measure=False)
    assert refused.value.hint == "dslineage merge"
    assert POINTER in refused.value.message


@pytest.mark.usefixtures("driver")
def test_a_rebase_says_which_side_is_which(branches: Branches) -> None:
    bench = branches(BASE, [edited(0, "main"), *BASE[1:]], [edited(0, "mine"), *BASE[1:]])
    switch(bench, "theirs")
    save(bench, [edited(0, "mine"), *BASE[1:], qa(40)], "forty")
    stops(bench, "rebase", "main")
    waiting = merge(bench)
    assert waiting.names[0] == "onto main"
    assert waiting.names[1].startswith("theirs: ")
    assert waiting.notices == (
        "in a rebase, ours is what you rebase onto, and theirs is your own commit",
    )
    choose(bench, "theirs")
    merge(bench, resume=True)
    stops(bench, "rebase", "--continue")
    result = bench.repo.merge(measure=False)
    assert result.ending == "git rebase --continue"
    goes_on(bench, "rebase")
    assert numbers(bench) == [*ALL, 40]
    assert json.loads((bench.root / "train.jsonl").read_text().split("\n")[0]) == edited(0, "mine")
    assert bench.problems() == []
    assert bench.git("status", "--short") == ""


@pytest.mark.usefixtures("driver")
def test_branches_that_were_merged_into_one_another_bring_nothing_back(bench: Bench) -> None:
    """Two versions are what both sides came from: against either alone, 30 would be an addition."""
    save(bench, BASE)
    switch(bench, "theirs", "-c")
    save(bench, [*BASE, qa(20)])
    switch(bench, "main")
    save(bench, [*BASE, qa(30)])
    for here, there in (("main", "theirs"), ("theirs", "main~1")):
        switch(bench, here)
        stops(bench, "merge", there)
        merge(bench)
        bench.git("commit", "-qm", "merged")
    save(bench, [*BASE[1:], qa(20), qa(30), qa(31)])
    switch(bench, "main")
    save(bench, [*BASE, qa(20)], "without 30")
    stops(bench, "merge", "theirs")
    assert len(merge(bench).titles[0].split(" and ")) == 2
    assert numbers(bench) == [*ALL[1:], 20, 31]
    assert bench.problems() == []


def test_an_octopus_is_merged_side_by_side(bench: Bench) -> None:
    save(bench, BASE)
    for number, name in enumerate(("one", "two")):
        switch(bench, "main")
        switch(bench, name, "-c")
        save(bench, [*BASE, qa(60 + number)])
    switch(bench, "main")
    stops(bench, "merge", "one", "two")
    merge(bench)
    assert numbers(bench) == [*ALL, 60, 61]
    assert bench.problems() == []


def test_one_data_set_is_merged_while_another_waits(bench: Bench) -> None:
    def both(train: Sequence[Example], evaluation: Sequence[Example]) -> None:
        bench.add("eval/eval.jsonl", lines(evaluation))
        save(bench, train)

    both(BASE, BASE)
    switch(bench, "theirs", "-c")
    both([edited(0, "Ada"), *BASE[1:]], BASE[1:])
    switch(bench, "main")
    both([edited(0, "Grace"), *BASE[1:]], BASE[:-1])
    stops(bench, "merge", "theirs")
    merged = bench.repo.merge(measure=False).merges
    assert {one.dataset: len(one.conflicts) for one in merged} == {"eval": 0, "train": 1}
    choose(bench, "both")
    assert merge(bench, resume=True).dataset == "train"
    assert numbers(bench) == [0, *ALL]
    assert numbers(bench, "eval/eval.jsonl") == ALL[1:-1]
    bench.git("commit", "-qm", "merged")
    assert bench.problems() == []


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_a_data_set_that_one_side_removed_is_an_error_that_says_how_to_go_on(
    bench: Bench, side: str
) -> None:
    save(bench, BASE)
    bench.git("branch", "other")
    bench.git("rm", "-q", "train.jsonl.dsl.json")
    bench.git("commit", "-qm", "gone")
    bench.git("switch", "-q", "other")
    save(bench, BASE[1:])
    if side == "ours":
        bench.git("switch", "-q", "main")
    stops(bench, "merge", "main" if side == "theirs" else "other")
    with pytest.raises(UsageError, match=f"removed or renamed in {side}") as caught:
        bench.repo.merge()
    commands = caught.value.hint.partition(" it: ")[2].split(" && ")[:-1]
    subprocess.run(" && ".join(commands), shell=True, cwd=bench.root, check=True)
    bench.repo.checkout()
    bench.git("commit", "-qm", "kept")
    assert numbers(bench) == ALL[1:]
    assert bench.problems() == []


def test_data_that_somebody_mended_after_git_stopped_is_left_alone(
    branches: Branches, bench: Bench
) -> None:
    bench.put("train.jsonl", lines(BASE))
    bench.git("add", "train.jsonl")
    branches(BASE, [edited(0, "a"), *BASE[1:]], [edited(0, "b"), *BASE[1:], qa(30)])
    bench.merge_conflict("theirs")
    marked = (bench.root / "train.jsonl").read_bytes()
    mended = marked + lines([qa(99)])
    bench.put("train.jsonl", mended)
    with pytest.raises(UsageError, match="edited after git stopped") as caught:
        bench.repo.merge()
    assert (bench.root / "train.jsonl").read_bytes() == mended
    assert not (bench.root / "train.conflicts.jsonl").exists()
    bench.git(*caught.value.hint.partition("then git ")[2].split())
    merge(bench)
    choose(bench, "ours")
    merge(bench, resume=True)
    assert numbers(bench) == [*ALL, 30]


def test_a_missing_object_is_named_with_what_it_is_for(branches: Branches) -> None:
    bench = branches(BASE, [*BASE, qa(20)], [*BASE, qa(30)])
    bench.merge_conflict("theirs")
    pointer = Pointer.from_bytes(bench.raw_git("show", ":3:train.jsonl.dsl.json"), "theirs")
    [entry] = pointer.files
    name = layout_name(entry.sha256, bench.repo.show("v1").record.files[0].reader)
    (bench.objects / "layouts" / name).unlink()
    before = bench.listing(without=".git")
    with pytest.raises(IntegrityError, match="needed to merge train") as caught:
        bench.repo.merge()
    assert name in caught.value.message
    assert caught.value.hint.startswith("dslineage pull")
    assert bench.listing(without=".git") == before


def test_a_merge_that_is_committed_can_be_left_and_come_back_to(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], BASE[:-1])
    bench.merge_conflict("theirs")
    merge(bench)
    bench.git("commit", "-qm", "merged")
    switch(bench, "theirs")
    assert numbers(bench) == ALL[:-1]
    switch(bench, "main")
    assert numbers(bench) == ALL[1:-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the line of .* is gone"),
        (b"nonsense\n", ":1:1: bad-choice"),
        (b"[]\n", "no conflict of this id"),
        (b'{"id": "0", "choose": "ours"}\n', "no conflict of this id"),
        (b'{"id": "ID", "choose": "mine"}\n', "choose is none of"),
        (b'{"id": "ID", "choose": ["ours"]}\n', "choose is none of"),
        (b'{"id": "ID", "id": "ID", "choose": "ours"}\n', "key 'id' stands twice"),
        (b'{"id": "ID", "choose": "ours"}\n\n{"id": "ID", "choose": "ours"}\n', ":3:1: bad-choice"),
        (b'{"id": "ID", "choose": "ours"}\xff\n', ":1:1: bad-choice"),
        (b"\xef\xbb\xbf\n", ":1:1: bad-choice"),
    ],
    ids=repr,
)
def test_a_conflict_file_that_decides_nothing_is_one_error_with_its_line(
    conflict: Bench, text: bytes, said: str
) -> None:
    path = conflict.root / "train.conflicts.jsonl"
    written = path.read_bytes()
    id_ = json.loads(written)["id"].encode()
    path.write_bytes(text.replace(b"ID", id_))
    before = (conflict.root / "train.jsonl").read_bytes()
    with pytest.raises(BadDataError) as caught:
        conflict.repo.merge(resume=True)
    faults = "\n".join(map(str, caught.value.faults))
    assert re.search(said, f"{caught.value.message}\n{faults}")
    assert (conflict.root / "train.jsonl").read_bytes() == before
    path.write_bytes(written)


@pytest.fixture(scope="module")
def conflict(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository in which one conflict waits."""
    bench = Bench.make(tmp_path_factory.mktemp("conflict") / "repo")
    bench.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "begin")
    for key, value in (("name", "Ada"), ("email", "ada@example.org")):
        bench.git("config", f"user.{key}", value)
    save(bench, BASE)
    switch(bench, "theirs", "-c")
    save(bench, [edited(0, "b"), *BASE[1:]])
    switch(bench, "main")
    save(bench, [edited(0, "a"), *BASE[1:]])
    stops(bench, "merge", "theirs")
    merge(bench)
    return bench


def test_a_merge_that_was_killed_is_undone_or_done(branches: Branches, tmp_path: Path) -> None:
    """At steps spread over all that it writes: then --continue ends it, or --abort undoes it."""
    start = branches(BASE, [edited(0, "a"), *BASE[1:], qa(20)], [edited(0, "b"), *BASE[2:], qa(30)])
    start.merge_conflict("theirs")
    merge(start)
    choose(start, "both")
    kept = {name: (start.root / name).read_bytes() for name in ("train.jsonl", POINTER)}
    whole = start.copy(tmp_path / "whole")
    said = steps(lambda: merge(whole, resume=True))
    writes = [number for number, step in enumerate(said) if "merge-undo" in step]
    assert numbers(whole) == [0, 0, *ALL[2:], 20, 30]
    undone = 0
    for step in [*writes[:2], *range(writes[2], len(said), (len(said) - writes[2]) // 10)]:
        killed = start.copy(tmp_path / f"killed-{step}")
        assert killed_at(partial(merge, killed, resume=True), step)
        given_up = killed.copy(tmp_path / f"given-up-{step}")
        undone += given_up.repo.merge_abort().undone
        if given_up.git("diff", "--name-only", "--diff-filter=U"):
            assert {name: (given_up.root / name).read_bytes() for name in kept} == kept
            merge(killed, resume=(killed.root / "train.conflicts.jsonl").exists())
        else:
            with pytest.raises(UsageError, match="no data set waits"):
                killed.repo.merge(resume=True)
        assert (killed.root / "train.jsonl").read_bytes() == (
            whole.root / "train.jsonl"
        ).read_bytes()
        assert not (killed.root / "train.conflicts.jsonl").exists()
        killed.git("commit", "-qm", "merged")
        assert killed.problems() == []
        assert killed.git("status", "--short") == ""
    assert undone > 1
