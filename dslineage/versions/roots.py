"""What keeps objects alive: every record and pointer that git, or a work tree, still has.

Nothing is written here, and nothing here knows objects. What documents name are hashes of files,
media lists and row links: content, never an encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dslineage.errors import DslineageError, IntegrityError
from dslineage.gitblobs import asked, contents
from dslineage.records import POINTER_SUFFIX, DatasetRecord, Pointer, StepRecord
from dslineage.records.forgotten import FORGOTTEN
from dslineage.store.files import resource_errors
from dslineage.versions.git import Git

_RECORDS = ".dslineage/records"
_PATHSPECS = (f"{_RECORDS}/**", FORGOTTEN, f"**/*{POINTER_SUFFIX}")
_HASHES = re.compile(rb'(?:"sha256"\s*:\s*"|sha256:)([0-9a-f]{64})')
_IDS = re.compile(rb"dataset:sha256:([0-9a-f]{64})")
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_USERS = ("step", "mixture", "run", "model")
_AS_MADE = "--no-replace-objects"
_AT_ONCE = 256


class Document(NamedTuple):
    """A record or pointer: its path in the repository, and its bytes."""

    path: str
    data: bytes

    @property
    def kind(self) -> str:
        """The kind of a record, or an empty text."""
        parts = PurePosixPath(self.path).parts
        return parts[2] if self.path.startswith(f"{_RECORDS}/") and len(parts) == 5 else ""


@dataclass(slots=True)
class Names:
    """What documents name.

    `hashes` are those of content; `versions` the ids of versions that have a record; `used` those
    of versions that a step, mixture, run or model was made of, with the path of a record that says
    so. All are hex digits.
    """

    hashes: set[str] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)
    used: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Names:
        """Collect the names in documents, which may be damaged: what is legible counts.

        So two sides of a conflict, and records of a newer release, keep what they name.
        """
        names = cls()
        for document in documents:
            names.hashes.update(found.decode() for found in _HASHES.findall(document.data))
            ids = [found.decode() for found in _IDS.findall(document.data)]
            if document.kind == DatasetRecord.kind:
                names.versions.update(ids[:1])
            elif document.kind in _USERS:
                names.used |= dict.fromkeys(ids, document.path)
        return names

    @property
    def lost(self) -> dict[str, str]:
        """The versions that something was made of and that have no record any more."""
        return {id_: path for id_, path in self.used.items() if id_ not in self.versions}


def documents(git: Git) -> Iterator[Document]:
    """Every record and pointer of a repository; some more than once.

    They are those of all that `git gc` keeps: branches, tags, stashes, reflogs, what a merge or
    rebase under way is about, and indexes; and the files of each work tree, tracked or not.

    Raises:
        IntegrityError: a record or pointer in a work tree is damaged; a work tree is not there.
        ResourceError: a file cannot be read.
        UsageError: git cannot read its own objects.
    """
    trees = work_trees(git)
    blobs = dict(_committed(git, trees))
    for tree in trees:
        blobs |= _staged(tree)
    yield from _read(git, blobs)
    for tree in trees:
        yield from _on_disk(tree)


def documents_behind(git: Git, tips: Sequence[str]) -> Iterator[Document]:
    """The records and pointers in the history of some commits.

    Raises:
        IntegrityError: git has not all of them.
    """
    if tips:
        yield from documents_of(git, _history(git, [], tips))


def documents_of(git: Git, commits: bytes) -> Iterator[Document]:
    """The records and pointers that some commits made, one commit a line.

    Raises:
        IntegrityError: git has not all of them.
    """
    return _read(git, dict(_changed(git, commits)))


def work_trees(git: Git) -> list[Git]:
    """Every work tree of a repository, the one at hand first.

    Raises:
        IntegrityError: one of them cannot be found: nobody knows what is in it.
    """
    found = {git.root.resolve(): git}
    listing = git.ask(["worktree", "list", "--porcelain"]).decode(errors="surrogateescape")
    for number, block in enumerate(filter(None, listing.split("\n\n"))):
        lines = block.split("\n")
        path = Path(lines[0].removeprefix("worktree "))
        if "bare" in lines or path.resolve() in found:
            continue
        tree = _opened(git, path)
        if tree is None and number == 0:
            tree = _main_tree(git)
        if tree is None:
            gone = "bring it back; or, if it is gone: git worktree prune"
            raise IntegrityError(
                f"the work tree {path} cannot be read, and nobody knows which versions are in it",
                kind="missing-work-tree",
                hint=gone if number else f"run it in the main work tree of {git.common_dir}",
            )
        found.setdefault(tree.root.resolve(), tree)
    return list(found.values())


def _opened(git: Git, path: Path) -> Git | None:
    """The work tree in a folder, if it is one of this repository."""
    try:
        tree = Git.find(path)
    except DslineageError:
        return None
    return tree if tree.common_dir == git.common_dir else None


def _main_tree(git: Git) -> Git | None:
    """The main work tree, where it is not beside the repository: that of a submodule, for one."""
    if git.own_dir.resolve() == git.common_dir:
        return git
    told = git.ask(["config", "--default", "", "--get", "core.worktree"])
    return _opened(git, git.common_dir / told.decode().strip()) if told.strip() else None


def _committed(git: Git, trees: list[Git]) -> Iterator[tuple[str, str]]:
    """Blobs of all records and pointers in the history of whatever git keeps, and their paths."""
    kept = sorted({commit for tree in trees for commit in _under_way(tree)})
    commits = _history(git, ["--all", "--reflog"], kept)
    yield from _changed(git, commits)


def _history(git: Git, also: Sequence[str], commits: Sequence[str]) -> bytes:
    """The commits behind some, one a line, that made a record or pointer."""
    walk = [_AS_MADE, "rev-list", *also, "--full-history", "--stdin", "--", *_PATHSPECS]
    return git.ask(walk, stdin="".join(f"{one}\n" for one in commits).encode(), globs=True)


def _changed(git: Git, commits: bytes) -> Iterator[tuple[str, str]]:
    """Blobs of all records and pointers that some commits made, and their paths."""
    changes = [
        _AS_MADE,
        "diff-tree",
        "--stdin",
        "-r",
        "-m",
        "--root",
        "--raw",
        "-z",
        "--no-commit-id",
    ]
    settled = ["--no-abbrev", "--no-renames", "--no-ext-diff", "--", *_PATHSPECS]
    listing = git.ask([*changes, *settled], stdin=commits, globs=True)
    fields = listing.split(b"\0")
    for facts, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, blob, _ = facts.decode().split(" ")
        if mode.startswith("100"):
            yield blob, path.decode(errors="surrogateescape")


def _under_way(tree: Git) -> Iterator[str]:
    """The commits that an operation under way in a work tree is about, such as MERGE_HEAD."""
    names = ("autostash", "orig-head", "onto", "stopped-sha")
    files = [path for path in tree.own_dir.glob("*_HEAD") if path.is_file()]
    files += [tree.own_dir / name for name in ("AUTO_MERGE", "MERGE_AUTOSTASH")]
    files += [tree.own_dir / "rebase-merge" / name for name in names]
    files += [tree.own_dir / "rebase-apply" / name for name in names]
    for path in files:
        for word in path.read_text().split() if path.is_file() else ():
            if _OID.fullmatch(word) and tree.commit_of(word):
                yield word


def _staged(tree: Git) -> dict[str, str]:
    """Blobs of records and pointers in the index of a work tree, all sides of a conflict."""
    listing = tree.ask(["ls-files", "--stage", "-z", "--", *_PATHSPECS], globs=True)
    found = {}
    for line in filter(None, listing.split(b"\0")):
        facts, _, path = line.partition(b"\t")
        mode, blob, _ = facts.decode().split(" ")
        if mode.startswith("100"):
            found[blob] = path.decode(errors="surrogateescape")
    return found


def _read(git: Git, blobs: dict[str, str]) -> Iterator[Document]:
    """The bytes of blobs, some at a time.

    Raises:
        IntegrityError: git has not all of them.
    """
    left = iter(blobs.items())
    while some := list(islice(left, _AT_ONCE)):
        names = [blob for blob, _ in some]
        answer = git.ask(["cat-file", "--batch"], stdin=asked(names))
        for (blob, path), data in zip(some, contents(answer, names), strict=True):
            if data is None:
                raise IntegrityError(
                    f"git cannot read {path} ({blob})", kind="missing-object", hint="git fsck"
                )
            yield Document(path, data)


def _on_disk(tree: Git) -> Iterator[Document]:
    """The records and pointers in a work tree, whole or not at all."""
    records = (tree.root / _RECORDS).glob("*/*/*.json")
    paths = {path.relative_to(tree.root).as_posix() for path in records if path.name[0] != "."}
    paths.update([FORGOTTEN, *tree.names_like(f"*{POINTER_SUFFIX}")])
    for path in sorted(paths):
        file = tree.root / path
        if file.is_symlink():
            continue
        with resource_errors(file):
            try:
                document = Document(path, file.read_bytes())
            except (FileNotFoundError, IsADirectoryError):
                continue
        if path.endswith(POINTER_SUFFIX):
            Pointer.from_bytes(document.data, str(file))
        for kind in (DatasetRecord, StepRecord):
            if document.kind == kind.kind:
                kind.from_bytes(document.data, str(file))
        yield document
