"""Remotes: what is said of them, which one is meant, and which versions concern them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import NotFoundError, UsageError
from dslineage.remotes.dvcremote import DvcRemote, own_files, read_sections, write_remote
from dslineage.remotes.fetching import Wanted
from dslineage.remotes.result import RemoteChange, RemoteList
from dslineage.remotes.selection import in_documents, in_work_tree
from dslineage.remotes.settings import (
    COMMITTED,
    NAME,
    SECRETS,
    Setting,
    chosen,
    config_files,
    may_be_committed,
    merged,
    own_file,
)
from dslineage.store.files import sweep
from dslineage.versions.references import VersionTarget
from dslineage.versions.roots import documents
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from dslineage.versions.git import Git
    from dslineage.workspace import Workspace


def settings_of(git: Git) -> list[Setting]:
    """What all files say of remotes, sorted by name."""
    return merged([(file, read_sections(file.path)) for file in config_files(git, own_files())])


def listed(git: Git) -> RemoteList:
    """The remotes; see `Remotes.list`."""
    return RemoteList(tuple(settings_of(git)))


def opened(git: Git, name: str | None) -> DvcRemote:
    """A remote; see `Remotes.open`."""
    return DvcRemote(chosen(settings_of(git), name and name.lower()))


def add(
    work: Workspace,
    name: str,
    url: str,
    options: Mapping[str, str],
    *,
    local: bool,
    default: bool,
    force: bool,
) -> RemoteChange:
    """Say where a remote is; see `Remotes.add`."""
    known = settings_of(work.git)
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a remote: lower-case letters, digits, '.', '_' and '-' are",
            kind="bad-name",
        )
    if any(one.name == name for one in known) and not force:
        raise UsageError(
            f"there is a remote {name} already",
            kind="name-taken",
            hint=f"dslineage remote set {name} url={url}, or --force",
        )
    first = not any(one.default for one in known)
    address = {"url": _address(work, url, local=local)}
    return _write(work, name, {**address, **options}, local=local, default=default or first)


def change(
    work: Workspace, name: str, options: Mapping[str, str], *, local: bool, default: bool
) -> RemoteChange:
    """Set options of a remote; see `Remotes.set`."""
    found = _named(work.git, name)
    said = _said(work, name, local=local)
    if "url" in options:
        options = {**options, "url": _address(work, options["url"], local=local)}
    elif "url" not in said and (local or any(map(SECRETS.search, options))):
        # A secret belongs to the address that it was given for, not to whatever is committed next.
        said = {"url": found.options["url"], **said}
    kept = {key: value for key, value in {**said, **options}.items() if value}
    return _write(work, name, kept, local=local, default=default)


def remove(work: Workspace, name: str) -> RemoteChange:
    """Forget a remote; see `Remotes.remove`."""
    found = _named(work.git, name)
    spoken = [path for path in _files(work) if name in _sections(path)]
    if not spoken:
        raise NotFoundError(
            f"the remote {name} is not ours: {found.origin} says where it is",
            kind="no-remote",
            hint=f"dvc remote remove {name}",
        )
    with work.store.lock():
        for path in spoken:
            sweep(path)
            default = _default(path)
            write_remote(path, name, None, "" if default == name else default)
        if work.root / COMMITTED in spoken:
            work.git.stage([COMMITTED])
    return RemoteChange(found, str(spoken[0]), removed=True)


def versions(work: Workspace, refs: Sequence[str], *, everything: bool) -> Sequence[Wanted]:
    """The versions that references name; without any, those of the work tree, or all of git's.

    Raises:
        NotFoundError: a reference is unknown, ambiguous, or no recorded version.
    """
    if everything:
        return in_documents(documents(work.git))
    if not refs:
        return in_work_tree(work.root, work.catalog.all_versions())
    records = []
    for ref in refs:
        target = work.resolve(ref)
        if not isinstance(target, VersionTarget):
            raise NotFoundError(f"{ref} is no recorded version", kind="not-recorded",
                                hint="dslineage log")  # fmt: skip
        records.append(target.record)
    return in_work_tree(work.root, records)


def _named(git: Git, name: str) -> Setting:
    for one in settings_of(git):
        if one.name == name:
            return one
    raise NotFoundError(
        f"there is no remote {name!r}", kind="no-remote", hint="dslineage remote list"
    )


def _write(
    work: Workspace, name: str, options: Mapping[str, str], *, local: bool, default: bool
) -> RemoteChange:
    url = options.get("url", "")
    secret = [key for key in options if SECRETS.search(key) or not may_be_committed(key)]
    if "@" in url and ":" in url.partition("://")[2].rpartition("@")[0]:
        secret.append("url")
    if secret and not local:
        raise UsageError(
            f"{', '.join(secret)} is a secret or names things of this machine: not for git",
            kind="local-option",
            hint="the same command with --local",
        )
    path = own_file(work.git) if local else work.root / COMMITTED
    if not local:
        refuse_links(work.root, COMMITTED)
    with work.store.lock():
        sweep(path)
        write_remote(path, name, options, name if default else _default(path))
        if local:
            path.chmod(0o600)
        else:
            work.git.stage([COMMITTED])
    return RemoteChange(_named(work.git, name), str(path))


def _files(work: Workspace) -> list[Path]:
    return [work.root / COMMITTED, own_file(work.git)]


def _sections(path: Path) -> Mapping[str, Mapping[str, str]]:
    found = read_sections(path).get("remote", {})
    return found if isinstance(found, dict) else {}


def _default(path: Path) -> str:
    core = read_sections(path).get("core")
    return str(core.get("remote", "")) if isinstance(core, dict) else ""


def _said(work: Workspace, name: str, *, local: bool) -> Mapping[str, str]:
    """What one of our files says of a remote."""
    return _sections(own_file(work.git) if local else work.root / COMMITTED).get(name, {})


def _address(work: Workspace, url: str, *, local: bool) -> str:
    """An address as a file has it: a folder is relative to the file's, unless given absolutely."""
    if "://" in url or Path(url).is_absolute() or url.startswith("~"):
        return url
    path = (work.here / url).resolve()
    if local:
        return str(path)
    return os.path.relpath(path, (work.root / COMMITTED).parent.resolve())
