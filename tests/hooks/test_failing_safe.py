"""A hook that cannot do its work says so, and stops nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dslineage.versions.git import Git
from dslineage_hooks.installing import install
from dslineage_hooks.shim import HOOKS
from tests.hooks.work import DATA, POINTER, TWO, Work


def half(work: Work) -> None:
    """Stage what a working hook would stop."""
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)


def test_where_the_interpreter_is_gone_hooks_say_so(work: Work) -> None:
    install(Git(work.root), python="/gone/python")
    half(work)
    ran = work.git("commit", "-qm", "half")
    assert "/gone/python is gone" in ran.said


def test_where_dslineage_is_gone_hooks_say_so(work: Work, tmp_path: Path) -> None:
    empty = tmp_path / "python"
    empty.write_text("#!/bin/sh\necho 'No module named dslineage_cli' >&2\nexit 1\n")
    empty.chmod(0o755)
    install(Git(work.root), python=str(empty))
    half(work)
    ran = work.git("commit", "-qm", "half")
    assert ran.said.count(" broke, and stops nothing; next: dslineage doctor") == 3


def test_a_killed_hook_stops_nothing(work: Work, tmp_path: Path) -> None:
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o755)
    install(Git(work.root), python=str(dying))
    half(work)
    assert "stops nothing" in work.git("commit", "-qm", "half").said


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


def test_a_missing_object_of_a_version_is_said_after_a_checkout(work: Work) -> None:
    work.write("dslineage.toml", "[hooks]\nrestore = true\n")
    work.git("add", "dslineage.toml")
    work.git("commit", "-qm", "restore")
    work.branch("more", TWO)
    for layout in (work.root / ".git/dslineage/layouts").rglob("*"):
        if layout.is_file():
            layout.unlink()
    ran = work.git("checkout", "-q", "more")
    assert "note: " in ran.said
    assert work.read(DATA) != b""


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
    work.git("checkout", "-q", "HEAD~1")
    assert not canary.exists()
