"""Versions of branches that are not checked out, with what was measured of them there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.repository import Repository


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *arguments], check=True)


def record(root: Path, numbers: range, message: str) -> None:
    lines = (
        json.dumps({"prompt": f"What is {n} and {n}?", "response": "word " * n}) for n in numbers
    )
    (root / "train.jsonl").write_text("".join(f"{line}\n" for line in lines))
    Repository.open(root).add([root / "train.jsonl"], message=message)
    git(root, "commit", "-qm", message)


@pytest.fixture
def branches(git_repo: Path) -> Path:
    """`main` and `other`, each with a `v2` of its own; `main` is checked out."""
    Repository.init(git_repo)
    git(git_repo, "checkout", "-qB", "main")
    record(git_repo, range(10), "first")
    git(git_repo, "checkout", "-qb", "other")
    record(git_repo, range(5), "fewer")
    git(git_repo, "checkout", "-q", "main")
    Repository.open(git_repo).checkout(force=True)
    record(git_repo, range(20), "more")
    return git_repo


def test_two_branches_are_compared_with_what_was_measured_on_each(branches: Path) -> None:
    result = Repository.open(branches).diff("other", "main", options=DiffOptions(samples=0))
    (words,) = [one for one in result.metrics if one.metric == "target_words"]
    assert (words.before, words.after) == (2.0, 9.5)


def test_two_versions_with_one_label_are_called_what_they_were_asked_by(branches: Path) -> None:
    repo = Repository.open(branches)
    result = repo.diff("train", "other", "latest")
    assert (result.from_.version, result.to.version) == ("train@other", "train@latest")
    again = repo.diff(result.from_.version, result.to.version)
    assert (again.from_, again.to) == (result.from_, result.to)
    plain = repo.diff("v1", "v2")
    assert (plain.from_.version, plain.to.version) == ("v1", "v2")


def test_a_version_of_another_branch_is_shown_as_it_is_there(branches: Path) -> None:
    shown = Repository.open(branches).show("train", "other")
    assert (shown.record.label, shown.record.examples, shown.draft) == ("v2", 5, False)
    assert shown.metrics["target_words"]["value"] == 2.0
