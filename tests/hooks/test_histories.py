"""The other operations of git: what the hooks say after them, and what state they leave."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dslineage import Repository
from dslineage.errors import NotFoundError
from dslineage.versions.git import Git
from tests.cli.conftest import Dslineage, dslineage
from tests.hooks.work import DATA, ONE, POINTER, TWO, Work, lines

__all__ = ["dslineage"]

STALE = "the data files of train are not"


def test_a_checkout_names_the_data_that_did_not_come_along(work: Work) -> None:
    work.branch("more", TWO)
    ran = work.git("checkout", "-q", "more")
    assert f"{STALE} v2" in ran.said
    assert "dslineage checkout train@latest" in ran.said
    assert work.read() == ONE
    work.restore()
    assert work.read() == TWO
    assert STALE not in work.git("checkout", "-qb", "other").said


def test_a_checkout_of_the_pointer_alone_is_seen(work: Work) -> None:
    work.add(TWO)
    work.git("commit", "-qm", "more")
    assert f"{STALE} v1" in work.git("checkout", "-q", "HEAD~1", "--", POINTER).said


def test_a_checkout_of_other_files_says_nothing_of_work_that_is_not_saved(work: Work) -> None:
    work.write("README", "one")
    work.git("add", "README")
    work.git("commit", "-qm", "readme")
    work.write("README", "two")
    work.write(DATA, lines("not", "saved"))
    assert work.git("checkout", "-q", "--", "README").said == ""
    (work.root / DATA).unlink()
    assert work.git("checkout", "-q", "--", "README").said == ""


def test_a_detached_head_is_like_a_branch(work: Work) -> None:
    work.add(TWO)
    work.git("commit", "-qm", "more")
    assert f"{STALE} v1" in work.git("checkout", "-q", "HEAD~1").said
    work.restore()
    work.add(lines("z"))
    work.git("commit", "-qm", "detached")
    assert work.message().startswith("detached\n\ntrain v1 → v2")


@pytest.mark.parametrize("form", ["--ff-only", "--no-ff"])
def test_a_merge_names_the_data_that_did_not_come_along(work: Work, form: str) -> None:
    work.branch("more", TWO)
    ran = work.git("merge", "-q", form, "-m", "merged", "more")
    assert ran.said.count(f"{STALE} v2") == 1
    assert work.read() == ONE
    if form == "--no-ff":
        assert work.message() == "merged"


def test_a_squash_leaves_the_data_and_its_message_alone(work: Work) -> None:
    work.branch("more", TWO)
    assert f"{STALE} v2" in work.git("merge", "-q", "--squash", "more").said
    work.git("commit", "-q", "--no-edit")
    assert work.message().count("→") == 1  # that of the squashed commit


def test_a_conflict_of_pointers_cannot_be_committed_by_mistake(work: Work) -> None:
    work.branch("more", TWO)
    work.add(lines("x", "y"))
    work.git("commit", "-qm", "others")
    assert work.tried("merge", "-q", "more").code == 1
    ran = work.tried("commit", "-qam", "merged")
    assert ran.code == 1
    assert "merge markers" in ran.said


def test_a_rebase_is_looked_at_once_when_it_ends(work: Work) -> None:
    work.branch("more", TWO)
    for name in ("a", "b"):
        work.write(name, name)
        work.git("add", name)
        work.git("commit", "-qm", name)
    ran = work.git("rebase", "-q", "more")
    assert ran.said.count(f"{STALE} v2") == 1
    assert work.message() == "b"


def test_a_rebase_of_versions_keeps_their_messages(work: Work) -> None:
    work.git("checkout", "-qb", "more")
    work.add(TWO)
    work.git("commit", "-qm", "more")
    said = work.message()
    work.git("checkout", "-q", "main")
    work.write("a", "a")
    work.git("add", "a")
    work.git("commit", "-qm", "a")
    work.git("checkout", "-q", "more")
    work.git("rebase", "-q", "main")
    assert work.message() == said


def test_a_cherry_pick_and_a_revert_skip_pre_commit_and_name_stale_data(work: Work) -> None:
    work.branch("more", TWO)
    work.write("a", "a")
    work.git("add", "a")
    work.git("commit", "-qm", "a")
    assert f"{STALE} v2" in work.git("cherry-pick", "more").said
    assert work.message().count("train v1 → v2") == 1
    work.restore()
    ran = work.git("revert", "--no-edit", "HEAD")
    assert f"{STALE} v1" in ran.said
    assert work.message().endswith("train v2 → v1: 3 examples")


def test_a_stash_leaves_the_data_alone(work: Work) -> None:
    work.add(TWO)
    work.git("stash")
    assert work.read() == TWO
    work.git("stash", "pop", "--index")
    work.git("commit", "-qm", "more")
    assert work.message().endswith("train v1 → v2: 1 added (4 examples)")


def test_restoring_is_opt_in_and_never_loses_unsaved_work(work: Work) -> None:
    work.write("dslineage.toml", "[hooks]\nrestore = true\n")
    work.git("add", "dslineage.toml")
    work.git("commit", "-qm", "restore")
    work.branch("more", TWO)
    assert f"restored {DATA}" in work.git("checkout", "-q", "more").said
    assert work.read() == TWO
    unsaved = lines("not", "saved")
    work.write(DATA, unsaved)
    ran = work.git("checkout", "-q", "main")
    assert "has changes that no version can bring back" in ran.said
    assert work.read() == unsaved


def test_a_linked_work_tree_has_the_hooks_and_an_index_of_its_own(work: Work) -> None:
    ran = work.git("worktree", "add", "-q", "../linked", "-b", "linked")
    assert f"{STALE} v1" in ran.said
    linked = Work(work.root.parent / "linked")
    linked.restore()
    record = linked.add(TWO)
    linked.git("rm", "-q", "--cached", "--", record.path)
    assert linked.tried("commit", "-qm", "half").code == 1
    linked.git("add", "-f", "--", record.path)
    linked.git("commit", "-qm", "whole")
    assert linked.message().endswith("1 added (4 examples)")
    assert work.git("status", "--porcelain").said == ""


def test_a_submodule_has_hooks_of_its_own(work: Work, tmp_path: Path) -> None:
    outer = Work.make(tmp_path / "outer")
    added = ["-c", "protocol.file.allow=always", "submodule", "add", "-q"]
    outer.git(*added, str(work.root), "inner")
    outer.install()
    outer.git("commit", "-qm", "inner")
    inner = Work(outer.root / "inner")
    inner.install()
    record = inner.add(TWO)
    inner.git("rm", "-q", "--cached", "--", record.path)
    assert inner.tried("commit", "-qm", "half").code == 1
    inner.git("add", "-f", "--", record.path)
    inner.git("commit", "-qm", "whole")
    outer.git("commit", "-qam", "inner moved")
    assert outer.message() == "inner moved"


def test_a_bare_repository_has_no_work_tree_for_hooks(work: Work, tmp_path: Path) -> None:
    work.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    with pytest.raises(NotFoundError, match="not among its files"):
        Git.find(tmp_path / "bare.git")
    work.git("push", "-q", str(tmp_path / "bare.git"), "HEAD:refs/heads/pushed")


def test_two_work_trees_stand_on_different_versions(work: Work) -> None:
    work.branch("more", TWO)
    work.git("worktree", "add", "-q", "../linked", "more")
    linked = Work(work.root.parent / "linked")
    linked.restore()
    assert (work.read(), linked.read()) == (ONE, TWO)
    for one in (work, linked):
        one.write("README", "hello")
        one.git("add", "README")
        assert one.git("commit", "-qm", "readme").said == ""
    assert f"{STALE} v2" in work.git("checkout", "-q", "--detach", "more").said
    assert f"{STALE} v1" in linked.git("checkout", "-q", "--detach", "main").said


def test_a_shallow_clone_is_judged_and_named(work: Work, tmp_path: Path) -> None:
    work.add(TWO)
    work.git("commit", "-qm", "more")
    work.git("clone", "-q", "--depth", "1", f"file://{work.root}", str(tmp_path / "shallow"))
    clone = Work(tmp_path / "shallow")
    clone.install()
    clone.write("README", "hello")
    clone.git("add", "README")
    assert f"{STALE} v2" in clone.git("commit", "-q", "--amend", "-m", "amended").said
    clone.git("rm", "-q", "-r", "--cached", ".dslineage")
    assert "is not committed with it" in clone.tried("commit", "-qm", "half").said


def test_a_repository_of_somebody_else_is_refused_by_git_in_its_own_words(
    work: Work, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work.root)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    ran = dslineage("hooks", "run", "pre-commit")
    assert ran.code == 0
    assert "pre-commit was left out: git does not work in" in ran.err
    assert "safe.directory" in ran.err


def test_a_repository_with_reftables_is_like_any_other(tmp_path: Path) -> None:
    root = tmp_path / "reftable"
    made = subprocess.run(
        ["git", "init", "-q", "-b", "main", "--ref-format=reftable", str(root)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("this git has no reftables")
    work = Work(root)
    Repository.init(root)
    work.install()
    work.add(ONE)
    work.git("commit", "-qm", "one")
    work.branch("more", TWO)
    assert f"{STALE} v2" in work.git("checkout", "-q", "more").said
