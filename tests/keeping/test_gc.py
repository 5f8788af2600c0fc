"""What garbage collection keeps, what it deletes, and when it refuses: one trap at a time."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dslineage.errors import DslineageError, IntegrityError, LockedError, UsageError
from dslineage.records import FileEntry
from dslineage.store import repacking
from dslineage.store.layout import Layout
from dslineage.store.staging import require
from dslineage.store.store import Store
from dslineage.versions import opening, recording
from tests.format.made_files import parquet, table
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = b'{"prompt":"c","completion":"d"}\n'
ROWS = [b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(100)]


def layouts(bench: Bench) -> int:
    return len(list(bench.repo.store.layouts_folder.iterdir()))


def collected(bench: Bench, **options: float) -> int:
    """How many layouts are left of what could be collected."""
    bench.repo.gc(delete=True, grace_days=options.get("grace_days", 0))
    assert bench.problems() == []
    return layouts(bench)


def age(bench: Bench) -> None:
    """Let all objects be fifteen days old."""
    for path in bench.objects.glob("*/*"):
        os.utime(path, (time.time() - 15 * 86_400,) * 2)


def forget_the_past(bench: Bench) -> None:
    bench.git("reflog", "expire", "--expire=now", "--all")
    (bench.root / ".git" / "ORIG_HEAD").unlink(missing_ok=True)


@pytest.fixture
def two(bench: Bench) -> Bench:
    """A version that is committed, and a draft that is only staged."""
    bench.commit("train.jsonl", ONE)
    bench.add("train.jsonl", TWO)
    return bench


def test_without_delete_nothing_is_written(two: Bench) -> None:
    two.git("reset", "-q", "--hard")
    before = two.listing()
    result = two.repo.gc(grace_days=0)
    assert two.listing() == before
    assert not result.deleted
    assert {name.partition("/")[0] for name in result.dead} == {
        "layouts",
        "measures",
        "packs",
        "views",
    }


def test_a_draft_that_was_reset_away_goes_when_it_is_old(two: Bench) -> None:
    two.git("reset", "-q", "--hard")
    assert collected(two, grace_days=14) == 2
    age(two)
    assert collected(two, grace_days=14) == 1


def test_a_draft_whose_record_is_in_no_index_stays(two: Bench) -> None:
    two.git("reset", "-q")
    assert collected(two) == 2
    two.git("rm", "-q", "--cached", "-r", ".dslineage")
    assert collected(two) == 2


def test_a_version_in_a_stash_below_others_stays_until_it_is_dropped(two: Bench) -> None:
    two.git("stash", "push", "-q")
    two.put("other.txt", b"x")
    two.git("add", "other.txt")
    two.git("stash", "push", "-q")
    assert collected(two) == 2
    two.git("stash", "drop", "-q", "stash@{1}")
    assert collected(two) == 1


def test_a_version_in_an_untracked_part_of_a_stash_stays(two: Bench) -> None:
    two.git("reset", "-q")
    two.git("stash", "push", "-q", "-u")
    assert collected(two) == 2


@pytest.mark.parametrize("keep", ["tag", "reflog", "detached work tree", "branch"])
def test_a_commit_keeps_its_versions(two: Bench, keep: str) -> None:
    two.git("commit", "-q", "-m", "two")
    if keep == "tag":
        two.git("tag", "kept")
    if keep == "branch":
        two.git("branch", "kept")
    if keep == "detached work tree":
        two.git("worktree", "add", "-q", "--detach", str(two.root.parent / "side"))
    two.git("reset", "-q", "--hard", "HEAD~1")
    if keep != "reflog":
        forget_the_past(two)
    assert collected(two) == 2
    if keep == "reflog":
        forget_the_past(two)
        assert collected(two) == 1


def test_a_version_that_a_later_commit_took_away_stays(two: Bench) -> None:
    two.git("commit", "-q", "-m", "two")
    two.git("rm", "-q", "-r", ".dslineage", "train.jsonl.dsl.json")
    two.git("commit", "-q", "-m", "gone")
    assert collected(two) == 2


def test_a_version_of_the_other_side_of_a_merge_that_was_not_taken_stays(two: Bench) -> None:
    two.git("checkout", "-q", "-b", "side")
    two.git("commit", "-q", "-m", "two")
    two.git("checkout", "-q", "main")
    two.git("commit", "-q", "--allow-empty", "-m", "main")
    two.git("merge", "-q", "-s", "ours", "-m", "ours", "side")
    two.git("branch", "-q", "-D", "side")
    forget_the_past(two)
    assert collected(two) == 2


def test_a_commit_that_another_replaces_keeps_its_versions(two: Bench) -> None:
    two.git("commit", "-q", "-m", "two")
    two.git("replace", "HEAD", "HEAD~1")
    two.git("reset", "-q", "--hard")
    assert not list(two.root.glob(".dslineage/records/dataset/*/v2-*.json"))
    assert collected(two) == 2


def test_a_commit_that_is_being_picked_keeps_its_versions(two: Bench) -> None:
    two.git("commit", "-q", "-m", "two")
    picked = two.git("rev-parse", "HEAD").strip()
    two.git("reset", "-q", "--hard", "HEAD~1")
    two.commit("train.jsonl", ONE + ONE)
    subprocess.run(["git", "cherry-pick", picked], cwd=two.root, capture_output=True, check=False)
    two.git("checkout", "-q", "--ours", "train.jsonl.dsl.json")
    two.git("add", "-A")
    two.git("rm", "-q", "--cached", "-r", ".dslineage/records/measurement")
    forget_the_past(two)
    assert (two.root / ".git" / "CHERRY_PICK_HEAD").exists()
    assert collected(two) == 3


def test_a_work_tree_keeps_what_only_its_index_has(two: Bench, tmp_path: Path) -> None:
    two.git("reset", "-q", "--hard")
    two.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Bench(tmp_path / "side")
    side.add("train.jsonl", ROWS[0])
    assert collected(two) == 2
    assert collected(side) == 2
    two.git("worktree", "remove", "--force", str(side.root))
    assert collected(two) == 1


def test_a_work_tree_that_is_not_there_stops_everything(two: Bench, tmp_path: Path) -> None:
    two.git("reset", "-q", "--hard")
    two.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side").rename(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError, match=r"the work tree .*side cannot be read") as caught:
        two.repo.gc(delete=True, grace_days=0)
    assert caught.value.hint.endswith("git worktree prune")
    assert layouts(two) == 2
    two.git("worktree", "prune")
    assert collected(two) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"<<<<<<< ours\n"])
@pytest.mark.parametrize("name", ["record", "pointer"])
def test_a_damaged_record_or_pointer_stops_everything(two: Bench, damage: bytes, name: str) -> None:
    pattern = ".dslineage/records/dataset/*/v2-*.json" if name == "record" else "*.dsl.json"
    [path] = two.root.glob(pattern)
    path.write_bytes(damage)
    with pytest.raises(IntegrityError, match=path.name):
        two.repo.gc(delete=True, grace_days=0)
    assert layouts(two) == 2


def test_a_record_of_a_newer_release_in_history_keeps_what_it_names(two: Bench) -> None:
    [path] = two.root.glob(".dslineage/records/dataset/*/v2-*.json")
    two.git("rm", "-q", "-r", "--cached", ".dslineage/records")
    path.write_bytes(path.read_bytes().replace(b"dslineage.dataset/1", b"dslineage.dataset/9"))
    two.git("add", "-f", str(path))
    two.git("rm", "-q", "--cached", "train.jsonl.dsl.json")
    two.git("commit", "-q", "-m", "newer")
    two.git("reset", "-q", "--hard", "HEAD~1")
    two.git("clean", "-q", "-fd")
    assert collected(two) == 2


def test_a_damaged_layout_stops_everything(two: Bench) -> None:
    for path in (two.objects / "layouts").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match="damaged object"):
        two.repo.gc(delete=True, grace_days=0)


def test_everything_is_never_deleted(two: Bench) -> None:
    two.git("update-ref", "-d", "refs/heads/main")
    two.git("rm", "-q", "-r", "-f", ".dslineage", "train.jsonl.dsl.json")
    forget_the_past(two)
    with pytest.raises(UsageError, match=r"every object in .* would be deleted"):
        two.repo.gc(delete=True, grace_days=0)
    assert layouts(two) == 2


def test_a_repository_without_objects_has_no_garbage(bench: Bench) -> None:
    assert bench.repo.gc(delete=True, grace_days=0).kept == 0


def test_a_version_that_a_run_used_and_that_has_no_record_stops_everything(two: Bench) -> None:
    used = two.repo.show("train@v2").record.id
    two.git("reset", "-q", "--hard")
    run = two.root / ".dslineage" / "records" / "run" / "tiny" / "tiny-0123456789ab.json"
    run.parent.mkdir(parents=True)
    run.write_text(f'{{"inputs": [{{"subject": "{used}"}}]}}')
    with pytest.raises(IntegrityError, match=f"tiny-0123456789ab.json was made of {used}"):
        two.repo.gc(delete=True, grace_days=0)
    assert layouts(two) == 2
    two.repo.gc(delete=True, grace_days=0, accept_lost=True)
    assert layouts(two) == 1


def test_an_object_folder_that_is_a_link_is_left_alone(two: Bench, tmp_path: Path) -> None:
    two.objects.rename(tmp_path / "objects")
    two.objects.symlink_to(tmp_path / "objects")
    with pytest.raises(UsageError, match="another repository may need what is in it"):
        two.repo.gc()


def test_only_one_process_collects(two: Bench) -> None:
    with (two.objects / "collecting").open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="another process collects the garbage"):
            two.repo.gc(delete=True)


def test_the_blob_behind_the_rows_of_another_file_stays(bench: Bench) -> None:
    bench.add("train.parquet", parquet(table().slice(0, 3)))
    bench.add("train.parquet", parquet(table().slice(0, 2)))
    bench.git("commit", "-q", "-m", "data")
    forget_the_past(bench)
    assert collected(bench) == 1
    assert len(list((bench.objects / "blobs").iterdir())) == 2
    assert len(list(bench.repo.load("train@v1"))) == 2


def test_media_lists_go_with_their_versions(bench: Bench) -> None:
    bench.put("one.png", b"picture")
    bench.commit("train.jsonl", b'{"image":"one.png","text":"a"}\n', schema="fields")
    bench.put("one.png", b"another")
    kept = len(list((bench.objects / "media").iterdir()))
    bench.add("train.jsonl", b'{"image":"one.png","text":"b"}\n', schema="fields")
    bench.git("reset", "-q", "--hard")
    collected(bench)
    assert len(list((bench.objects / "media").iterdir())) == kept


def test_rows_of_no_version_are_left_out_and_packs_stay_for_readers(bench: Bench) -> None:
    bench.add("train.jsonl", b"".join(ROWS))
    info = bench.commit("train.jsonl", b"".join(ROWS[90:]))
    forget_the_past(bench)
    assert bench.repo.gc().repacked is None
    age(bench)
    foretold = bench.repo.gc()
    assert foretold.repacked is not None
    assert (foretold.repacked.packs, foretold.repacked.dropped) == (1, 90)
    reader = Store(bench.objects)
    snapshot = opening.open_version(reader, info.record)
    result = bench.repo.gc(delete=True)
    assert result.repacked is not None
    assert result.repacked.into == 1
    assert {name.partition("/")[0] for name in result.superseded} == {"packs", "views", "measures"}
    assert next(snapshot.read(snapshot.rows()))["prompt"] == "q90"
    assert bench.restored(info) == b"".join(ROWS[90:])
    assert bench.repo.gc(delete=True, grace_days=0).dead.keys() == result.superseded.keys()
    assert bench.restored(info) == b"".join(ROWS[90:])


def test_many_small_packs_are_merged_with_their_views_and_measures(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repacking, "MANY", 5)
    infos = [bench.commit("train.jsonl", b"".join(ROWS[n : n + 20])) for n in range(0, 30, 3)]
    before = [bench.repo.diff("train@v1", info.record.id).to_dict() for info in infos]
    bench.repo.gc(delete=True, grace_days=0)
    assert len(list((bench.objects / "packs").iterdir())) == 2
    assert len(list((bench.objects / "views").iterdir())) == 1
    assert len(list((bench.objects / "measures").iterdir())) == 1
    bench.git("clean", "-q", "-fdx", "-e", "train.jsonl")
    for number, info in enumerate(infos):
        assert bench.restored(info) == b"".join(ROWS[3 * number : 3 * number + 20])
        assert bench.repo.diff("train@v1", info.record.id).to_dict() == before[number]
    assert bench.problems() == []
    assert bench.repo.gc(grace_days=0).repacked is None


def test_an_add_whose_rows_are_collected_meanwhile_begins_anew(
    two: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.git("reset", "-q", "--hard")
    calls = []

    def collecting(staged: Store, store: Store) -> None:
        calls.append(staged)
        if len(calls) == 1:
            for path in [*store.packs_folder.iterdir()]:
                path.unlink()
        require(staged, store)

    monkeypatch.setattr(recording, "require", collecting)
    info = two.add("train.jsonl", TWO)
    assert len(calls) == 2
    assert two.restored(info) == TWO


def test_a_reader_that_meets_a_pack_that_is_gone_reads_the_layout_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.add("train.jsonl", b"".join(ROWS))
    info = bench.commit("train.jsonl", b"".join(ROWS[90:]))
    forget_the_past(bench)
    layouts_of = opening.layouts_of
    found: list[list[Layout]] = []

    def late(store: Store, entries: Sequence[FileEntry]) -> list[Layout]:
        found.append(list(layouts_of(store, entries)))
        if len(found) == 1:
            bench.repo.gc(delete=True, grace_days=0)
        return found[-1]

    monkeypatch.setattr(opening, "layouts_of", late)
    snapshot = opening.open_version(bench.repo.store, info.record)
    assert len(found) == 3
    assert next(snapshot.read(snapshot.rows()))["prompt"] == "q90"


def test_a_version_that_is_gone_is_missing_and_no_riddle(two: Bench) -> None:
    info = two.repo.show("train@v2")
    two.git("reset", "-q", "--hard")
    collected(two)
    with pytest.raises(DslineageError) as caught:
        opening.open_version(two.repo.store, info.record)
    assert caught.value.kind == "missing-object"


def test_what_killed_writers_left_is_removed_a_day_later(two: Bench) -> None:
    left = [
        two.put(f".git/dslineage/{name}", b"half")
        for name in (".format.0123.tmp", "views/.a.0123.tmp", "cache/.files.0123.tmp", "tmp/note")
    ]
    two.repo.gc(delete=True, grace_days=0)
    assert all(path.exists() for path in left), "somebody may be writing them"
    for path in left:
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    two.repo.gc(grace_days=0)
    assert all(path.exists() for path in left)
    two.repo.gc(delete=True, grace_days=14)
    assert not any(path.exists() for path in left)
