"""`git push` with the hook: objects reach their remote before the commits that name them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from dslineage.versions.git import Git
from dslineage_hooks.installing import install
from tests.remotes.support import DATA, ONE, TWO, Folder, clone, join
from tests.versions.support import Bench

THREE = TWO + b'{"prompt":"third","completion":"row"}\n'


@dataclass(frozen=True)
class Pushed:
    """What `git push` did."""

    code: int
    said: str


@pytest.fixture
def hooked(two_versions: Bench, tmp_path: Path) -> Bench:
    """A repository with hooks, and a bare one to push to."""
    bench = two_versions.copy(tmp_path / "work")
    subprocess.run(
        ["git", "init", "-q", "-b", "main", "--bare", str(tmp_path / "bare.git")], check=True
    )
    bench.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    install(Git(bench.root))
    return bench


def push(bench: Bench, *words: str, **environment: str) -> Pushed:
    done = subprocess.run(
        ["git", "push", "-q", *(words or ("origin", "main"))],
        cwd=bench.root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Pushed(done.returncode, " ".join((done.stdout + done.stderr).split()))


def test_a_push_sends_the_objects_of_the_commits_first(
    hooked: Bench, folder: Folder, tmp_path: Path
) -> None:
    join(hooked, folder)
    assert push(hooked) == Pushed(0, "")
    other = clone(Bench(tmp_path / "bare.git"), tmp_path / "clone")
    assert other.repo.remotes.pull().written == (other.root / DATA,)
    assert other.problems() == []


def test_only_what_is_pushed_counts_and_not_the_work_tree(hooked: Bench, folder: Folder) -> None:
    join(hooked, folder)
    hooked.add(DATA, THREE, workers=1)
    assert push(hooked, "origin", "main~2:refs/heads/main") == Pushed(0, "")
    assert len(folder.copies("layouts")) == 1
    assert push(hooked, "origin", "main:refs/heads/main", "main~1:refs/heads/old").code == 0
    assert len(folder.copies("layouts")) == 2


def test_an_objects_remote_that_is_away_stops_the_push_and_can_be_skipped(
    hooked: Bench, folder: Folder
) -> None:
    join(hooked, folder)
    folder.folder.write_bytes(b"not a folder")
    pushed = push(hooked)
    assert pushed.code != 0
    assert "fault: storage: " in pushed.said
    assert "nothing was sent" in pushed.said
    assert "next: dslineage push --remote storage" in pushed.said
    assert "dslineage stops this push: 1 fault" in pushed.said
    assert "DSLINEAGE_SKIP=1 git push" in pushed.said
    assert hooked.git("ls-remote", "origin") == ""
    assert push(hooked, DSLINEAGE_SKIP="1") == Pushed(0, "")


def test_with_check_the_hook_only_looks(hooked: Bench, folder: Folder) -> None:
    join(hooked, folder)
    (hooked.root / "dslineage.toml").write_text('[hooks]\npush = "check"\n')
    pushed = push(hooked)
    assert pushed.code != 0
    assert "10 objects of what is pushed are not on storage" in pushed.said
    hooked.repo.remotes.push()
    assert push(hooked) == Pushed(0, "")


def test_without_a_remote_or_without_its_configuration_nothing_is_stopped(
    hooked: Bench, folder: Folder
) -> None:
    assert push(hooked) == Pushed(0, "")
    hooked.commit(DATA, ONE, workers=1)
    (hooked.root / ".dslineage" / "config").write_text('["remote "broken\n')
    pushed = push(hooked)
    assert pushed.code == 0
    assert "note: " in pushed.said
    assert not folder.folder.exists()


def test_what_a_hostile_repository_says_of_a_remote_is_not_followed(hooked: Bench) -> None:
    (hooked.root / ".dslineage" / "config").write_text(
        "['remote \"x\"']\nurl = s3://bucket\nconfigpath = ../aws\n"
    )
    pushed = push(hooked)
    assert pushed.code == 0
    assert "configpath of .dslineage/config would let whoever committed it" in pushed.said


def test_a_version_that_is_not_whole_here_is_a_note(
    hooked: Bench, folder: Folder, tmp_path: Path
) -> None:
    join(hooked, folder)
    other = clone(hooked, tmp_path / "clone")
    install(Git(other.root))
    pushed = push(other, str(tmp_path / "bare.git"), "main")
    assert pushed.code == 0
    assert "train@v1, train@v2 is not whole in this clone" in pushed.said


def test_where_nothing_of_a_data_set_is_pushed_neither_dvc_nor_numpy_is_loaded(
    hooked: Bench, folder: Folder
) -> None:
    join(hooked, folder)
    push(hooked)
    hooked.put("notes.txt", b"x")
    hooked.git("add", "notes.txt")
    hooked.git("commit", "-q", "-m", "notes")
    line = "refs/heads/main {} refs/heads/main {}\n".format(
        hooked.git("rev-parse", "main").strip(), hooked.git("rev-parse", "main~1").strip()
    )
    script = hooked.root / ".git" / "hooks" / "pre-push"
    done = subprocess.run(
        [script, "origin", "x"],
        cwd=hooked.root,
        input=line,
        env=os.environ | {"PYTHONPROFILEIMPORTTIME": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "dslineage_hooks.pre_push" in done.stderr
    assert " dvc" not in done.stderr
    assert " numpy" not in done.stderr
