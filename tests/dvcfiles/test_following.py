"""Real DVC beside dslineage: what one records the other has, and a clone needs only one of them."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from dslineage.dvcfiles import following
from dslineage.errors import UsageError
from tests.crashes.faults import killed_at, steps
from tests.dvcfiles.project import Project, run_dvc
from tests.versions.histories import lines

ONE = lines("a", "b", "c")
TWO = lines("a", "b", "d")
THREE = lines("a", "b", "d", "e")
DATA = "data/train.jsonl"


def test_who_has_only_dvc_pulls_the_versions_that_were_added(
    project: Project, tmp_path: Path
) -> None:
    project.kept(DATA, ONE)
    ignored = (project.root / "data/.gitignore").read_bytes()
    assert project.record(DATA).notices == ()
    project.git("commit", "-qm", "v1")
    project.dvc("push")
    result = project.record(DATA, TWO)
    assert result.notices == ("data/train.jsonl.dvc names train v2, too",)
    assert project.staged() == [f"{DATA}.dsl.json", f"{DATA}.dvc"]
    assert project.git("diff", "--name-only") == ""
    assert (project.root / "data/.gitignore").read_bytes() == ignored
    assert project.is_settled()
    project.git("commit", "-qm", "v2")
    project.dvc("push")
    clone = tmp_path / "clone"
    project.git("clone", "-q", str(project.root), str(clone))
    run_dvc(clone, "pull")
    assert (clone / DATA).read_bytes() == TWO
    run_git = Project(clone).git
    run_git("checkout", "-q", "HEAD~1")
    run_dvc(clone, "pull")
    assert (clone / DATA).read_bytes() == ONE


def test_a_checkout_of_an_older_version_brings_the_dvc_file_along(project: Project) -> None:
    project.kept(DATA, ONE)
    before = (project.root / f"{DATA}.dvc").read_bytes()
    project.record(DATA)
    project.git("commit", "-qm", "v1")
    project.record(DATA, TWO)
    project.git("commit", "-qm", "v2")
    result = project.repo.checkout("train@v1")
    assert result.notices == ("data/train.jsonl.dvc names train v1, too",)
    assert (project.root / f"{DATA}.dvc").read_bytes() == before
    assert project.staged() == [f"{DATA}.dsl.json", f"{DATA}.dvc"]
    assert project.repo.checkout().notices == ()


def test_the_data_file_itself_is_not_touched_however_dvc_links(project: Project) -> None:
    project.kept(DATA, ONE)
    project.dvc("config", "cache.type", "symlink")
    path = project.put(DATA, TWO)
    before = path.lstat()
    project.record(DATA)
    after = path.lstat()
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (
        before.st_ino,
        before.st_mode,
        before.st_mtime_ns,
    )
    assert project.is_settled()
    project.dvc("checkout", "--relink", f"{DATA}.dvc")
    assert path.is_symlink()
    with pytest.raises(UsageError, match="symbolic link") as refused:
        project.record(DATA)
    assert refused.value.hint == "dvc unprotect data/train.jsonl"
    assert project.status().state == "clean"


def test_a_folder_that_dvc_keeps_is_one_data_set_and_no_pointer_may_stand_in_it(
    project: Project,
) -> None:
    project.put("shards/README.md", b"about\n")
    project.put("shards/a.jsonl", ONE)
    project.put("shards/b.jsonl", TWO)
    project.dvc("add", "shards")
    project.git("add", "-A")
    project.git("commit", "-qm", "DVC keeps shards")
    with pytest.raises(UsageError, match="would stand in shards, which DVC keeps") as refused:
        project.record("shards/a.jsonl")
    assert refused.value.hint == "dslineage add shards"
    assert project.record("shards").notices == ()
    project.git("commit", "-qm", "v1")
    project.put("shards/c.jsonl", THREE)
    assert project.record("shards").notices == ("shards.dvc names shards v2, too",)
    assert project.staged() == ["shards.dsl.json", "shards.dvc"]
    assert project.is_settled()
    assert project.status().dvc_differs == ()
    project.git("commit", "-qm", "v2")
    before = (project.root / "shards.dvc").read_bytes()
    (project.root / "shards/README.md").unlink()
    project.put("shards/c.jsonl", ONE)
    (notice,) = project.record("shards").notices
    assert notice.startswith("shards.dvc does not name shards v3: shards/README.md is not there;")
    shutil.rmtree(project.root / ".dvc/cache")
    (notice,) = project.record("shards").notices
    assert "DVC's list of its files is not on this machine: dvc fetch shards.dvc" in notice
    assert (project.root / "shards.dvc").read_bytes() == before


def test_without_dvc_the_version_is_recorded_and_what_is_left_to_do_is_said_until_it_is_done(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.kept(DATA, ONE)
    project.record(DATA)
    project.git("commit", "-qm", "v1")
    with monkeypatch.context() as without:
        without.setattr(following, "_program", list)
        result = project.record(DATA, TWO)
        assert result.version.record.label == "v2"
        assert result.notices == (
            "data/train.jsonl.dvc does not name train v2: DVC is not installed "
            "(pip install 'dslineage[dvc]'); then: dslineage add data/train.jsonl",
        )
        assert project.status().dvc_differs == (f"{DATA}.dvc",)
        with pytest.raises(UsageError, match="nothing was committed") as refused:
            project.repo.commit("v2", measure=False)
        assert refused.value.hint == "dslineage add data/train.jsonl"
    again = project.record(DATA)
    assert again.unchanged
    assert again.notices == ("data/train.jsonl.dvc names train v2, too",)
    assert project.status().dvc_differs == ()
    assert len(project.repo.commit("v2", measure=False).versions) == 1


def test_what_somebody_changed_with_dvc_alone_is_not_undone_unless_a_new_version_says_so(
    project: Project,
) -> None:
    project.kept(DATA, ONE)
    project.record(DATA)
    project.git("commit", "-qm", "v1")
    project.kept(DATA, THREE)
    theirs = (project.root / f"{DATA}.dvc").read_bytes()
    project.put(DATA, ONE)
    left = ("data/train.jsonl.dvc names other data, and is left as it is: dslineage status",)
    assert project.status().dvc_differs == (f"{DATA}.dvc",)
    assert project.repo.checkout().notices == left
    assert project.record(DATA).notices == left
    assert (project.root / f"{DATA}.dvc").read_bytes() == theirs
    followed, strange = project.record(DATA, TWO).notices
    assert followed == "data/train.jsonl.dvc names train v2, too"
    assert strange == (
        "before, data/train.jsonl.dvc named other data than the version in HEAD, of which train v2 "
        "knows nothing: git show HEAD:data/train.jsonl.dvc"
    )


def test_several_files_of_one_data_set_follow_together_wherever_they_are(project: Project) -> None:
    names = ["a/one.jsonl", "a/two.jsonl", "b/three.jsonl"]
    for name in names:
        project.put(name, ONE)
    project.dvc("add", *names)
    project.git("add", "-A")
    project.git("commit", "-qm", "DVC keeps them")
    for name in names:
        project.put(name, TWO)
    paths = [project.root / name for name in names]
    result = project.repo.add(paths, name="train", measure=False)
    assert result.notices == tuple(f"{name}.dvc names train v1, too" for name in names)
    assert project.is_settled()
    assert project.staged() == [*(f"{name}.dvc" for name in names), "train.dsl.json"]


def test_going_back_and_forth_before_a_commit_takes_the_dvc_file_along(project: Project) -> None:
    project.kept(DATA, ONE)
    project.record(DATA)
    project.git("commit", "-qm", "v1")
    project.record(DATA, TWO)
    project.git("commit", "-qm", "v2")
    project.repo.checkout("train@v1")
    project.repo.checkout("train@v2")
    assert project.staged() == []
    assert project.status().dvc_differs == ()


def test_modules_that_lie_beside_the_data_are_not_run(project: Project) -> None:
    project.kept(DATA, ONE)
    for name in ("dvc.py", "json.py", "sitecustomize.py", "dvc/__main__.py"):
        for folder in ("", "data/"):
            project.put(f"{folder}{name}", b"open('/'.join(['..', 'ran']), 'w'); 1 / 0\n")
    assert project.record(DATA, TWO).notices == ("data/train.jsonl.dvc names train v1, too",)
    assert not list(project.root.parent.rglob("ran"))


def test_what_dvc_refuses_is_told_in_its_words(project: Project) -> None:
    project.kept(DATA, ONE)
    project.git("add", "-f", DATA)
    (notice,) = project.record(DATA, TWO).notices
    assert notice == (
        "data/train.jsonl.dvc does not name train v1: DVC says output 'train.jsonl' is already "
        "tracked by SCM (e.g. Git); then: dslineage add data/train.jsonl"
    )


def test_whenever_add_is_killed_the_next_add_makes_both_right_and_the_data_stays(
    project: Project, tmp_path: Path
) -> None:
    project.kept(DATA, ONE)
    project.record(DATA)
    project.git("commit", "-qm", "v1")
    project.put(DATA, TWO)
    first, whole = (Project(project.copy(tmp_path / name).root) for name in ("first", "whole"))
    first.record(DATA)  # the first time, DVC writes more into the user's own folders
    trace = steps(lambda: whole.record(DATA))
    runs = next(number for number, line in enumerate(trace, 1) if "train.jsonl.dvc" in line)
    pointed = next(
        number
        for number, line in enumerate(trace, 1)
        if line.startswith("rename") and "train.jsonl.dsl.json" in line
    )
    assert pointed < runs, "our objects, record and pointer are safe first"
    for step in (1, 2):
        copy = Project(project.copy(tmp_path / "killed").root)
        assert killed_at(partial(copy.record, DATA), step, "train.jsonl.dvc")
        assert (copy.root / DATA).read_bytes() == TWO
        copy.record(DATA)
        assert copy.staged() == [f"{DATA}.dsl.json", f"{DATA}.dvc"]
        assert copy.status().dvc_differs == ()
        assert copy.labels("train") == ["v1", "v2"]
        assert copy.problems() == []
        shutil.rmtree(copy.root)


def test_a_merge_by_example_settles_the_dvc_file_too(project: Project) -> None:
    project.kept(DATA, ONE)
    project.record(DATA)
    project.git("commit", "-qm", "v1")
    project.git("switch", "-qc", "side")
    project.record(DATA, lines("a", "b", "other"))
    project.git("commit", "-qm", "side")
    project.git("switch", "-q", "main")
    project.repo.checkout()
    project.record(DATA, lines("new", "b", "c"))
    project.git("commit", "-qm", "main")
    project.merge_conflict("side")
    assert b"<<<<<<<" in (project.root / f"{DATA}.dvc").read_bytes()
    assert project.status().state == "conflicted"
    project.repo.merge(measure=False)
    assert (project.root / DATA).read_bytes() == lines("new", "b", "other")
    assert project.git("diff", "--name-only", "--diff-filter=U") == ""
    assert project.is_settled()
    project.git("commit", "-qm", "merged")


def test_a_project_of_dvc_in_a_subfolder_is_found(project: Project) -> None:
    inner = project.root / "inner"
    inner.mkdir()
    run_dvc(inner, "init", "--subdir")
    name = "-odd [name].jsonl"
    (inner / name).write_bytes(ONE)
    run_dvc(inner, "add", f"./{name}")
    project.put(f"inner/{name}", TWO)
    result = project.repo.add([inner / name], name="odd", measure=False)
    assert result.notices == (f"inner/{name}.dvc names odd v1, too",)
    assert project.status().dvc_differs == ()
