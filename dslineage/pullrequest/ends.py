"""The commits between which a pull request is."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from dslineage.errors import NotFoundError, UsageError
from dslineage.versions.git import Git
from dslineage.versions.tree import empty_tree

_REMOTE = "origin"


class Ends(NamedTuple):
    """Commits: where the change is to go, where it left that, and the change itself.

    `start` is the id of the empty tree where the other two have no commit in common.
    """

    base: str
    start: str
    head: str


def ends(git: Git, base: str, head: str) -> Ends:
    """The commits of a pull request from `head` to `base`.

    Of a merge that a forge made to try a pull request (`refs/pull/N/merge`), `start` is the parent
    on the side of `base`.

    Raises:
        NotFoundError: one of them is no commit of this repository, or the history is cut off
            before the commit that both have.
    """
    found = _commit(git, base, base), _commit(git, head, base)
    common = _common(git, *found)
    if not common and is_shallow(git):
        raise NotFoundError(
            f"the history is cut off before the commit that {base} and {head} have in common",
            kind="shallow-history",
            hint=_deeper(base),
        )
    return Ends(found[0], common or empty_tree(git), found[1])


def is_shallow(git: Git) -> bool:
    """Whether the history is cut off (`git clone --depth`)."""
    return git.ask(["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def _common(git: Git, one: str, other: str) -> str:
    """The newest commit that both have, or an empty text."""
    try:
        found = git.ask(["merge-base", one, other]).decode().split()
    except UsageError:
        found = []
    return found[0] if found else ""


def _commit(git: Git, revision: str, base: str) -> str:
    commit = git.commit_of(revision)
    if commit is None:
        shallow = is_shallow(git)
        raise NotFoundError(
            f"{revision!r} is no commit of this repository"
            + (", whose history is cut off" if shallow else ""),
            kind="unknown-reference",
            hint=_deeper(base) if shallow else shlex.join(["git", "fetch", _REMOTE]),
        )
    return commit


def _deeper(base: str) -> str:
    """The command that brings more of the history."""
    name = base.removeprefix(f"{_REMOTE}/")
    words = ["git", "fetch", "--deepen=100", _REMOTE, name]
    return f"{shlex.join(words)}, or all of it: git fetch --unshallow"
