"""Data on its way into git by mistake."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from dslineage.records import POINTER_SUFFIX
from dslineage.versions.filenames import is_data
from dslineage.versions.tree import Changed, Tree
from dslineage_hooks.finding import Finding

_LARGE = 1 << 20
"""Bytes from which a file in the folder of a data set is not taken for a note beside it."""


def strays(tree: Tree, changes: Sequence[Changed]) -> Iterator[Finding]:
    """New files that belong to a data set which git ignores, and objects.

    What git is to ignore is read from the work tree, by git itself.
    """
    new = [change for change in changes if change.after and not change.before]
    if not new:
        return
    for change in new:
        if change.path.startswith(_objects(tree)):
            yield Finding(
                "object",
                change.path,
                f"{change.path} is one of dslineage's objects, which never go into git",
                f"git rm --cached -- {shlex.quote(change.path)}",
            )
    owners = _Owners.of(tree)
    owned = [change for change in new if owners.own(tree, change)]
    ignored = set(tree.git.all_ignored([change.path for change in owned])) if owned else set()
    for change in owned:
        if change.path in ignored:
            yield Finding(
                "ignored-data",
                change.path,
                f"{change.path} belongs to a data set whose files git is to ignore",
                f"git rm --cached -- {shlex.quote(change.path)}; or, to keep its data in git, "
                "take it out of .gitignore",
            )


class _Owners:
    """The files and folders of the data sets of a tree."""

    def __init__(self, files: frozenset[str], folders: tuple[str, ...]) -> None:
        self._files = files
        self._folders = folders

    @classmethod
    def of(cls, tree: Tree) -> _Owners:
        """Those that its pointers name."""
        pointers = tree.whole_pointers()
        files = frozenset(path for file in pointers for path in file.data_paths())
        folders = (f"{file.path.removesuffix(POINTER_SUFFIX)}/" for file in pointers)
        return cls(files, tuple(folders))

    def own(self, tree: Tree, change: Changed) -> bool:
        """Whether a file is data of one of them: named as such or large, where a folder is one."""
        if change.path in self._files:
            return True
        if not change.path.startswith(self._folders):
            return False
        name = PurePosixPath(change.path).name
        return is_data(name) or int(tree.git.ask(["cat-file", "-s", change.after])) >= _LARGE


def _objects(tree: Tree) -> str:
    """Where objects are, relative to the work tree; a path that no file has if they are outside."""
    folder = tree.git.common_dir
    root = tree.git.root.resolve()
    return f"{folder.relative_to(root)}/dslineage/" if folder.is_relative_to(root) else "\0"
