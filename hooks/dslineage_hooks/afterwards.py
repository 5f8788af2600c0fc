"""`post-commit`, `post-merge`, `post-checkout`, `post-rewrite`: which data files to bring back.

Git moved pointers and, where it ignores the data, left the data as it was. These hooks warm the
cache of file hashes and name what no longer matches; they restore it where the team said so.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from dslineage.config import read_config
from dslineage.errors import DslineageError, IntegrityError
from dslineage.records import POINTER_SUFFIX, Pointer
from dslineage.versions.catalog import Catalog, PointerFile
from dslineage.versions.git import Git
from dslineage.versions.tree import between, staged
from dslineage.versions.worktree import HashCache, state_of
from dslineage_hooks.finding import Finding
from dslineage_hooks.operation import rebasing

_POINTERS = f"**/*{POINTER_SUFFIX}"


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What no longer matches, and the files that were restored."""

    findings: tuple[Finding, ...] = ()
    restored: tuple[str, ...] = ()


def post_commit(git: Git) -> Afterwards:
    """After a commit, a pick or a revert; the commits of a rebase are looked at when it ends."""
    return Afterwards() if rebasing(git) else _moved(git, "HEAD~1", "HEAD")


def post_merge(git: Git, arguments: Sequence[str]) -> Afterwards:
    """After a merge or a fast-forward; after a squash, whose first argument is 1, not committed."""
    if arguments[:1] == ["1"]:
        return _bring_back(git, [change.path for change in staged(git, _POINTERS)])
    return _moved(git, "ORIG_HEAD", "HEAD")


def post_checkout(git: Git, arguments: Sequence[str]) -> Afterwards:
    """After a checkout: of a branch from the first commit to the second, or of files.

    Git does not say which files. A pointer may have been among them where its data is that of
    another version; data that is in no version is somebody's work, and no news.
    """
    if rebasing(git):
        return Afterwards()
    before, after, branch = arguments if len(arguments) == 3 else ("", "", "0")
    if branch == "1":
        return _moved(git, before, after)
    return _bring_back(git, _all(git), recorded_only=True)


def post_rewrite(git: Git, arguments: Sequence[str]) -> Afterwards:
    """After a rebase; an amended commit was seen by `post_commit`."""
    return _moved(git, "ORIG_HEAD", "HEAD") if arguments[:1] == ["rebase"] else Afterwards()


def _moved(git: Git, before: str, after: str) -> Afterwards:
    """What the way from one commit to another left behind; all pointers, if there was no first."""
    start, end = git.commit_of(before), git.commit_of(after)
    if start is None or end is None:
        return _bring_back(git, _all(git))
    return _bring_back(git, [change.path for change in between(git, start, end, _POINTERS)])


def _is_recorded(git: Git, file: PointerFile, cache: HashCache) -> bool:
    """Whether all data files of a pointer are there, and are those of some version."""
    recorded = {
        entry.sha256
        for version in Catalog(git).versions(file.pointer.dataset)
        for entry in version.files
    }
    paths = [git.root / path for path in file.data_paths()]
    return all(path.is_file() and cache.hash_of(path) in recorded for path in paths)


def _all(git: Git) -> list[str]:
    names = git.ask(["ls-files", "-z", "--", _POINTERS], globs=True)
    return [name.decode(errors="surrogateescape") for name in names.split(b"\0") if name]


def _bring_back(git: Git, pointers: Sequence[str], *, recorded_only: bool = False) -> Afterwards:
    """Name the data files that are not as some pointers say, or restore them.

    With `recorded_only`, those that are in no version are left out.
    """
    files = list(filter(None, (_here(git, path) for path in pointers)))
    if not files:
        return Afterwards()
    cache = HashCache.load(git.common_dir / "dslineage" / "cache" / "files.json")
    stale = [file for file in files if state_of(git.root, file, cache) in {"modified", "missing"}]
    if recorded_only:
        stale = [file for file in stale if _is_recorded(git, file, cache)]
    cache.save()
    if not stale or not read_config(git.root).restore:
        return Afterwards(tuple(map(_stale, stale)))
    findings: list[Finding] = []
    restored: list[str] = []
    for file in stale:
        try:
            restored += _restore(git, file, cache)
        except DslineageError as error:
            findings.append(Finding.of(error, file.path, blocks=False))
    cache.save()
    return Afterwards(tuple(findings), tuple(restored))


def _here(git: Git, path: str) -> PointerFile | None:
    """A pointer of the work tree, where it is there and can be read: `status` names the others."""
    where = git.root / path
    if where.is_symlink() or not where.is_file():
        return None
    try:
        return PointerFile(path, Pointer.from_bytes(where.read_bytes(), path))
    except IntegrityError:
        return None


def _stale(file: PointerFile) -> Finding:
    name = file.pointer.dataset
    return Finding(
        "stale-data",
        file.path,
        f"the data files of {name} are not {file.pointer.version}, which is what belongs here",
        f"dslineage checkout {shlex.quote(name)}@latest",
        blocks=False,
    )


def _restore(git: Git, file: PointerFile, cache: HashCache) -> list[str]:
    """Write the files of the version that a pointer names, unless that loses unsaved work."""
    from dslineage.store.store import Store
    from dslineage.versions.restoring import check_out

    # A command that holds the lock may be what runs git: waiting for it would be for ever.
    store = Store(git.common_dir / "dslineage", lock_seconds=0)
    record = Catalog(git).record(file.pointer.id, file.pointer.dataset)
    written = check_out(git, store, record, cache, force=False)
    return [path.relative_to(git.root).as_posix() for path in written]
