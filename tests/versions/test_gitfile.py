"""Files of git's own are changed under git's lock, and a kill leaves none of ours behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dslineage.errors import LockedError
from dslineage.versions import git
from dslineage.versions.git import Git
from dslineage.versions.gitfile import change
from tests.versions.support import Bench


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_bytes(b"old")
    return path


def kill_while_held(file: Path) -> None:
    """What a process leaves that dies while it holds the lock."""
    pid = os.fork()
    if not pid:
        change(file, lambda _: os._exit(0), 0)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("links", [True, False])
def test_a_changed_copy_takes_the_place_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no second names here")

    if not links:
        monkeypatch.setattr(os, "link", refused)
    file.chmod(0o640)
    change(file, lambda copy: copy.write_bytes(b"new"), 0)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)
    assert {path.name for path in file.parent.iterdir()} == {"config", "config.dslineage"}


def test_a_change_that_fails_leaves_the_file_and_no_lock(file: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        change(file, lambda _: 1 // 0, 0)
    assert file.read_bytes() == b"old"
    assert {path.name for path in file.parent.iterdir()} == {"config", "config.dslineage"}


def test_the_lock_of_a_process_that_died_is_taken_over(file: Path) -> None:
    kill_while_held(file)
    assert file.with_name("config.lock").exists()
    change(file, lambda copy: copy.write_bytes(b"new"), 0)
    assert file.read_bytes() == b"new"
    assert {path.name for path in file.parent.iterdir()} == {"config", "config.dslineage"}


def test_a_lock_that_is_not_ours_is_waited_for_and_left_alone(file: Path) -> None:
    kill_while_held(file)
    lock = file.with_name("config.lock")
    lock.unlink()
    lock.touch()
    with pytest.raises(LockedError, match=r"another git process holds .*config\.lock") as caught:
        change(file, lambda copy: copy.write_bytes(b"new"), 0.1)
    assert caught.value.hint == f"wait for it; if there is none: rm {lock}"
    assert lock.exists()
    assert file.read_bytes() == b"old"


def test_a_commit_over_a_lock_that_git_left_says_which_one_to_remove(bench: Bench) -> None:
    bench.add("train.jsonl", b'{"prompt":"a","completion":"b"}\n')
    lock = bench.put(".git/HEAD.lock", b"")
    with pytest.raises(LockedError) as caught:
        bench.repo.commit("one")
    assert caught.value.hint == f"wait for it; if there is none: rm {lock}"
    lock.unlink()
    assert bench.repo.commit("one").versions


def test_settings_are_changed_all_at_once(bench: Bench) -> None:
    git = Git(bench.root)
    git.configure(["a.b", "1"], ["c.d", "two words"])
    assert bench.git("config", "--get", "c.d") == "two words\n"
    git.configure(["--remove-section", "a"], ["--unset", "c.d"])
    assert "a.b" not in bench.git("config", "--list", "--local")


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_that_a_killed_git_left_is_named_with_the_command_that_helps(
    bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "_LOCK_SECONDS", 0.1)
    bench.commit("train.jsonl", b'{"a":1}\n')
    bench.put("train.jsonl", b'{"a":2}\n')
    lock = bench.root / ".git" / name
    lock.touch()
    with pytest.raises(LockedError) as caught:
        bench.repo.commit("more")
    assert f"another git process holds {lock}" in caught.value.message
    assert caught.value.hint.startswith(f"wait for it; if there is none: rm {lock}")
    lock.unlink()
    assert [info.record.label for info in bench.repo.commit("more").versions] == ["v2"]


def test_a_lock_of_the_settings_is_named_and_one_of_maintenance_is_in_nobodys_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "_LOCK_SECONDS", 0.1)
    (bench.root / ".git/objects/maintenance.lock").touch()
    bench.add("train.jsonl", b'{"a":1}\n')
    assert bench.repo.commit("data").versions
    lock = bench.root / ".git/config.lock"
    lock.touch()
    with pytest.raises(LockedError) as caught:
        bench.repo.git.configure(["user.nick", "ada"])
    assert caught.value.hint == f"wait for it; if there is none: rm {lock}"
