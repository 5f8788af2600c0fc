"""The data files of a work tree: which files make a data set, and whether they are as recorded."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import orjson

from dslineage.errors import NotFoundError, ResourceError, UsageError
from dslineage.ids import Digest
from dslineage.records import POINTER_SUFFIX, FileEntry, checked_name
from dslineage.store.files import write_file
from dslineage.versions.catalog import PointerFile, joined
from dslineage.versions.git import Git
from dslineage.versions.ingest import SIDECARS, TABLE_SUFFIXES

State = Literal["clean", "modified", "missing"]
_COMPRESSED = {".gz", ".zst"}
_DATA = {".jsonl", ".ndjson", ".json", ".csv", ".tsv"} | TABLE_SUFFIXES


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of one data set: names relative to `folder`, in byte order.

    `folder` is relative to the repository, with slashes; `pointer` is the pointer's path there.
    """

    name: str
    folder: str
    pointer: str
    names: tuple[str, ...]


def data_files(root: Path, paths: Sequence[str], name: str | None) -> DataFiles:
    """Which files a call means: one file, one directory, or several of either.

    Args:
        root: the repository.
        paths: relative to it, with slashes.
        name: the data set's name, if it is given.

    Raises:
        NotFoundError: a path is not there.
        UsageError: there is no file, or several files without a name.
    """
    for path in paths:
        if not os.path.lexists(root / path):
            raise NotFoundError(f"there is no file {path}", kind="no-file", hint="dslineage scan .")
        if (root / path).is_symlink():
            raise UsageError(
                f"{path} is a symbolic link, and links are not followed",
                kind="symlink",
                hint=f"dslineage add {(root / path).readlink()}",
            )
    if len(paths) == 1:
        only = PurePosixPath(paths[0])
        folder = "" if str(only.parent) == "." else str(only.parent)
        names = tuple(_below(root, folder, only.name))
        default = only.name if (root / only).is_dir() else _stem(only.name)
        pointer = joined(folder, only.name + POINTER_SUFFIX)
        found = DataFiles(name or default, folder, pointer, names)
    else:
        if name is None:
            raise UsageError(
                "several files need a name for their data set",
                kind="name-missing",
                hint="dslineage add FILE FILE --name NAME",
            )
        common = os.path.commonpath([str(PurePosixPath(path).parent) for path in paths])
        folder = "" if common == "." else common
        inner = [str(PurePosixPath(path).relative_to(folder or ".")) for path in paths]
        names = tuple(file for path in inner for file in _below(root, folder, path))
        found = DataFiles(name, folder, joined(folder, name + POINTER_SUFFIX), names)
    checked_name(found.name)
    if not found.names:
        raise UsageError(f"there is no data file in {', '.join(paths)}", kind="no-data")
    return found


def hash_file(path: Path) -> Digest:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return Digest(hashlib.file_digest(handle, "sha256").digest())


@dataclass(frozen=True, slots=True)
class HashCache:
    """Hashes of data files by path, size, time and inode, so that `status` need not read them.

    An entry made within two seconds of the file's own time is not believed: the file could have
    changed again without a trace.
    """

    path: Path
    entries: dict[str, list[Any]]

    @classmethod
    def load(cls, path: Path) -> HashCache:
        """Read the cache; one that cannot be read is empty."""
        try:
            found = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            found = {}
        return cls(path, found if isinstance(found, dict) else {})

    def hash_of(self, path: Path) -> Digest:
        """The hash of a file, read only where it may have changed."""
        status = path.stat()
        state = [status.st_size, status.st_mtime_ns, status.st_ino]
        known = self.entries.get(str(path))
        if known and known[:3] == state and known[4] > status.st_mtime_ns + 2_000_000_000:
            return Digest(bytes.fromhex(known[3]))
        digest = hash_file(path)
        self.entries[str(path)] = [*state, digest.hex, time.time_ns()]
        return digest

    def save(self) -> None:
        """Keep the cache for the next command, where the disk lets us."""
        try:
            write_file(self.path, orjson.dumps(self.entries), durable=False)
        except (ResourceError, OSError):
            return


def state_of(root: Path, file: PointerFile, cache: HashCache) -> State:
    """Whether a data set's files are as its pointer says."""
    for path, entry in zip(file.data_paths(), file.pointer.files, strict=True):
        where = root / path
        if not where.is_file():
            return "missing"
        if where.stat().st_size != entry.size or cache.hash_of(where) != entry.sha256:
            return "modified"
    return "clean"


def entry_differs(root: Path, path: str, entry: FileEntry, cache: HashCache) -> bool:
    """Whether a file is there with other bytes than an entry says."""
    where = root / path
    return where.is_file() and cache.hash_of(where) != entry.sha256


def ignore(git: Git, folder: str, name: str) -> str | None:
    """Put a file or folder into the `.gitignore` beside it; that file's path if it changed."""
    path = joined(folder, name)
    if git.ignored(path):
        return None
    inner = PurePosixPath(path)
    listing = inner.parent / ".gitignore"
    where = git.root / listing
    before = where.read_bytes() if where.exists() else b""
    newline = b"" if not before or before.endswith(b"\n") else b"\n"
    tail = "/" if (git.root / inner).is_dir() else ""
    pattern = (
        "/" + "".join(f"\\{char}" if char in "\\*?[]! #" else char for char in inner.name) + tail
    )
    write_file(where, before + newline + pattern.encode() + b"\n")
    return str(listing)


def _below(root: Path, folder: str, name: str) -> Iterator[str]:
    """The data files of one path: itself, or those below it, hidden ones and links aside.

    A Hugging Face `save_to_disk` folder keeps its `state.json` and `dataset_info.json` as well,
    since it is no data set without them.
    """
    where = root / folder / name
    if not where.is_dir():
        yield name
        return
    saved = (where / "state.json").is_file() and (where / "dataset_info.json").is_file()
    for directory, folders, files in os.walk(where):
        folders[:] = sorted(part for part in folders if not part.startswith((".", "_")))
        for file in sorted(files):
            full = Path(directory) / file
            if full.is_symlink() or file.startswith((".", "_")) or file.endswith(POINTER_SUFFIX):
                continue
            if (saved and Path(directory) == where and file in SIDECARS) or (
                file not in SIDECARS and _is_data(file)
            ):
                yield full.relative_to(root / folder).as_posix()


def _is_data(name: str) -> bool:
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in _DATA


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.with_suffix("").stem if path.suffix in _COMPRESSED else path.stem
