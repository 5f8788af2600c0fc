"""`pre-commit`: judges what is staged, and never looks into the work tree but to name what is not.

Neither the index nor the work tree is changed. Git says by GIT_INDEX_FILE which index a commit is
made of (`commit -a`, `commit -- PATH`), and every call of git here obeys.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from dslineage.config import FILE_NAME
from dslineage.errors import DslineageError, IntegrityError, UsageError
from dslineage.records import Pointer
from dslineage.versions.catalog import RECORDS, PointerFile
from dslineage.versions.git import Git
from dslineage.versions.tree import Changed, Tree, staged
from dslineage.versions.worktree import HashCache, state_of
from dslineage_hooks.afterwards import recorded_as
from dslineage_hooks.agreement import (
    add_command,
    check_data,
    check_pointer,
    check_record,
    record_of,
    record_path,
)
from dslineage_hooks.finding import Finding
from dslineage_hooks.forgotten import check_forgotten
from dslineage_hooks.gating import check_gates_of
from dslineage_hooks.strays import strays

_ALL_RECORDS = f"{RECORDS.rpartition('/')[0]}/"


def pre_commit(git: Git, today: str) -> list[Finding]:
    """What is wrong with a commit of what is staged, and which data sets it leaves out."""
    tree = Tree(git)
    changes = staged(git)
    found = judge(tree, changes, today) if changes else []
    return [*found, *_left_out(tree, {change.path for change in changes}, found)]


def judge(tree: Tree, changes: Sequence[Changed], today: str, base: str = "") -> list[Finding]:
    """The faults of a tree, among what changed to make it.

    Args:
        tree: the index, or a commit.
        changes: how it differs from what was before.
        today: the day on which waivers must still hold, as ISO 8601.
        base: a commit whose deny list holds, too.
    """
    touched = {change.path for change in changes}
    found: list[Finding] = []
    for change in changes:
        if change.path.startswith(_ALL_RECORDS):
            found += check_record(tree, change)
    for file in tree.pointers:
        own = {file.path}
        if isinstance(file, PointerFile):
            own.add(record_path(file.pointer))
            if touched.intersection({file.path, *file.data_paths()}):
                found += check_data(tree, file)
        if touched.intersection(own):
            found += check_pointer(tree, file)
    found += _named_twice(tree, touched)
    found += _gates(tree, touched, today)
    found += strays(tree, changes)
    found += check_forgotten(tree, changes, base)
    return list(dict.fromkeys(found))


def _named_twice(tree: Tree, touched: set[str]) -> Iterator[Finding]:
    """The pointers that name a data set which another one names, as a copied folder brings them."""
    first: dict[str, str] = {}
    files = tree.whole_pointers()
    for file in sorted(files, key=lambda one: (one.path in touched, one.path)):
        name = file.pointer.dataset
        other = first.setdefault(name, file.path)
        if other != file.path and file.path in touched:
            yield Finding(
                "doubled-pointer",
                file.path,
                f"two pointers name the data set {name}: {other} and {file.path}",
                f"git rm --cached -- {shlex.quote(file.path)}",
            )


def _gates(tree: Tree, touched: set[str], today: str) -> Iterator[Finding]:
    """What the gates say of the versions whose pointers changed."""
    files = [file for file in tree.whole_pointers() if file.path in touched]
    if not files:
        return
    try:
        config = tree.config()
    except UsageError as error:
        yield Finding.of(error, FILE_NAME, blocks=False)
        return
    for file in files:
        try:
            record = record_of(tree, file.pointer)
        except IntegrityError:
            continue  # it is a finding already
        try:
            yield from check_gates_of(tree, config, record, file.path, today)
        except IntegrityError as error:
            yield Finding.of(error, file.path)


def _left_out(tree: Tree, staged: set[str], found: Sequence[Finding]) -> Iterator[Finding]:
    """The data sets whose files are not their version, as notes.

    Files of another version were left behind by git, and `post-commit` says so of pointers that
    this commit moves.
    """
    git = tree.git
    named = {finding.path for finding in found}
    cache = HashCache.load(git.common_dir / "dslineage" / "cache" / "files.json")
    for file in tree.whole_pointers():
        where = git.root / file.path
        if not where.is_file() or named.intersection(file.data_paths()):
            continue
        try:
            here = PointerFile(file.path, Pointer.from_bytes(where.read_bytes(), file.path))
        except IntegrityError:
            continue  # the work tree is another day's work
        try:
            yield from _unlike(git, here, cache, moves=file.path in staged)
        except (DslineageError, OSError) as error:
            said = f"{here.pointer.dataset} was not looked at: {error}"
            yield Finding("unread-data", file.path, said, blocks=False)
    cache.save()


def _unlike(git: Git, file: PointerFile, cache: HashCache, *, moves: bool) -> Iterator[Finding]:
    """How the files of a data set are not those of the version that its pointer names."""
    if state_of(git.root, file, cache) != "modified":
        return
    name, wanted = file.pointer.dataset, file.pointer.version
    other = recorded_as(git, file, cache)
    if not other:
        said = f"{name} has changed since {wanted}, and this commit does not have the change"
        yield Finding("not-added", file.path, said, add_command(file), blocks=False)
    elif not moves:
        said = f"the data files of {name} are {other}, and not {wanted}, which belongs here"
        hint = f"dslineage checkout {name}@latest; or, if that is meant, {add_command(file)}"
        yield Finding("stale-data", file.path, said, hint, blocks=False)
