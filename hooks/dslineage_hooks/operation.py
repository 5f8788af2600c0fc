"""What git is in the middle of."""

from __future__ import annotations

import os
from pathlib import Path

from dslineage.versions.git import Git

_MARKS = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")


def under_way(git: Git) -> bool:
    """Whether a rebase, merge, cherry-pick or revert has not come to its end."""
    return bool(_found(git, _MARKS))


def rebasing(git: Git) -> bool:
    """Whether a rebase has not come to its end."""
    return bool(_found(git, _MARKS[:2]))


def _found(git: Git, marks: tuple[str, ...]) -> list[Path]:
    """Git says where its marks are: in a linked work tree `.git` is a file."""
    asked = [word for mark in marks for word in ("--git-path", mark)]
    paths = git.ask(["rev-parse", *asked]).splitlines()
    return [path for one in paths if (path := git.root / os.fsdecode(one)).exists()]
