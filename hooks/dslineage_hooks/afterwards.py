"""After git moved pointers: which data files are not what belongs there now.

Where git ignores the data, it left the data as it was. The files are named, or restored where the
team said so, and the cache of file hashes is warm for the next command.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from dslineage.config import FILE_NAME, read_config
from dslineage.errors import DslineageError, IntegrityError, UsageError
from dslineage.records import Pointer
from dslineage.versions.catalog import Catalog, PointerFile
from dslineage.versions.git import Git
from dslineage.versions.worktree import HashCache, state_of
from dslineage_hooks.finding import Finding
from dslineage_hooks.moves import Moved


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What no longer matches, and the files that were restored."""

    findings: tuple[Finding, ...] = ()
    restored: tuple[str, ...] = ()


def bring_back(git: Git, moved: Moved) -> Afterwards:
    """Name the data files that are not as the pointers say which git moved, or restore them.

    Where git does not say which it moved, data that is in no version is somebody's work, and no
    news.
    """
    files = list(filter(None, (_here(git, path) for path in moved.pointers)))
    cache = HashCache.load(git.common_dir / "dslineage" / "cache" / "files.json")
    stale = [file for file in files if state_of(git.root, file, cache) in {"modified", "missing"}]
    if moved.perhaps:
        stale = [file for file in stale if recorded_as(git, file, cache)]
    try:
        restore = bool(stale) and read_config(git.root).restore
    except UsageError as error:
        named = Finding.of(error, FILE_NAME, blocks=False)
        return Afterwards((named, *map(_stale, stale)))
    finally:
        cache.save()
    return _restored(git, stale, cache) if restore else Afterwards(tuple(map(_stale, stale)))


def _restored(git: Git, stale: list[PointerFile], cache: HashCache) -> Afterwards:
    findings: list[Finding] = []
    restored: list[str] = []
    for file in stale:
        try:
            restored += _restore(git, file, cache)
        except DslineageError as error:
            findings.append(Finding.of(error, file.path, blocks=False))
    cache.save()
    return Afterwards(tuple(findings), tuple(restored))


def recorded_as(git: Git, file: PointerFile, cache: HashCache) -> str:
    """The newest version that the data files beside a pointer are; empty where they are none."""
    paths = [git.root / path for path in file.data_paths()]
    if not all(path.is_file() for path in paths):
        return ""
    here = [cache.hash_of(path) for path in paths]
    versions = reversed(Catalog(git).versions(file.pointer.dataset))
    found = (one.label for one in versions if [entry.sha256 for entry in one.files] == here)
    return next(found, "")


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
