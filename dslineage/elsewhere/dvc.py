"""What DVC keeps of data: its caches on this machine, and its remotes, by the MD5 of files.

Nothing of DVC is run. What its configuration says is read as for our own remotes and imports.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dslineage.elsewhere.place import Place
from dslineage.errors import BadDataError, DslineageError
from dslineage.lineage.dvcfile import LARGEST, SUFFIX, DvcCache, read_dvc_file
from dslineage.remotes.dvcremote import DvcRemote, own_files, read_sections
from dslineage.remotes.settings import chosen, config_files, merged

if TYPE_CHECKING:
    from dslineage.elsewhere.seeker import Seeker
    from dslineage.versions.git import Git

_AS_MADE = "--no-replace-objects"
_POINTERS = f"**/*{SUFFIX}"
_OBJECT = re.compile(r"[0-9a-f]{30}")


def in_dvc(trees: Sequence[Git], seeker: Seeker) -> Iterator[Place]:
    """The objects of caches and remotes that have forgotten examples."""
    found = set()
    for folder in sorted({cache for tree in trees for cache in _caches(tree)}):
        for path in _objects(folder):
            sight = seeker.in_file(path)
            if sight is not None:
                found.add(path.parent.name + path.name)
                yield Place("dvc", str(path), *sight, f"rm -f {shlex.quote(str(path))}")
    known = {(PurePosixPath(file.path).name, file.size) for file in seeker.wanted.files}
    named = {md5 for name, size, md5 in _named(trees[0]) if (name, size) in known}
    if found | named:
        yield from _on_remotes(trees[0], sorted(found | named))


def _caches(tree: Git) -> Iterator[Path]:
    """The caches of the projects of DVC in a work tree."""
    for path in tree.names_like(".dvc/config"):
        with suppress(BadDataError):  # DVC says what is wrong with its own file
            yield DvcCache.of(tree.root, str(PurePosixPath(path).parent.parent)).folder.resolve()


def _objects(cache: Path) -> Iterator[Path]:
    """The files of a cache, sorted; lists of folders aside. DVC 2 kept them in another place."""
    for folder in (cache / "files" / "md5", cache):
        for path in sorted(folder.glob("[0-9a-f][0-9a-f]/*")):
            if _OBJECT.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                yield path


def _named(git: Git) -> Iterator[tuple[str, int | None, str]]:
    """The name, size and MD5 of each file that any `.dvc` file in git names or named."""
    walk = [_AS_MADE, "rev-list", "--all", "--reflog", "--", _POINTERS]
    changes = [_AS_MADE, "diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-abbrev",
               "--no-commit-id", "--no-renames", "--no-ext-diff", "--", _POINTERS]  # fmt: skip
    listing = git.ask(changes, stdin=git.ask(walk, globs=True), globs=True).split(b"\0")
    stood = {
        (os.fsdecode(path), facts.split()[3].decode())
        for facts, path in zip(listing[::2], listing[1::2], strict=False)
    }
    for path, blob in sorted(stood):
        if blob.strip("0") and int(git.ask(["cat-file", "-s", blob])) <= LARGEST:
            with suppress(BadDataError):
                file = read_dvc_file(git.ask(["cat-file", "blob", blob]), path).output
                if file.md5:
                    yield PurePosixPath(file.path).name, file.size, file.md5


def _on_remotes(git: Git, md5s: Sequence[str]) -> Iterator[Place]:
    """The objects of some MD5s that DVC's remotes have."""
    files = config_files(git, own_files())
    settings = merged([(file, read_sections(file.path)) for file in files])
    for setting in settings:
        removal = f"dvc gc --workspace --cloud --remote {shlex.quote(setting.name)}"
        try:
            remote = DvcRemote(chosen(settings, setting.name), prefix="")
            for name in _there(remote, md5s):
                why = "it is DVC's object of such a file"
                yield Place("dvc-remote", f"{setting.url}/{name}", "sure", why, removal)
        except DslineageError as error:
            yield Place("dvc-remote", setting.url, "unknown", error.message, removal)


def _there(remote: DvcRemote, md5s: Sequence[str]) -> Iterator[str]:
    """The names of the objects of some MD5s on a remote."""
    for place in ("files/md5/", ""):
        for begin, some in groupby(md5s, key=lambda md5: md5[:2]):
            folder = f"{place}{begin}"
            there = {one.name for one in remote.listing(folder)}
            yield from (f"{folder}/{md5[2:]}" for md5 in some if md5[2:] in there)
