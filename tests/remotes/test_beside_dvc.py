"""A repository of DVC: its remote is used, and DVC never touches what is not its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.remotes.support import DATA, Folder, clone
from tests.versions.support import Bench


@pytest.fixture
def beside(two_versions: Bench, folder: Folder, tmp_path: Path) -> Bench:
    """A repository whose only remote is that of DVC, by a path relative to `.dvc`."""
    bench = two_versions.copy(tmp_path / "work")
    dvc(bench, "init", "-q")
    dvc(bench, "remote", "add", "-q", "-d", "shared", os.path.relpath(folder.folder, bench.root))
    bench.git("add", ".dvc", ".dvcignore")
    bench.git("commit", "-q", "-m", "dvc")
    return bench


def dvc(bench: Bench, *words: str) -> None:
    environment = os.environ | {
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(bench.root / "s"),
    }
    subprocess.run(
        [sys.executable, "-m", "dvc", *words], cwd=bench.root, env=environment, check=True
    )


def test_the_remote_of_dvc_is_used_and_its_garbage_collection_takes_nothing(
    beside: Bench, folder: Folder, tmp_path: Path
) -> None:
    (remote,) = beside.repo.remotes.list().remotes
    assert (remote.name, remote.origin, remote.default) == ("shared", ".dvc/config", True)
    beside.repo.remotes.push()
    before = folder.names()
    beside.put("other.bin", b"x" * 1000)
    dvc(beside, "add", "-q", "other.bin")
    dvc(beside, "push", "-q")
    dvc(beside, "remove", "-q", "other.bin.dvc")
    dvc(beside, "gc", "-q", "-f", "-w", "-c")
    assert [path for path in folder.folder.glob("files/md5/*/*") if path.is_file()] == []
    assert folder.names() == before
    other = clone(beside, tmp_path / "clone")
    assert other.repo.remotes.pull().written == (other.root / DATA,)
    assert other.problems() == []


def test_our_own_file_goes_over_that_of_dvc_which_is_never_written(
    beside: Bench, tmp_path: Path
) -> None:
    before = (beside.root / ".dvc" / "config").read_bytes()
    beside.repo.remotes.add("ours", str(tmp_path / "ours"), default=True)
    assert [one.name for one in beside.repo.remotes.list().remotes if one.default] == ["ours"]
    beside.repo.remotes.push()
    assert (tmp_path / "ours" / "dslineage" / "format").exists()
    assert (beside.root / ".dvc" / "config").read_bytes() == before
