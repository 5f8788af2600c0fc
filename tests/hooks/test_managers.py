"""Programs that are in charge of hooks, really run, with the text that `hooks install` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.versions.git import Git
from dslineage_hooks.installing import uninstall
from dslineage_hooks.managers import entry
from dslineage_hooks.shim import HOOKS
from tests.cli.conftest import Dslineage, dslineage
from tests.hooks.work import DATA, ONE, TWO, Work

__all__ = ["dslineage"]

BIN = Path(sys.executable).parent


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """A repository without hooks; dslineage is on the path, as where it is used."""
    made = Work.make(tmp_path / "work")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    return made


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*words: str) -> str:
    """Run a program that must work; what it says."""
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def printed(dslineage: Dslineage) -> str:
    """The text that is to be added to the files of whoever is in charge."""
    ran = dslineage("hooks", "install")
    assert ran.code == 2
    return ran.out.partition("\n\n")[2]


def judges(work: Work) -> None:
    """A commit with a fault is stopped, a good one goes through with its line, data is named."""
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    ran = work.tried("commit", "-qm", "half")
    assert ran.code == 1, ran
    assert "is not committed with it" in ran.said
    work.git("add", "-f", "--", record.path)
    ran = work.git("commit", "-qm", "whole")
    assert work.message() == "whole\n\ntrain v1 → v2: 1 added (4 examples)"
    assert "the data files of train are not v1" in work.git("checkout", "-q", "HEAD~1").said


def with_husky(work: Work, dslineage: Dslineage) -> None:
    run(program("husky"))
    for part in printed(dslineage).strip().split("\n\n"):
        head, line = part.split("\n")
        (work.root / head.removeprefix("# in ").rstrip(":")).write_text(f"{line}\n")


def with_lefthook(work: Work, dslineage: Dslineage) -> None:
    lefthook = program("lefthook")
    work.write("lefthook.yml", "")
    work.write("lefthook.yml", printed(dslineage))
    run(lefthook, "install")


def with_the_framework(work: Work, dslineage: Dslineage) -> None:
    framework = program("pre-commit")
    work.write(".pre-commit-config.yaml", "")
    work.write(".pre-commit-config.yaml", printed(dslineage))
    run(framework, "install")
    work.git("add", ".pre-commit-config.yaml")
    work.git("commit", "-qm", "framework")


MANAGERS = pytest.mark.parametrize("manage", [with_husky, with_lefthook, with_the_framework])
Manage = Callable[[Work, Dslineage], None]


@MANAGERS
def test_what_install_prints_does_what_the_hooks_do(
    work: Work, dslineage: Dslineage, manage: Manage
) -> None:
    manage(work, dslineage)
    judges(work)


@MANAGERS
def test_under_a_manager_a_dslineage_that_is_missing_or_broken_stops_nothing(
    work: Work, dslineage: Dslineage, manage: Manage, tmp_path: Path
) -> None:
    manage(work, dslineage)
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("lefthook", "pre-commit"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    path = {"PATH": f"{folder}:/usr/bin:/bin"}
    assert shutil.which("dslineage", path=path["PATH"]) is None
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    work.git("commit", "-qm", "missing", env=path)
    for broken in ("echo ModuleNotFoundError >&2; exit 1", "kill -9 $$"):
        (folder / "dslineage").write_text(f"#!/bin/sh\n{broken}\n")
        (folder / "dslineage").chmod(0o755)
        work.git("commit", "-q", "--amend", "-m", "broken", env=path)


def test_the_file_for_the_framework_has_every_hook() -> None:
    text = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    for hook in HOOKS:
        assert f"- id: dslineage-{hook}\n" in text
        assert f"  entry: {entry(hook)}\n" in text
        assert f"  stages: [{hook}]\n" in text
    assert text.count("- id:") == len(HOOKS)


def test_the_framework_installed_later_keeps_ours_and_what_ours_keeps(work: Work) -> None:
    framework = program("pre-commit")
    before = work.root / ".git/hooks/pre-commit"
    before.write_text("#!/bin/sh\necho the first one\n")
    before.chmod(0o755)
    work.install()
    work.write(".pre-commit-config.yaml", "repos: []\n")
    run(framework, "install")
    work.git("add", ".pre-commit-config.yaml")
    assert "the first one" in work.git("commit", "-qm", "framework").said
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    assert "is not committed with it" in work.tried("commit", "-qm", "half").said


def test_beside_git_lfs_data_is_compared_and_both_chains_run(work: Work) -> None:
    program("git-lfs")
    run("git", "lfs", "install", "--local")
    hooks = work.root / ".git/hooks"
    before = {path.name: path.read_bytes() for path in hooks.iterdir()}
    work.install()
    work.write(".gitattributes", work.read(".gitattributes") + b"eval.jsonl filter=lfs -text\n")
    work.write("eval.jsonl", ONE)
    work.git("add", "eval.jsonl", ".gitattributes")
    work.add(ONE, "eval.jsonl")
    work.git("commit", "-qm", "eval")
    assert work.git("show", "HEAD:eval.jsonl").said.startswith("version https://git-lfs")
    work.write("eval.jsonl", TWO)
    ran = work.tried("commit", "-qam", "data alone")
    assert ran.code == 1
    assert "eval.jsonl is not what the pointer of eval says of v1" in ran.said
    work.add(TWO, "eval.jsonl")
    work.git("commit", "-qam", "with its version")
    assert work.git("checkout", "-q", "HEAD~1").said == ""
    assert work.read("eval.jsonl") == ONE
    uninstall(Git(work.root))
    assert {path.name: path.read_bytes() for path in hooks.iterdir()} == before


def test_beside_the_hooks_of_dvc_both_chains_run(work: Work) -> None:
    dvc = program("dvc")
    run(dvc, "init", "-q")
    run(dvc, "config", "core.analytics", "false")
    run(dvc, "install")
    work.git("add", "-A")
    work.git("commit", "-qm", "dvc")
    work.install()
    work.write("kept.bin", "by dvc")
    run(dvc, "add", "-q", "kept.bin")
    work.git("add", "-A")
    work.git("commit", "-qm", "kept")
    work.write("kept.bin", "changed since")
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    ran = work.tried("commit", "-qm", "half")
    assert ran.code == 1
    assert "kept.bin.dvc" in ran.said
    assert "is not committed with it" in ran.said
    work.git("checkout", "-q", "--", "kept.bin.dvc")
    (work.root / "kept.bin").unlink()
    work.git("checkout", "-q", "-b", "other")
    assert work.read("kept.bin") == b"by dvc"
    assert work.read(DATA) == TWO
