"""A repository of its own for each test, with a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dslineage.repository import Repository


@pytest.fixture
def repo(git_repo: Path) -> Repository:
    """An empty git repository that dslineage is set up in."""
    Repository.init(git_repo)
    return Repository.open(git_repo, clock=lambda: datetime(2026, 1, 2, tzinfo=UTC))
