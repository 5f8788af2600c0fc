"""Programs that push, killed at random moments, and two at once: a clone gets all of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.crashes.harness import ALL
from tests.remotes.support import DATA, ONE, TWO, Folder, clone, join, origin
from tests.versions.support import Bench

pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
KILLS = 50 if ALL else 3
PUSH = [sys.executable, "-m", "dslineage_cli", "push"]


@pytest.fixture
def here(tmp_path: Path) -> Bench:
    """Two versions, and a remote in a folder on this machine."""
    bench = origin(tmp_path / "work", ONE, TWO)
    join(bench, Folder(str(tmp_path / "storage"), tmp_path / "storage"))
    return bench


def pushing(bench: Bench) -> subprocess.Popen[bytes]:
    """A program that pushes."""
    return subprocess.Popen(PUSH, cwd=bench.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def ends_well(process: subprocess.Popen[bytes]) -> None:
    """Wait for a program."""
    said, _ = process.communicate()
    assert process.returncode == 0, said


def arrived(bench: Bench, folder: Path) -> None:
    """A clone gets what was pushed."""
    other = clone(bench, folder)
    other.repo.remotes.pull()
    assert (other.root / DATA).read_bytes() == TWO
    assert other.problems() == []


def test_a_push_killed_again_and_again_is_finished_by_the_one_that_is_not(
    here: Bench, tmp_path: Path
) -> None:
    other = here.copy(tmp_path / "first")
    other.repo.remotes.set("storage", {"url": str(tmp_path / "elsewhere")}, local=True)
    began = time.monotonic()
    ends_well(pushing(other))
    longest = time.monotonic() - began
    chance = random.Random(11)
    killed = 0
    for _ in range(KILLS):
        process = pushing(here)
        time.sleep(chance.uniform(0.4, 1.0) * longest)
        process.kill()
        process.communicate()
        killed += process.returncode < 0
    ends_well(pushing(here))
    assert killed
    arrived(here, tmp_path / "clone")


def test_two_programs_that_push_at_once_both_say_that_all_is_there(
    here: Bench, tmp_path: Path
) -> None:
    other = here.copy(tmp_path / "other")
    other.repo.remotes.set("storage", {"url": str(tmp_path / "storage")}, local=True)
    for process in [pushing(here), pushing(other)]:
        ends_well(process)
    arrived(here, tmp_path / "clone")
