"""The repository and the cluster of `examples/story`, made once."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from dslineage.audit.audit import AuditOptions
from dslineage.audit.audited import Audit
from dslineage.repository import Repository
from tests.cli.browser import chromium
from tests.cli.conftest import dslineage

__all__ = ["chromium", "dslineage"]

STORY = Path(__file__).resolve().parents[2] / "examples" / "story"


class Told(NamedTuple):
    """What the story left: a repository, checkpoints elsewhere, and what it printed."""

    root: Path
    said: str

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def last(self) -> str:
        """The folder of the checkpoint that is audited."""
        return str(self.root / "cluster" / "out" / "tiny" / "checkpoint-27")

    def audit(self, options: AuditOptions | None = None) -> Audit:
        return Repository.open(self.data).provenance.audit("tiny@checkpoint-27", options)

    def verified(self) -> Audit:
        return self.audit(AuditOptions(verify=True, folders=(self.last,)))


def told(root: Path, trainer: str) -> Told:
    """Run the script; it finds `dslineage` and `python` where this interpreter is."""
    root.mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    quiet = {"HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1", "COLUMNS": "100"}
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada Curator"), ("EMAIL", "ada@example.org"))
    }
    done = subprocess.run(
        [STORY / "story.sh", root, trainer],
        env=os.environ | {"PATH": path} | quiet | who,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Told(root, done.stdout)


@pytest.fixture(scope="session")
def _story(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Told by the first process of the tests that needs it, and read by all."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    root, said = shared / "story", shared / "story.txt"
    with (shared / "story.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            said.write_text(told(root, "count.py").said, encoding="utf-8")
    return Told(root, said.read_text(encoding="utf-8"))


@pytest.fixture
def story(_story: Told, tmp_path: Path) -> Told:
    """A copy of what the story left, to be read or attacked."""
    root = Path(shutil.copytree(_story.root, tmp_path / "told"))
    return Told(root, _story.said)
