"""Whether a pointer, its record and the data files that git tracks agree in one tree."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator

from dslineage.errors import IntegrityError
from dslineage.records import POINTER_SUFFIX, DatasetRecord, FileEntry, Pointer
from dslineage.versions.catalog import RECORDS, BrokenPointer, PointerFile
from dslineage.versions.filenames import stem
from dslineage.versions.git import Git
from dslineage.versions.tree import Changed, Tree, blobs
from dslineage_hooks.finding import Finding

_LFS = b"version https://git-lfs.github.com/spec/v1\n"
_LONGEST_LFS = 1024


def record_path(pointer: Pointer) -> str:
    """Where the record that a pointer names is kept."""
    digits = pointer.id.rpartition(":")[2][:12]
    return f"{RECORDS}/{pointer.dataset}/{pointer.version}-{digits}.json"


def record_of(tree: Tree, pointer: Pointer) -> DatasetRecord:
    """The record that a pointer names.

    Raises:
        IntegrityError: the tree has not got it, it was edited, or it says something else.
    """
    path = record_path(pointer)
    if path not in tree.blobs:
        raise IntegrityError(
            f"the record of {pointer.dataset} {pointer.version} is not committed with it: {path}",
            kind="missing-record",
            hint=f"git add -f -- {shlex.quote(path)}",
        )
    record = DatasetRecord.from_bytes(next(tree.read([path])), path)
    if Pointer.to(record) != pointer:
        raise IntegrityError(
            f"the pointer of {pointer.dataset} says something else than the record {path}",
            kind="pointer-differs",
            hint="dslineage verify",
        )
    return record


def add_command(file: PointerFile) -> str:
    """The command that records what the files of a data set are now."""
    beside = file.path.removesuffix(POINTER_SUFFIX)
    name = file.pointer.dataset
    below = any(path.startswith(f"{beside}/") for path in file.data_paths())
    paths = (beside,) if below or beside in file.data_paths() else file.data_paths()
    named = [] if len(paths) == 1 and name in {stem(beside), beside} else ["--name", name]
    words = [f"./{path}" if path.startswith("-") else path for path in paths]
    return shlex.join(["dslineage", "add", *words, *named])


def check_pointer(tree: Tree, file: PointerFile | BrokenPointer) -> Iterator[Finding]:
    """What is wrong with a pointer and with its record."""
    if isinstance(file, BrokenPointer):
        yield Finding.of(file.error, file.path)
        return
    try:
        record_of(tree, file.pointer)
    except IntegrityError as error:
        yield Finding.of(error, file.path)


def check_record(tree: Tree, change: Changed) -> Iterator[Finding]:
    """What is wrong with a record that a change touches: records are never edited."""
    from dslineage.lineage.entries import KINDS

    kind = change.path.split("/")[2]
    if kind not in KINDS or not change.path.endswith(".json"):
        return
    if change.before and change.after and _holds(tree, change.before, kind, change.path):
        yield Finding(
            "edited-record",
            change.path,
            f"the record {change.path} was edited; what is new is a new record",
            f"git checkout HEAD -- {shlex.quote(change.path)}",
        )
    elif change.after:
        try:
            record = KINDS[kind].from_bytes(next(tree.read([change.path])), change.path)
        except IntegrityError as error:
            yield Finding.of(error, change.path)
            return
        if record.path != change.path:
            yield Finding(
                "misplaced-record",
                change.path,
                f"the record {change.path} belongs at {record.path}",
                shlex.join(["git", "mv", "--", change.path, record.path]),
            )


def check_data(tree: Tree, file: PointerFile) -> Iterator[Finding]:
    """Which data files that git tracks are others than the pointer says."""
    for path, entry in zip(file.data_paths(), file.pointer.files, strict=True):
        blob = None if entry.url else tree.blobs.get(path)
        if blob is not None and not _is(tree.git, blob, entry):
            yield _differs(tree.git, file, path)


def _differs(git: Git, file: PointerFile, path: str) -> Finding:
    """A file that is not as its pointer says; a note where git would have changed it anyway."""
    dataset, version = file.pointer.dataset, file.pointer.version
    if change := _change_by_git(git, path):
        return Finding(
            "not-compared",
            path,
            f"git changes {path} on its way in ({change}): it was not compared with the pointer "
            f"of {dataset}",
            "git help gitattributes",
            blocks=False,
        )
    return Finding(
        "data-differs",
        path,
        f"{path} is not what the pointer of {dataset} says of {version}",
        f"{add_command(file)}, or to take the file as it is there: git add -- {shlex.quote(path)}",
    )


def _change_by_git(git: Git, path: str) -> str:
    """What git does to a file on its way in, besides Git LFS and line ends that are all alike."""
    names = ("filter", "working-tree-encoding", "ident")
    words = git.ask(["check-attr", "-z", *names, "--", path]).split(b"\0")
    for name, value in zip(words[1::3], words[2::3], strict=False):
        if value not in {b"unspecified", b"unset", b"lfs"}:
            return f"{name.decode()}={value.decode(errors='replace')}"
    ends = git.ask(["ls-files", "--eol", "-z", "--", path]).split()[:2]
    return "mixed line ends" if ends == [b"i/lf", b"w/mixed"] else ""


def _is(git: Git, blob: str, entry: FileEntry) -> bool:
    """Whether a blob is a file: as it is, as Git LFS names it, or with LF that was CR LF."""
    wanted = entry.sha256.hex
    plain = hashlib.sha256()
    head = b""
    for piece in git.pieces(blob):
        head = head or piece[:_LONGEST_LFS]
        plain.update(piece)
    if plain.hexdigest() == wanted:
        return True
    if head.startswith(_LFS):
        return f"oid sha256:{wanted}\n".encode() in head
    dos = hashlib.sha256()
    for piece in git.pieces(blob):
        dos.update(piece.replace(b"\n", b"\r\n"))
    return dos.hexdigest() == wanted


def _holds(tree: Tree, blob: str, kind: str, path: str) -> bool:
    """Whether a blob is a record as it was written."""
    from dslineage.lineage.entries import KINDS

    try:
        KINDS[kind].from_bytes(next(blobs(tree.git, [blob])), path)
    except IntegrityError:
        return False
    return True
