from __future__ import annotations

from pathlib import Path

import pytest

from tests.remotes.support import ONE, TWO, Place, join, origin
from tests.versions.support import Bench

pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder on this machine."""
    return Place(str(tmp_path / "storage"), tmp_path / "storage")


@pytest.fixture
def bench(tmp_path: Path, place: Place) -> Bench:
    """A repository with two committed versions, and a remote."""
    made = origin(tmp_path / "work", ONE, TWO)
    join(made, place)
    return made
