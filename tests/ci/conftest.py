from __future__ import annotations

from pathlib import Path

import pytest

from tests.ci.pulls import Work


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with one version of `data/train.jsonl` on main, and a branch `topic` from it."""
    made = Work.make(tmp_path / "work")
    made.git("checkout", "-qb", "topic")
    return made
