"""A hook that cannot do its work says so, and stops nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dslineage.versions.git import Git
from dslineage_hooks.installing import install
from dslineage_hooks.shim import HOOKS
from tests.hooks.work import DATA, ONE, POINTER, TWO, Work


def half(work: Work) -> None:
    """Stage what a working hook would stop."""
    record = work.add(TWO, message="another record than any of the same second")
    work.git("rm", "-q", "--cached", "--", record.path)


MOVES = """\
git checkout -q more
git checkout -q main
git merge -q --no-ff -m merged more
git checkout -q -b picked main~1
git cherry-pick more >/dev/null
git checkout -q -b rebased main~1
git commit -q --allow-empty -m rebased
git rebase -q more
git init -q --bare ../bare
git push -q ../bare HEAD
"""
"""Every hook runs; four of them find that the data is v1 where v2 belongs."""

BROKEN = {
    "no interpreter": (None, "was left out: "),
    "no dslineage": (
        "echo 'No module named dslineage_cli' >&2; exit 1",
        "broke, and stops nothing",
    ),
    "killed": ("kill -9 $$", "broke, and stops nothing"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_every_hook_that_cannot_run_says_so_in_a_line_and_stops_nothing(
    work: Work, tmp_path: Path, fault: str
) -> None:
    script, said = BROKEN[fault]
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    work.branch("more", TWO)
    install(Git(work.root), python=str(python))
    work.git("checkout", "-qb", "half")
    half(work)
    heard = work.shell(f"git commit -qm half\n{MOVES}").splitlines()
    for hook in HOOKS:
        assert any(line.startswith(f"dslineage: {hook} {said}") for line in heard), hook


def test_every_hook_lives_with_a_configuration_and_a_cache_that_are_broken(work: Work) -> None:
    work.branch("more", TWO)
    work.write("dslineage.toml", "[hooks\n")
    work.write(".git/dslineage/cache/files.json", "no JSON")
    heard = work.shell(MOVES)
    assert "Traceback" not in heard
    assert heard.count("dslineage.toml is not TOML") >= 4
    assert heard.count("the data files of train are not v2") == 4


@pytest.mark.parametrize("gone", ["layouts", "packs"])
def test_every_hook_that_cannot_restore_says_so_and_the_data_stays(work: Work, gone: str) -> None:
    work.write("dslineage.toml", "[hooks]\nrestore = true\n")
    work.branch("more", TWO)
    subprocess.run(["rm", "-rf", work.root / ".git/dslineage" / gone], check=True)
    heard = work.shell(MOVES)
    assert "Traceback" not in heard
    assert heard.count("note: ") == 4
    assert work.read(DATA) == ONE


def test_a_configuration_that_is_not_understood_is_said(work: Work) -> None:
    work.write("dslineage.toml", "[gates\n")
    work.git("add", "dslineage.toml")
    work.add(TWO)
    ran = work.git("commit", "-qm", "broken")
    assert "dslineage.toml is not TOML" in ran.said


def test_a_missing_object_of_git_is_said(work: Work) -> None:
    work.add(TWO)
    blob = work.git("ls-files", "-s", POINTER).said.split()[1]
    (work.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    ran = work.tried("commit", "-qm", "damaged")
    assert "pre-commit was left out: git has not got the object" in ran.said


def test_a_cache_that_cannot_be_written_is_done_without(work: Work) -> None:
    work.branch("more", TWO)
    cache = work.root / ".git" / "dslineage" / "cache"
    subprocess.run(["rm", "-rf", cache], check=True)
    cache.write_text("no folder")
    assert "are not v2" in work.git("checkout", "-q", "more").said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_read_only_disk_stops_no_hook(work: Work) -> None:
    half(work)
    script = f"mount --bind {work.root} {work.root} && mount -o remount,ro,bind {work.root} && "
    script += " && ".join(f"./.git/hooks/{hook} .git/COMMIT_EDITMSG template" for hook in HOOKS[1:])
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"{script} && .git/hooks/pre-commit; test $? = 1"],
        cwd=work.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"this machine does not let us mount: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_code_that_came_with_a_clone_is_not_run_by_a_hook(work: Work, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name in ("orjson.py", "dslineage_cli.py", "dslineage.py", "sitecustomize.py", "time.py"):
        work.write(name, f"open({str(canary)!r}, 'w')\n")
    work.add(TWO)
    work.git("add", "-A")
    work.git("commit", "-qm", "evil")
    for path in (".", "", f"/usr/lib:{work.root}", "/usr/lib:"):
        work.git("checkout", "-q", "main~1", env={"PYTHONPATH": path})
        work.git("checkout", "-q", "main", env={"PYTHONPATH": path})
    assert not canary.exists()
