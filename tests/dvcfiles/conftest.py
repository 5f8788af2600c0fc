from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from tests.dvcfiles.project import Project, run_dvc
from tests.versions.histories import History


@pytest.fixture(scope="session")
def dvc_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository in which DVC was begun."""
    if importlib.util.find_spec("dvc") is None:
        pytest.skip("dvc is not installed")
    root = tmp_path_factory.mktemp("template") / "work"
    history = History.make(root)
    run_dvc(root, "init")
    run_dvc(root, "remote", "add", "-d", "box", "../box")
    history.bench.git("config", "user.name", "Ada")
    history.bench.git("config", "user.email", "ada@example.org")
    history.bench.git("add", "-A")
    history.bench.git("commit", "-qm", "dvc init")
    return root


@pytest.fixture
def project(dvc_template: Path, tmp_path: Path) -> Project:
    shutil.copytree(dvc_template, tmp_path / "work", symlinks=True)
    return Project(tmp_path / "work")
