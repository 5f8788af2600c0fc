"""The history of a data file or folder in git: its states along the first parents of HEAD.

A commit that was merged counts as what its merge brought, since states of branches side by side are
no versions of one another. Renames are followed, copies are not.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from dslineage.adoption.blobs import GitBlob, GitTree, blob_content
from dslineage.adoption.dvc import dvc_content, output_content
from dslineage.adoption.state import Content, State
from dslineage.errors import NotFoundError
from dslineage.lineage.dvcfile import SUFFIX

if TYPE_CHECKING:
    from dslineage.versions.git import Git

_LOG = ["log", "--first-parent", "-m", "-z", "--encoding=UTF-8", "--no-show-signature",
        "--no-notes", "--no-color", "--no-ext-diff",
        "--format=%H%x00%an <%ae>%x00%at%x00%B"]  # fmt: skip
_DATE = re.compile(rb"^author .*> (-?[0-9]+) ", re.MULTILINE)
_FIRST_SECOND = -62_135_596_800
_LAST_SECOND = 253_402_300_799
"""Of the years 1 and 9999: what a record can say."""


class _Commit(NamedTuple):
    """A commit, and what it says of itself."""

    id: str
    author: str
    created_at: str
    message: str


class _Side(NamedTuple):
    """A file before or after a commit: what git says that it is, its blob, and its path."""

    mode: str
    blob: str
    path: str


class _Change(NamedTuple):
    """What a commit did to a file."""

    commit: _Commit
    status: str
    before: _Side
    after: _Side


def history(git: Git, path: str) -> list[State]:
    """The states of a file or folder up to HEAD, oldest first, each unlike the one before.

    Args:
        git: the repository.
        path: the data, relative to it: tracked by git, as itself or as a Git LFS pointer, or by
            way of a `.dvc` file beside it or of a `dvc.lock`.

    Raises:
        NotFoundError: no commit that HEAD comes from has it.
    """
    states: list[State] = []
    if git.head() is not None:
        whole = is_folder(git, path)
        states = list(_folder_states(git, path) if whole else _file_states(git, path))
        states += _dvc_states(git, path)
        states += _output_states(git, path)
    if not states:
        raise NotFoundError(
            f"no commit has {path}, nor {path}{SUFFIX}, nor a dvc.lock that names it: there is no "
            "history to adopt",
            kind="no-history",
            hint=f"dslineage add {shlex.quote(path)}",
        )
    line = git.ask(["rev-list", "--first-parent", "HEAD"]).decode().split()
    age = {commit: number for number, commit in enumerate(line)}
    states.sort(key=lambda state: -age[state.commit])
    return [
        next(alike)
        for _, alike in itertools.groupby(
            states, lambda state: (state.content.keeper, state.content.id)
        )
    ]


def is_folder(git: Git, path: str) -> bool:
    """Whether HEAD has files below a path."""
    return any(name != path for name in git.names_in("HEAD", path))


def is_cut(git: Git) -> bool:
    """Whether a clone has only the newest part of the history."""
    return git.ask(["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def _file_states(git: Git, path: str) -> Iterator[State]:
    for change, content in _line(_changes(git, path), partial(_file_content, git)):
        yield State(change.after.path, *change.commit, content=content)


def _file_content(git: Git, side: _Side) -> Content:
    return blob_content(git, side.blob, side.mode, side.path)


def _dvc_content(git: Git, side: _Side) -> Content:
    return dvc_content(git, side.blob, side.path)


def _dvc_states(git: Git, path: str) -> Iterator[State]:
    for change, content in _line(_changes(git, path + SUFFIX), partial(_dvc_content, git)):
        yield State(change.after.path.removesuffix(SUFFIX), *change.commit, content=content)


def _output_states(git: Git, path: str) -> Iterator[State]:
    for folder in PurePosixPath(path).parents:
        lock = str(folder / "dvc.lock")
        for change in _changes(git, lock) if git.holds("HEAD", lock) else ():
            if not change.status.startswith("D"):
                content = output_content(git, change.after.blob, change.after.path, path)
                if content is not None:
                    yield State(path, *change.commit, content=content)


def _folder_states(git: Git, path: str) -> Iterator[State]:
    tokens = iter(git.ask([*_LOG, "-s", "HEAD", "--", path]).split(b"\0"))
    for commit in _commits(git, tokens):
        answer = git.ask(["ls-tree", "-z", "-d", commit.id, "--", path])
        if answer:
            yield State(path, *commit, content=GitTree(answer.split()[2].decode()))


def _line(
    changes: Iterator[_Change], read: Callable[[_Side], Content]
) -> Iterator[tuple[_Change, Content]]:
    """The contents that changes left, newest first, as far as they are of one file.

    Pointers of unlike data look alike, and so a renamed one counts only where it names the same.
    """
    for change in changes:
        if change.status.startswith("D"):
            continue
        content = read(change.after)
        yield change, content
        if change.status.startswith("C"):
            return
        renamed = change.status.startswith("R") and not isinstance(content, GitBlob)
        if renamed and read(change.before).id != content.id:
            return


def _changes(git: Git, path: str) -> Iterator[_Change]:
    """What the commits of the first parents did to a file, newest first."""
    follow = ["--follow", "--find-renames", "--raw", "--no-abbrev"]
    tokens = iter(git.ask([*_LOG, *follow, "HEAD", "--", path]).split(b"\0"))
    for commit in _commits(git, tokens):
        was, mode, before, after, status = next(tokens).decode().removeprefix(":").split()
        old = new = os.fsdecode(next(tokens))
        if status[0] in "CR":
            new = os.fsdecode(next(tokens))
        yield _Change(commit, status, _Side(was, before, old), _Side(mode, after, new))


def _commits(git: Git, tokens: Iterator[bytes]) -> Iterator[_Commit]:
    """The commits of a log, each of which takes its own tokens and leaves the rest."""
    for id_ in filter(None, map(bytes.decode, tokens)):
        author, seconds, message = (next(tokens).decode(errors="replace") for _ in range(3))
        moment = int(seconds) if seconds else _early(git, id_)
        when = datetime.fromtimestamp(max(_FIRST_SECOND, min(moment, _LAST_SECOND)), UTC)
        at = when.isoformat().replace("+00:00", "Z")
        yield _Commit(id_, author.strip(), at, message.strip())


def _early(git: Git, commit: str) -> int:
    """The date of a commit that `git log` cannot tell: one before 1970, or none, which is 1970."""
    found = _DATE.search(git.ask(["cat-file", "commit", commit]))
    return int(found[1]) if found else 0
