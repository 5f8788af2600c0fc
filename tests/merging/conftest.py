"""A repository with two branches that changed one data set."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.versions.support import Bench

Example = dict[str, Any]
Branches = Callable[[Sequence[Example], Sequence[Example], Sequence[Example]], Bench]


def lines(examples: Sequence[Example]) -> bytes:
    """A file of JSON lines."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in examples)


def qa(number: int, **changes: Any) -> Example:
    """An example of its own for each number."""
    prompts = f"What does part number {number} of the long red catalogue cost today?"
    answer = f"Part {number} costs {number * 7} crowns, and {number} more with a wooden box."
    return {"prompt": prompts, "completion": answer, "source": "shop", **changes}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench.make(tmp_path / "repo")
    made.git("commit", "-qm", "begin")
    return made


@pytest.fixture
def branches(bench: Bench) -> Branches:
    """Commits a base, then ours on main and theirs on a branch; main is checked out."""

    def make(base: Sequence[Example], ours: Sequence[Example], theirs: Sequence[Example]) -> Bench:
        bench.commit("train.jsonl", lines(base))
        bench.git("switch", "-qc", "theirs")
        bench.commit("train.jsonl", lines(theirs))
        bench.git("switch", "-q", "main")
        bench.repo.checkout()
        bench.commit("train.jsonl", lines(ours))
        return bench

    return make
