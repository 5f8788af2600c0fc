"""Numbers, drafts and names: what an `add` records, replaces, and leaves alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import orjson
import pytest

from dslineage.errors import NotFoundError, UsageError
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
THREE = TWO + b'{"prompt":"e","completion":"f"}\n'


def test_a_draft_is_replaced_by_the_next_add(bench: Bench) -> None:
    first = bench.commit("train.jsonl", ONE)
    draft = bench.add("train.jsonl", TWO)
    final = bench.add("train.jsonl", THREE)

    assert (draft.record.label, final.record.label) == ("v2", "v2")
    assert final.record.parents == (first.record.id,)
    assert final.record.change[first.record.id]["added"] == 2
    assert not (bench.root / draft.path).exists()
    records = bench.git("ls-files", ".dslineage/records/dataset").split()
    assert records == sorted([first.path, final.path])
    measured = bench.git("ls-files", ".dslineage/records/measurement").split()
    assert measured == sorted(
        measurement.path for info in (first, final) if (measurement := info.measurement)
    )
    assert len(measured) == 2
    assert bench.labels("train") == ["v1", "v2"]


def test_a_commit_measures_a_draft_that_nobody_measured(bench: Bench) -> None:
    bench.put("train.jsonl", ONE)
    bench.repo.add([bench.root / "train.jsonl"], measure=False)
    bench.repo.commit("data")
    measurement = bench.repo.show("train").measurement
    assert measurement is not None
    assert measurement.path in bench.git("show", "--name-only", "HEAD").split()


def test_a_draft_that_cannot_be_measured_is_committed_all_the_same(bench: Bench) -> None:
    path = bench.put("train.jsonl", ONE)
    bench.repo.add([path], measure=False, options=bench.reading(store="index"))
    path.unlink()
    done = bench.repo.commit("data")
    assert bench.repo.show("train").measurement is None
    assert "train@v1 is recorded, but could not be measured" in done.notices[0]


def test_a_draft_without_a_parent_is_replaced_too(bench: Bench) -> None:
    bench.add("train.jsonl", ONE)
    final = bench.add("train.jsonl", TWO)
    assert (final.record.label, final.record.parents) == ("v1", ())
    assert bench.labels("train") == ["v1"]


def test_unchanged_bytes_make_no_version(bench: Bench) -> None:
    first = bench.commit("train.jsonl", ONE)
    before = bench.files()
    again = bench.repo.add([bench.root / "train.jsonl"], message="again")
    assert again.unchanged
    assert again.version.record == first.record
    assert bench.files() == before
    assert bench.git("status", "--porcelain") == ""


def test_undoing_an_edit_takes_the_draft_back(bench: Bench) -> None:
    first = bench.commit("train.jsonl", ONE)
    draft = bench.add("train.jsonl", TWO)
    bench.put("train.jsonl", ONE)

    back = bench.repo.add([bench.root / "train.jsonl"])

    assert back.unchanged
    assert back.version.record == first.record
    assert not (bench.root / draft.path).exists()
    assert bench.pointer("train.jsonl").id == first.record.id
    assert bench.git("status", "--porcelain") == ""
    assert bench.add("train.jsonl", THREE).record.label == "v2"


def test_a_draft_that_git_forgot_is_staged_again(bench: Bench) -> None:
    bench.git("commit", "-q", "--allow-empty", "-m", "start")
    draft = bench.add("train.jsonl", ONE)
    bench.git("reset", "-q")
    bench.add("train.jsonl")
    assert draft.path in bench.git("diff", "--cached", "--name-only").split()


def test_a_new_message_alone_makes_no_version(bench: Bench) -> None:
    bench.add("train.jsonl", ONE)
    assert bench.repo.add([bench.root / "train.jsonl"], message="better words").unchanged


@pytest.mark.parametrize("where", ["work tree", "index", "HEAD"])
def test_a_number_is_one_more_than_the_largest_seen_anywhere(bench: Bench, where: str) -> None:
    bench.commit("train.jsonl", ONE)
    second = bench.commit("train.jsonl", TWO)
    bench.repo.checkout("v1")
    if where == "work tree":
        bench.git("rm", "-q", "--cached", second.path)
        bench.git("commit", "-q", "-m", "forgotten")
    else:
        (bench.root / second.path).unlink()
    if where == "index":
        bench.git("reset", "-q", "--soft", "HEAD~1")
    if where == "HEAD":
        bench.git("rm", "-q", "--cached", second.path)
    assert bench.add("train.jsonl", THREE).record.label == "v3"


def test_strange_files_beside_the_records_give_no_numbers(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    for name in ("v" + "9" * 5000 + ".json", "v²-aaaaaaaaaaaa.json", "v7-nothex.json", "vv.json"):
        if len(name) < 200:
            bench.put(f".dslineage/records/dataset/train/{name}.txt", b"")
    bench.git("add", "--force", ".dslineage")
    assert bench.add("train.jsonl", TWO).record.label == "v2"


def test_two_branches_may_make_one_number_and_the_reference_lists_both(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.git("branch", "other")
    mine = bench.commit("train.jsonl", TWO)
    bench.git("checkout", "-q", "other")
    bench.repo.checkout()
    theirs = bench.commit("train.jsonl", THREE)
    assert (mine.record.label, theirs.record.label) == ("v2", "v2")
    bench.merge_conflict("main")
    bench.git("checkout", "--ours", "--", "train.jsonl.dsl.json")
    bench.git("add", "train.jsonl.dsl.json")
    bench.git("commit", "-q", "-m", "merge")

    with pytest.raises(NotFoundError) as caught:
        bench.repo.show("v2")

    assert caught.value.kind == "ambiguous-reference"
    assert all(info.record.id[15:23] in caught.value.message for info in (mine, theirs))
    assert bench.repo.show(theirs.record.id[15:23]).record == theirs.record
    assert bench.repo.show("train", mine.record.id[15:23]).record == mine.record
    assert bench.add("train.jsonl", ONE + ONE).record.label == "v3"


def test_a_version_that_a_merge_brings_in_is_no_draft(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.git("branch", "other")
    mine = bench.commit("train.jsonl", TWO)
    bench.git("checkout", "-q", "other")
    bench.repo.checkout()
    bench.commit("train.jsonl", THREE)
    bench.merge_conflict("main")
    bench.git("checkout", "--theirs", "--", "train.jsonl.dsl.json")

    merged = bench.add("train.jsonl", ONE + THREE)

    assert merged.record.label == "v3"
    assert merged.record.parents == (mine.record.id,)
    assert (bench.root / mine.path).exists()


def test_two_branches_that_add_different_data_sets_merge_without_conflict(bench: Bench) -> None:
    bench.commit("first.jsonl", ONE)
    bench.git("branch", "other")
    bench.commit("left.jsonl", ONE)
    bench.git("checkout", "-q", "other")
    bench.commit("right.jsonl", TWO)
    bench.git("merge", "-q", "--no-edit", "main")
    assert [one.name for one in bench.repo.status().datasets] == ["first", "left", "right"]
    assert bench.problems() == []


def test_a_name_that_is_taken_is_an_error_that_says_where(bench: Bench) -> None:
    bench.commit("a/train.jsonl", ONE)
    bench.put("b/train.jsonl", TWO)
    before = bench.listing()
    with pytest.raises(UsageError) as caught:
        bench.add("b/train.jsonl")
    assert caught.value.kind == "name-taken"
    assert "a/train.jsonl.dsl.json" in caught.value.message
    assert caught.value.hint == "dslineage add b/train.jsonl --name ANOTHER"
    assert bench.listing() == before
    other = bench.repo.add([bench.root / "b/train.jsonl"], name="another").version.record
    assert (other.dataset, other.label) == ("another", "v1")


def test_a_pointer_keeps_its_name_whatever_the_next_add_says(bench: Bench) -> None:
    bench.repo.add([bench.put("train.jsonl", ONE)], name="mine")
    assert bench.add("train.jsonl", TWO).record.dataset == "mine"
    with pytest.raises(UsageError, match="belongs to the data set 'mine'"):
        bench.repo.add([bench.root / "train.jsonl"], name="yours")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "-x", "a b", "ü", "a\nb", "x.lock", "a" * 101]
)
def test_a_name_that_could_be_mistaken_for_something_else_is_refused(
    bench: Bench, name: str
) -> None:
    bench.put("train.jsonl", ONE)
    before = bench.listing()
    with pytest.raises(UsageError, match="cannot name a data set"):
        bench.repo.add([bench.root / "train.jsonl"], name=name)
    assert bench.listing() == before


def test_an_untracked_file_is_ignored_by_git_and_left_as_it_is(bench: Bench) -> None:
    path = bench.put("data/train.jsonl", ONE)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_789))
    path.chmod(0o600)
    before = path.stat()

    bench.add("data/train.jsonl")

    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_mode,
    )
    assert path.read_bytes() == ONE
    assert (bench.root / "data/.gitignore").read_bytes() == b"/train.jsonl\n"
    assert "data/train.jsonl" not in bench.git("ls-files").split()
    assert "data/.gitignore" in bench.git("ls-files").split()


@pytest.mark.parametrize(
    "name",
    [
        "with space.jsonl",
        "!bang.jsonl",
        "#hash.jsonl",
        "star*.jsonl",
        "[set].jsonl",
        "back\\slash.jsonl",
        "quote'\".jsonl",
        "line\nfeed.jsonl",
        "-dash.jsonl",
        "größe.jsonl",
        "ends .jsonl ",
    ],
)
def test_odd_file_names_are_ignored_exactly_and_come_back(bench: Bench, name: str) -> None:
    bench.put(name, ONE)
    info = bench.repo.add([bench.root / name], name="odd", options=bench.reading(format="jsonl"))
    assert name not in os.fsdecode(bench.raw_git("ls-files", "-z")).split("\0")
    others = os.fsdecode(bench.raw_git("ls-files", "-z", "--others", "--exclude-standard"))
    assert name not in others.split("\0")
    (bench.root / name).unlink()
    bench.repo.checkout()
    assert (bench.root / name).read_bytes() == ONE
    assert bench.problems() == []
    assert info.version.record.files[0].path == name


def test_a_file_name_that_is_not_utf8_is_an_error_and_nothing_is_written(bench: Bench) -> None:
    path = Path(os.fsdecode(os.fsencode(bench.root) + b"/caf\xe9.jsonl"))
    path.write_bytes(ONE)
    before = bench.listing()
    with pytest.raises(UsageError, match="not UTF-8"):
        bench.repo.add([path], name="cafe")
    assert bench.listing() == before


def test_a_tracked_file_stays_tracked_and_is_staged(bench: Bench) -> None:
    path = bench.put("train.jsonl", ONE)
    bench.git("add", "train.jsonl")
    bench.git("commit", "-q", "-m", "data in git")
    path.write_bytes(TWO)
    before = path.stat()

    bench.add("train.jsonl")

    assert path.stat().st_ino == before.st_ino
    assert not (bench.root / ".gitignore").exists()
    assert bench.git("show", ":train.jsonl").encode() == TWO


def test_a_line_that_the_user_wrote_into_gitignore_stays(bench: Bench) -> None:
    bench.put(".gitignore", b"*.log")
    bench.add("train.jsonl", ONE)
    assert (bench.root / ".gitignore").read_bytes() == b"*.log\n/train.jsonl\n"


def test_files_of_several_folders_are_ignored_one_by_one(bench: Bench) -> None:
    paths = [bench.put("a/x.jsonl", ONE), bench.put("b/y.jsonl", TWO)]
    bench.repo.add(paths, name="both")
    bench.put("a/code.py", b"")
    others = bench.git("ls-files", "--others", "--exclude-standard").split()
    assert others == ["a/code.py"]


def test_a_pointer_says_which_version_belongs_there(bench: Bench) -> None:
    record = bench.add("data/train.jsonl", TWO).record
    document = orjson.loads((bench.root / "data/train.jsonl.dsl.json").read_bytes())
    assert document == {
        "schema": "dslineage.pointer/1",
        "dataset": "train",
        "version": "v1",
        "id": record.id,
        "content_hash": str(record.content_hash),
        "examples": 2,
        "files": [
            {
                "path": "train.jsonl",
                "bytes": len(TWO),
                "sha256": record.files[0].sha256.hex,
                "reader": {"format": "jsonl"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("folder", "suffix"), [("toolformer", ".jsonl"), ("prompts", ".csv"), ("llamafactory", ".json")]
)
def test_a_record_of_real_data_stays_below_four_kilobytes(
    bench: Bench, shared_data: Path, folder: str, suffix: str
) -> None:
    files = [
        path
        for path in sorted((shared_data / folder).iterdir())
        if path.suffix == suffix and "dataset_info" not in path.name
    ]
    for path in files[-3:]:
        info = bench.commit(f"data{suffix}", path.read_bytes(), quarantine=True)
        assert (bench.root / info.path).stat().st_size < 4096


def test_a_moved_file_keeps_its_history_with_its_pointer(bench: Bench) -> None:
    first = bench.commit("old.jsonl", ONE)
    (bench.root / "old.jsonl").rename(bench.root / "new.jsonl")
    (bench.root / "old.jsonl.dsl.json").rename(bench.root / "new.jsonl.dsl.json")

    moved = bench.add("new.jsonl")

    assert (moved.record.dataset, moved.record.label) == ("old", "v2")
    assert moved.record.parents == (first.record.id,)
    assert moved.record.content_hash == first.record.content_hash


def test_a_moved_file_without_its_pointer_is_told_how_to_keep_its_history(bench: Bench) -> None:
    bench.commit("old.jsonl", ONE)
    (bench.root / "old.jsonl").rename(bench.root / "new.jsonl")
    before = bench.listing()

    with pytest.raises(UsageError) as caught:
        bench.add("new.jsonl")

    assert caught.value.kind == "moved"
    assert "has the bytes of old@v1, whose file old.jsonl is gone" in caught.value.message
    assert "git mv old.jsonl.dsl.json new.jsonl.dsl.json" in caught.value.hint
    assert bench.listing() == before
    bench.git("mv", "old.jsonl.dsl.json", "new.jsonl.dsl.json")
    assert bench.add("new.jsonl").record.label == "v2"


def test_a_moved_file_under_a_new_name_is_a_new_data_set(bench: Bench) -> None:
    bench.commit("old.jsonl", ONE)
    (bench.root / "old.jsonl").rename(bench.root / "new.jsonl")
    added = bench.repo.add([bench.root / "new.jsonl"], name="new").version.record
    assert (added.dataset, added.label, added.parents) == ("new", "v1", ())


def test_a_copied_file_is_a_new_data_set(bench: Bench) -> None:
    bench.commit("old.jsonl", ONE)
    assert bench.add("new.jsonl", ONE).record.dataset == "new"


def test_a_new_shard_in_a_folder_is_a_change(bench: Bench) -> None:
    bench.put("shards/a.jsonl", ONE)
    bench.commit("shards")
    assert [one.state for one in bench.repo.status().datasets] == ["clean"]
    bench.put("shards/b.jsonl", TWO)
    assert [one.state for one in bench.repo.status().datasets] == ["modified"]
    done = bench.repo.commit("one more shard")
    assert [entry.path for entry in done.versions[0].record.files] == [
        "shards/a.jsonl",
        "shards/b.jsonl",
    ]
    bench.repo.checkout("shards@v1")
    assert not (bench.root / "shards/b.jsonl").exists()
    bench.repo.checkout("shards@v2")
    assert (bench.root / "shards/b.jsonl").read_bytes() == TWO
    assert [one.state for one in bench.repo.status().datasets] == ["clean"]


def test_lost_objects_come_back_with_the_next_add_of_the_same_bytes(bench: Bench) -> None:
    first = bench.commit("train.jsonl", TWO)
    for path in (bench.objects / "packs").iterdir():
        path.unlink()
    for path in (bench.objects / "layouts").iterdir():
        path.unlink()
    assert bench.problems()

    assert bench.repo.add([bench.root / "train.jsonl"]).unchanged

    assert bench.problems() == []
    assert bench.restored(first) == TWO


def test_a_clone_that_has_the_data_gets_its_objects_by_adding_it(
    bench: Bench, tmp_path: Path
) -> None:
    first = bench.commit("train.jsonl", TWO)
    subprocess.run(["git", "clone", "-q", bench.root, tmp_path / "clone"], check=True)
    clone = Bench(tmp_path / "clone")
    clone.put("train.jsonl", TWO)
    assert clone.repo.add([clone.root / "train.jsonl"]).unchanged
    assert clone.restored(first) == TWO
    assert clone.problems() == []


def test_work_trees_share_objects_and_not_drafts(bench: Bench, tmp_path: Path) -> None:
    bench.commit("train.jsonl", ONE)
    bench.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Bench(tmp_path / "side")
    side.repo.checkout()
    mine = bench.add("train.jsonl", TWO)
    theirs = side.add("train.jsonl", THREE)
    assert (mine.record.label, theirs.record.label) == ("v2", "v2")
    assert bench.labels("train") == side.labels("train") == ["v1", "v2"]
    assert side.repo.store.root == bench.objects
    assert side.repo.add([side.put("train.jsonl", TWO)]).new_rows == 0
