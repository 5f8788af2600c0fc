"""A repository with a data set of chats, committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reviewing.sheets import chat, lines
from tests.versions.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository whose data set `train` has one version of 60 chats."""
    bench = Bench.make(tmp_path / "repo")
    bench.put("train.jsonl", lines([chat(number) for number in range(60)]))
    bench.repo.add(["train.jsonl"], measure=False)
    bench.git("commit", "-q", "-m", "data")
    return bench
