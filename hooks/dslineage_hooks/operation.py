"""What git is in the middle of."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dslineage.versions.git import Git

_REBASES = ("rebase-merge", "rebase-apply")
_MARKS = (*_REBASES, "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")


def under_way(git: Git) -> bool:
    """Whether a rebase, merge, cherry-pick or revert has not come to its end."""
    return bool(_found(git, _MARKS))


def rebasing(git: Git) -> bool:
    """Whether a rebase has not come to its end."""
    return bool(_found(git, _REBASES))


def has_commits_to_pick(git: Git) -> bool:
    """Whether a rebase is under way that has something to do: one that fast-forwards has not."""
    left = _found(git, ["rebase-merge/git-rebase-todo"])
    return rebasing(git) and not any(path.stat().st_size == 0 for path in left)


def start_of_rebase(git: Git) -> str:
    """Where a rebase that comes to its end began.

    What a rebase runs may have moved ORIG_HEAD.
    """
    noted = _found(git, [f"{folder}/orig-head" for folder in _REBASES])
    return noted[0].read_text().strip() if noted else "ORIG_HEAD"


def _found(git: Git, marks: Sequence[str]) -> list[Path]:
    """Git says where its marks are: in a linked work tree `.git` is a file."""
    asked = [word for mark in marks for word in ("--git-path", mark)]
    paths = git.ask(["rev-parse", *asked]).splitlines()
    return [path for one in paths if (path := git.root / os.fsdecode(one)).exists()]
