"""What Git LFS and DVC kept, of which git has only pointers, and files that are a history."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.lineage.dvcfile import DvcCache
from dslineage.lineage.dvcstages import StageFile
from dslineage.versions.ledger import Ledger
from tests.versions.histories import History, lines
from tests.versions.support import Bench

ONE = lines("a", "b", "c")
TWO = lines("a", "b", "d")
THREE = lines("a", "e", "d")
TOOLFORMER = ["dedupe-only", "similarity-0.9", "similarity-0.8", "similarity-0.7", "similarity-0.6"]


@pytest.fixture
def repo(tmp_path: Path) -> History:
    return History.make(tmp_path / "work")


def kept_by_lfs(repo: History, data: bytes) -> bytes:
    """Put data where Git LFS does; the pointer to it."""
    oid = hashlib.sha256(data).hexdigest()
    repo.bench.put(f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}", data)
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n"
    return text.encode()


def kept_by_dvc(repo: History, data: bytes, name: str, *, old: bool = False) -> bytes:
    """Put data where DVC 3 does, or one before it; the `.dvc` file."""
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    folder = ".dvc/cache" if old else ".dvc/cache/files/md5"
    repo.bench.put(f"{folder}/{md5[:2]}/{md5[2:]}", data)
    kind = "" if old else "  hash: md5\n"
    return f"outs:\n- md5: {md5}\n  size: {len(data)}\n{kind}  path: {name}\n".encode()


def keepers(repo: History, dataset: str) -> list[str | None]:
    work = repo.bench.repo
    steps = [Ledger(work.catalog).step_of(info.record) for info in work.log(dataset).versions]
    return [step.imported_from for step in reversed(steps) if step]


def test_objects_of_git_lfs_are_versions_and_the_pointer_in_the_work_tree_stays(
    repo: History,
) -> None:
    repo.commit("plain", {"train.jsonl": ONE})
    pointer = kept_by_lfs(repo, TWO)
    repo.commit("moved to LFS", {"train.jsonl": kept_by_lfs(repo, ONE)})
    repo.commit("two", {"train.jsonl": pointer})
    result = repo.adopt("train.jsonl")
    assert repo.messages("train") == ["plain", "two"]
    assert keepers(repo, "train") == ["git", "git-lfs"]
    assert repo.bench.restored(result.made[1]) == TWO
    assert (repo.root / "train.jsonl").read_bytes() == pointer


def lfs_path(repo: History, data: bytes) -> Path:
    oid = hashlib.sha256(data).hexdigest()
    return repo.root / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid


def test_where_objects_of_git_lfs_are_missing_nothing_is_adopted_unless_one_says_so(
    repo: History,
) -> None:
    for message, data in (("one", ONE), ("two", TWO), ("three", THREE)):
        repo.commit(message, {"train.jsonl": kept_by_lfs(repo, data)})
    lfs_path(repo, TWO).unlink()
    with pytest.raises(NotFoundError) as refused:
        repo.adopt("train.jsonl")
    oid = hashlib.sha256(TWO).hexdigest()
    commit = repo.bench.git("rev-parse", "HEAD~1")
    assert refused.value.message.startswith(
        "1 of 3 states of train are not whole on this machine: "
        f"the Git LFS object {oid[:12]} ({commit[:8]}); nothing was recorded."
    )
    assert refused.value.hint == "git lfs fetch --all"
    assert not (repo.root / ".dslineage").exists()
    result = repo.adopt("train.jsonl", skip_missing=True)
    assert repo.messages("train") == ["one", "three"]
    (skipped,) = result.skipped
    assert skipped.hint == "git lfs fetch --all"
    again, there = result.notices
    assert there == "train.jsonl is a pointer of Git LFS: git lfs pull --include=train.jsonl"
    assert again.endswith(
        "to have them, too: git lfs fetch --all; git rm -f train.jsonl.dsl.json; "
        "dslineage adopt train.jsonl --as ANOTHER"
    )


def test_a_damaged_object_stops_adoption_which_goes_on_once_it_is_mended(repo: History) -> None:
    for message, data in (("one", ONE), ("two", TWO)):
        repo.commit(message, {"train.jsonl": kept_by_lfs(repo, data)})
    lfs_path(repo, TWO).write_bytes(b"something else")
    with pytest.raises(NotFoundError, match="is not on this machine, or damaged"):
        repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one"]
    lfs_path(repo, TWO).write_bytes(TWO)
    repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one", "two"]


def test_a_pointer_of_git_lfs_that_only_looks_alike_is_no_rename(repo: History) -> None:
    repo.commit("other data", {"old.jsonl": kept_by_lfs(repo, lines("x"))})
    repo.bench.git("rm", "-q", "old.jsonl")
    repo.commit("one", {"train.jsonl": kept_by_lfs(repo, ONE)})
    repo.bench.git("mv", "train.jsonl", "moved.jsonl")
    repo.end("moved")
    repo.commit("two", {"moved.jsonl": kept_by_lfs(repo, TWO)})
    repo.adopt("moved.jsonl")
    assert repo.messages("moved") == ["one", "two"]


def test_the_history_of_a_dvc_file_is_read_from_the_cache_of_dvc_3_and_of_dvc_2(
    repo: History,
) -> None:
    repo.commit("in git at first", {"data/train.jsonl": ONE})
    repo.bench.git("rm", "-q", "--cached", "data/train.jsonl")
    repo.bench.put(".gitignore", b"/data/train.jsonl\n/.dvc/cache\n")
    name = "train.jsonl"
    repo.commit("to DVC", {"data/train.jsonl.dvc": kept_by_dvc(repo, ONE, name, old=True)})
    repo.commit("two", {"data/train.jsonl.dvc": kept_by_dvc(repo, TWO, name, old=True)})
    repo.commit("three", {"data/train.jsonl.dvc": kept_by_dvc(repo, THREE, name)})
    repo.bench.put("data/train.jsonl", THREE)
    ignored = (repo.root / ".gitignore").read_bytes()
    result = repo.adopt("data/train.jsonl")
    assert repo.messages("train") == ["in git at first", "two", "three"]
    assert keepers(repo, "train") == ["git", "dvc", "dvc"]
    assert repo.bench.restored(result.made[1]) == TWO
    assert [status.state for status in repo.bench.repo.status().datasets] == ["clean"]
    assert (repo.root / ".gitignore").read_bytes() == ignored
    assert repo.adopt("data/train.jsonl").made == ()


def test_an_object_of_dvc_that_is_not_here_is_named_with_what_fetches_it(repo: History) -> None:
    repo.bench.put(".gitignore", b"/train.jsonl\n/.dvc/cache\n")
    for message, data in (("one", ONE), ("two", TWO)):
        repo.commit(message, {"train.jsonl.dvc": kept_by_dvc(repo, data, "train.jsonl")})
    repo.commit("no YAML", {"train.jsonl.dvc": b"outs: [\n"})
    shutil.rmtree(repo.root / ".dvc/cache/files/md5" / md5(ONE)[:2])
    with pytest.raises(NotFoundError, match="1 of 3 states") as refused:
        repo.adopt("train.jsonl")
    assert refused.value.hint == "dvc fetch --all-commits"
    result = repo.adopt("train.jsonl", skip_missing=True)
    assert repo.messages("train") == ["two"]
    missing, unread = result.skipped
    assert missing.hint == "dvc fetch --all-commits"
    assert md5(ONE)[:12] in missing.problem
    assert unread.problem.startswith("train.jsonl.dvc names no data: ")
    again, absent = result.notices
    assert "dvc fetch --all-commits; git rm -f train.jsonl.dsl.json" in again
    assert absent == "train.jsonl is not in the work tree: dslineage checkout train"


def test_the_history_of_what_a_stage_of_dvc_made_is_that_of_the_lock_file(repo: History) -> None:
    repo.bench.put(".gitignore", b"/out\n/.dvc/cache\n")

    def lock(data: bytes, command: str) -> bytes:
        kept = kept_by_dvc(repo, data, "out/clean.jsonl").decode().removeprefix("outs:\n")
        entry = "".join(f"    {line}\n" for line in kept.splitlines())
        return f"schema: '2.0'\nstages:\n  clean:\n    cmd: {command}\n    outs:\n{entry}".encode()

    repo.commit("no stage yet", {"dvc.lock": b"schema: '2.0'\nstages: {}\n"})
    repo.commit("one", {"dvc.lock": lock(ONE, "a")})
    repo.commit("another command", {"dvc.lock": lock(ONE, "b")})
    repo.commit("no YAML", {"dvc.lock": b"<<<<<<< HEAD\n"})
    repo.commit("two", {"dvc.lock": lock(TWO, "b")})
    result = repo.adopt("out/clean.jsonl")
    assert repo.messages("clean") == ["one", "two"]
    assert keepers(repo, "clean") == ["dvc", "dvc"]
    assert [one.state.subject for one in result.skipped] == ["no YAML"]
    assert repo.adopt("out/clean.jsonl").made == ()


def test_git_lfs_itself_brings_what_adopt_says_is_missing(repo: History, tmp_path: Path) -> None:
    if shutil.which("git-lfs") is None:
        pytest.skip("git-lfs is not installed")
    repo.bench.git("lfs", "install", "--local")
    repo.commit("attributes", {".gitattributes": b"*.jsonl filter=lfs diff=lfs merge=lfs -text\n"})
    for message, data in (("one", ONE), ("two", TWO)):
        repo.commit(message, {"data/train.jsonl": data})
    skipping = ["-c", "filter.lfs.smudge=", "-c", "filter.lfs.required=false"]
    clone = tmp_path / "clone"
    repo.bench.git(*skipping, "clone", "-q", repo.root.as_uri(), str(clone))
    there = History(type(repo.bench)(clone))
    with pytest.raises(NotFoundError, match="2 of 2 states of train") as refused:
        there.adopt("data/train.jsonl")
    there.bench.git("lfs", "install", "--local")
    there.bench.git(*refused.value.hint.split()[1:])
    made = there.adopt("data/train.jsonl").made
    assert [there.bench.restored(info) for info in made] == [ONE, TWO]
    assert there.bench.git("diff", "--name-only") == ""


def test_a_list_of_dvc_that_leads_out_of_its_folder_is_refused(repo: History) -> None:
    listing = b'[{"md5": "%s", "relpath": "../../evil.jsonl"}]' % md5(ONE).encode()
    kept_by_dvc(repo, ONE, "x")
    name = f"{md5(listing)}.dir"
    repo.bench.put(f".dvc/cache/files/md5/{name[:2]}/{name[2:]}", listing)
    text = f"outs:\n- md5: {name}\n  hash: md5\n  path: shards\n"
    repo.bench.put(".gitignore", b"/shards\n/.dvc/cache\n")
    repo.commit("evil", {"shards.dvc": text.encode()})
    result = repo.adopt("shards")
    assert result.made == ()
    assert "is damaged" in result.skipped[0].problem
    assert not list(repo.root.rglob("evil.jsonl"))


def test_five_files_are_five_versions_of_the_last(tmp_path: Path, shared_data: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    repo = History(bench)
    names = [f"toolformer-{step}.json" for step in TOOLFORMER]
    for day, name in enumerate(names, 1):
        path = bench.put(name, (shared_data / "toolformer" / name).read_bytes())
        os.utime(path, (1_700_000_000 + 86_400 * day,) * 2)
    result = repo.adopt(*names, name="tool")
    records = [info.record for info in result.made]
    assert [record.examples for record in records] == [7673, 5959, 4709, 3487, 2396]
    assert [record.message for record in records] == names
    assert [record.created_at[:10] for record in records] == [
        f"2023-11-{day}" for day in range(15, 20)
    ]
    assert repo.is_chain("tool")
    last = bench.repo.status().datasets[0]
    assert (last.name, last.files, last.state) == ("tool", (names[-1],), "clean")
    assert repo.adopt(*names, name="tool").made == ()


def test_files_may_have_several_formats_and_the_last_one_stays_the_file(repo: History) -> None:
    table = b"prompt,completion\nhow,so\n"
    for name, data in (("a.jsonl", ONE), ("b.csv.bak", table), ("b.csv", table + b"x,y\n")):
        repo.bench.put(name, data)
    result = repo.adopt("a.jsonl", "b.csv.bak", "b.csv", name="train")
    assert [info.record.format for info in result.made] == ["jsonl", "csv", "csv"]
    assert repo.bench.pointer("b.csv").version == "v3"
    repo.bench.put("c.jsonl", TWO)
    with pytest.raises(UsageError, match="'train' stands at"):
        repo.adopt("a.jsonl", "b.csv", "c.jsonl", name="train")


def test_files_dated_against_the_order_given_are_named_with_the_order_of_their_dates(
    repo: History,
) -> None:
    names = ("train.jsonl", "train_v2.jsonl", "train_final_v2_FIXED.jsonl")
    for day, name, data in zip((1, 3, 2), names, (ONE, TWO, THREE), strict=True):
        os.utime(repo.bench.put(name, data), (1_700_000_000 + 86_400 * day,) * 2)
    (notice,) = repo.adopt(*names, name="train").notices
    assert notice == (
        "train_final_v2_FIXED.jsonl was last changed before train_v2.jsonl, and comes after it, as "
        "you said; in the order of their dates: git rm -f train_final_v2_FIXED.jsonl.dsl.json; "
        "dslineage adopt train.jsonl train_final_v2_FIXED.jsonl train_v2.jsonl --as ANOTHER"
    )
    assert repo.messages("train") == list(names)
    assert repo.adopt(*names, name="train").notices == ()


def test_files_may_have_other_fields_which_are_one_change_of_the_schema(repo: History) -> None:
    repo.bench.put("a.jsonl", ONE)
    repo.bench.put("b.jsonl", ONE.replace(b'"completion"', b'"response"'))
    repo.adopt("a.jsonl", "b.jsonl", name="train")
    change = repo.bench.repo.diff("train@v1", "train@v2")
    assert (change.edited, change.added, change.removed) == (0, 0, 0)
    assert [one.op for one in change.schema_changes] == ["renamed"]


def test_several_files_need_a_name(repo: History) -> None:
    for name, data in (("a.jsonl", ONE), ("b c.jsonl", TWO)):
        repo.bench.put(name, data)
    with pytest.raises(UsageError) as refused:
        repo.adopt("a.jsonl", "b c.jsonl")
    assert refused.value.hint == "dslineage adopt a.jsonl 'b c.jsonl' --as NAME"


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_what_names_no_folder_and_no_list_of_dvc_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[cache]\n    dir = {'x' * 5000}\n")
    cache = DvcCache.of(tmp_path, "")
    assert cache.places("0" * 32) == []
    (tmp_path / "list").write_bytes(b"[" * 100_000)
    with pytest.raises(BadDataError, match=r"DVC's list 0+\.dir is damaged"):
        cache.listed(tmp_path / "list", StageFile("data", f"{'0' * 32}.dir"))
