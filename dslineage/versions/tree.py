"""A state of a repository as git has it, the index or a commit, and what changed between two."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from dslineage.config import FILE_NAME, Config, config_of
from dslineage.errors import IntegrityError
from dslineage.gitblobs import asked, contents
from dslineage.records import POINTER_SUFFIX, Pointer
from dslineage.versions.catalog import BrokenPointer, PointerFile
from dslineage.versions.git import Git

_FILES = (b"100644", b"100755")
_RAW = ("--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-color", "-O/dev/null")
_DIFF = (*_RAW, "--no-relative")


class Changed(NamedTuple):
    """A file that differs: the ids of its blobs, empty where there is no such file."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Tree:
    """The files of a commit or, where `commit` is empty, of the index that git is working with."""

    git: Git
    commit: str = ""

    @cached_property
    def blobs(self) -> dict[str, str]:
        """The blob of every regular file."""
        if self.commit:
            listing = self.git.ask(["ls-tree", "-r", "-z", "--full-tree", self.commit])
            return {name: blob for name, (_, _, blob) in _listed(listing)}
        listing = self.git.ask(["ls-files", "-s", "-z"])
        return {name: blob for name, (_, blob, stage) in _listed(listing) if stage == "0"}

    @cached_property
    def pointers(self) -> tuple[PointerFile | BrokenPointer, ...]:
        """Every pointer, sorted."""
        names = sorted(name for name in self.blobs if name.endswith(POINTER_SUFFIX))
        found: list[PointerFile | BrokenPointer] = []
        for name, data in zip(names, self.read(names), strict=True):
            try:
                found.append(PointerFile(name, Pointer.from_bytes(data, name)))
            except IntegrityError as error:
                found.append(BrokenPointer(name, frozenset(), error))
        return tuple(found)

    def whole_pointers(self) -> list[PointerFile]:
        """The pointers that can be read."""
        return [file for file in self.pointers if isinstance(file, PointerFile)]

    def config(self) -> Config:
        """The settings; a UsageError where they are not understood."""
        if FILE_NAME not in self.blobs:
            return Config()
        return config_of(next(self.read([FILE_NAME])))

    def named(self, folder: str, *, begin: str = "", end: str = "") -> list[str]:
        """The files directly in a folder whose names begin and end so, sorted."""
        head = f"{folder}/{begin}"
        return sorted(
            name
            for name in self.blobs
            if name.startswith(head) and name.endswith(end) and "/" not in name[len(head) :]
        )

    def read(self, paths: Sequence[str]) -> Iterator[bytes]:
        """The bytes of files that are there, in one call of git."""
        return blobs(self.git, [self.blobs[path] for path in paths])

    def changes_from(self, base: str) -> list[Changed]:
        """How the files of this commit differ from those of another."""
        return _changes(self.git.ask(["diff", *_DIFF, base, self.commit, "--"]))


def staged(git: Git, *patterns: str) -> list[Changed]:
    """How the index differs from HEAD, or from nothing before the first commit.

    Submodules are looked at by their commits only.
    """
    only = ["--ignore-submodules=dirty", "--", *patterns]
    return _changes(git.ask(["diff", "--cached", *_DIFF, *only], globs=bool(patterns)))


def each_commit(git: Git, base: str, commit: str) -> Iterator[tuple[str, list[Changed]]]:
    """The commits that one has and another has not, and what each changed; merges aside."""
    listed = git.ask(["rev-list", "--no-merges", "--reverse", f"{base}..{commit}"])
    for one in listed.decode().split():
        raw = git.ask(["diff-tree", "--root", "--no-commit-id", "-r", *_RAW, one])
        yield one, _changes(raw)


def empty_tree(git: Git) -> str:
    """The id of the tree without files, which git knows without having it."""
    return git.ask(["hash-object", "-t", "tree", "--stdin"], stdin=b"").decode().strip()


def blobs(git: Git, ids: Sequence[str]) -> Iterator[bytes]:
    """The bytes of blobs.

    Raises:
        IntegrityError: git has not got one of them.
    """
    if not ids:
        return
    answer = git.ask(["cat-file", "--batch"], stdin=asked(ids))
    for id_, data in zip(ids, contents(answer, ids), strict=True):
        if data is None:
            raise IntegrityError(
                f"git has not got the object {id_}", kind="missing-object", hint="git fsck"
            )
        yield data


def _listed(listing: bytes) -> Iterator[tuple[str, tuple[bytes, str, str]]]:
    """The regular files of what `ls-tree` and `ls-files -s` write: mode and two more words each."""
    for line in listing.split(b"\0"):
        words, _, name = line.partition(b"\t")
        mode, *rest = words.split()[:3] if words else (b"", b"", b"")
        if mode in _FILES:
            yield os.fsdecode(name), (mode, rest[0].decode(), rest[1].decode())


def _changes(raw: bytes) -> list[Changed]:
    """What `--raw -z` says of files: links and submodules are none."""
    words = iter(raw.split(b"\0"))
    found = []
    for head in words:
        if not head:
            continue
        old_mode, new_mode, old, new, _ = head.removeprefix(b":").split()
        path = os.fsdecode(next(words))
        before, after = _file(old_mode, old), _file(new_mode, new)
        if before or after:
            found.append(Changed(path, before, after))
    return found


def _file(mode: bytes, blob: bytes) -> str:
    return blob.decode() if mode in _FILES and blob.strip(b"0") else ""
