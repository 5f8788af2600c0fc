"""What git calls the two sides of what it is in the middle of: in a rebase they change places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dslineage.versions.git import Git


class SideNames(NamedTuple):
    """What `ours` and `theirs` are, empty where git does not say.

    `ending` is the command that ends what git is in the middle of; `warning` is mostly empty.
    """

    ours: str = ""
    theirs: str = ""
    ending: str = "git commit"
    warning: str = ""


def side_names(git: Git) -> SideNames:
    """The names of the sides of a merge, rebase, cherry-pick or revert under way."""
    here = _branch(_text(git.own_dir / "HEAD").removeprefix("ref: "))
    for folder in ("rebase-merge", "rebase-apply"):
        onto = _text(git.own_dir / folder / "onto")
        if onto:
            yours = _branch(_text(git.own_dir / folder / "head-name"))
            return SideNames(
                f"onto {_named(git, onto)}",
                f"{yours}: {_commit(git, 'REBASE_HEAD')}".removeprefix(": "),
                "git rebase --continue",
                "in a rebase, ours is what you rebase onto, and theirs is your own commit",
            )
    for mark, theirs, verb in (
        ("CHERRY_PICK_HEAD", "{}", "cherry-pick"),
        ("REVERT_HEAD", "before {}", "revert"),
    ):
        if commit := _commit(git, mark):
            return SideNames(here, theirs.format(commit), f"git {verb} --continue")
    heads = _text(git.own_dir / "MERGE_HEAD").split()
    return SideNames(here, ", ".join(_named(git, head) for head in heads)) if heads else SideNames()


def subject(git: Git) -> str:
    """The first line of the message that git has ready for the commit; empty where it has none."""
    return next(_lines(git.own_dir / "MERGE_MSG"), "")


def _lines(path: Path) -> Iterator[str]:
    for line in _text(path).splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def _text(path: Path) -> str:
    return path.read_text(errors="replace").strip() if path.is_file() else ""


def _branch(name: str) -> str:
    return name.removeprefix("refs/heads/") if name.startswith("refs/") else ""


def _named(git: Git, commit: str) -> str:
    """A branch that is at a commit, or its digits."""
    refs = ["for-each-ref", "--points-at", commit, "--format=%(refname:short)"]
    names = git.ask([*refs, "refs/heads", "refs/remotes"]).decode(errors="replace").splitlines()
    return names[0] if names else commit[:8]


def _commit(git: Git, mark: str) -> str:
    """The commit that a mark of git's names: its digits and subject."""
    commit = _text(git.own_dir / mark)
    if not commit:
        return ""
    return git.ask(["log", "-1", "--format=%h %s", commit]).decode(errors="replace").strip()
