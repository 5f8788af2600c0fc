"""Which code ran, as a step in a repository and a training on a cluster tell it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dslineage.lineage.codestate import code_state
from dslineage.records import Code
from dslineage.training.surroundings import code_of
from dslineage.versions.git import Git


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def both(root: Path, folder: Path) -> Code:
    """What both say, who have to agree."""
    step, _ = code_state(Git.find(folder))
    run, gaps = code_of(folder)
    assert (run, gaps) == (step, ())
    assert Git.find(folder).root == root
    return step


@pytest.fixture
def tree(git_repo: Path) -> Path:
    (git_repo / "code" / "deep").mkdir(parents=True)
    for name in ("träin.py", "code/other.py", "code/deep/third.py"):
        (git_repo / name).write_text("one\n\ntwo\n")
    git(git_repo, "add", ".")
    git(git_repo, "commit", "-qm", "code")
    return git_repo


def test_a_step_and_a_training_say_the_same_of_one_work_tree(tree: Path) -> None:
    assert both(tree, tree / "code").dirty is None
    (tree / "träin.py").write_text("one\n\nthree\n")
    changed = both(tree, tree)
    assert changed.dirty is not None
    assert both(tree, tree / "code" / "deep") == changed
    (tree / ".dslineage").mkdir()
    for ours in (".dslineage/record.json", "code/train.jsonl.dsl.json"):
        (tree / ours).write_text("{}")
        git(tree, "add", ours)
    assert both(tree, tree) == changed


def test_what_is_set_for_git_diff_changes_nothing(tree: Path) -> None:
    (tree / "träin.py").write_text("one\n\nthree\n")
    plain = both(tree, tree)
    for name, value in (
        ("diff.noprefix", "true"), ("diff.context", "0"), ("diff.algorithm", "patience"),
        ("diff.suppressBlankEmpty", "true"), ("diff.external", "false"), ("color.ui", "always"),
        ("core.quotePath", "true"), ("diff.relative", "true"), ("diff.indentHeuristic", "false"),
    ):  # fmt: skip
        git(tree, "config", name, value)
        assert both(tree, tree / "code") == plain, name


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://ada:secret@example.org/a/b.git?token=x", "https://example.org/a/b.git"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
        ("ssh://git@example.org/a/b.git", "ssh://git@example.org/a/b.git"),
        ("ssh://git:secret@example.org:22/a/b.git", "ssh://git@example.org:22/a/b.git"),
        ("../elsewhere", "../elsewhere"),
    ],
)
def test_an_address_is_told_without_a_password(tree: Path, url: str, public: str) -> None:
    git(tree, "remote", "add", "origin", url)
    assert both(tree, tree).repository == public
