from __future__ import annotations

from pathlib import Path

import pytest

from tests.hooks.work import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with one version of `data/train.jsonl`, which git ignores, and hooks."""
    made = Work.make(tmp_path / "work")
    made.install()
    return made
