"""Which pointers an operation of git moved: asked first, since most move none.

Little is loaded for it, as git waits.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from dslineage.suffixes import POINTER_SUFFIX
from dslineage.versions.git import Git
from dslineage_hooks.operation import has_commits_to_pick, rebasing, start_of_rebase

_POINTERS = f"**/*{POINTER_SUFFIX}"
_OURS = (_POINTERS, ".dslineage/**", "dslineage.toml")
"""What dslineage writes and people commit; `config` knows the last name, and takes long to load."""

_PLAIN = ("--no-renames", "--no-ext-diff", "--no-color", "--no-relative", "-O/dev/null")


class Moved(NamedTuple):
    """Pointers that git moved; with `perhaps`, any of them, since git does not say which."""

    pointers: Sequence[str] = ()
    perhaps: bool = False


def moved_by(git: Git, hook: str, arguments: Sequence[str]) -> Moved:
    """What git moved before it ran a hook.

    A commit, a pick or a revert moved what its commit did. A rebase is looked at once, when it
    ends; an amended commit was seen by `post-commit`.
    """
    match hook, *arguments:
        case ["post-merge", "1", *_]:
            return Moved(staged(git))
        case ["post-merge", *_]:
            ends = "ORIG_HEAD", "HEAD"
        case ["post-commit"] if not rebasing(git):
            ends = "HEAD~1", "HEAD"
        case ["post-rewrite", "rebase", *_]:
            ends = start_of_rebase(git), "HEAD"
        case ["post-checkout", before, after, "1"] if not has_commits_to_pick(git):
            ends = before, after
        case ["post-checkout", _, _, "0"] | ["post-checkout"] if not rebasing(git):
            return Moved(tracked(git), perhaps=True)
        case _:
            return Moved()
    return _between(git, *ends)


def tracked(git: Git) -> list[str]:
    """The pointers in the index."""
    return _names(git, ["ls-files", "-z", "--", _POINTERS])


def staged(git: Git, *patterns: str) -> list[str]:
    """The files, pointers if nothing else is asked for, in which the index differs from HEAD.

    Submodules are looked at by their commits only.
    """
    only = ["--cached", "--ignore-submodules=dirty", "--", *(patterns or [_POINTERS])]
    return _names(git, ["diff", "--name-only", "-z", *_PLAIN, *only])


def has_data_sets(git: Git) -> bool:
    """Whether the index has a data set, or what is staged is of dslineage."""
    return bool(tracked(git) or staged(git, *_OURS))


def _between(git: Git, before: str, after: str) -> Moved:
    """What differs from one commit to another; all pointers, if there was no first."""
    start, end = git.commit_of(before), git.commit_of(after)
    if start is None or end is None:
        return Moved(tracked(git))
    differing = ["diff", "--name-only", "-z", *_PLAIN, start, end]
    return Moved(_names(git, [*differing, "--", _POINTERS]))


def _names(git: Git, asked: Sequence[str]) -> list[str]:
    """Each name once: git lists a file in conflict with each of its sides."""
    names = dict.fromkeys(git.ask(asked, globs=True).split(b"\0"))
    return [os.fsdecode(name) for name in names if name]
