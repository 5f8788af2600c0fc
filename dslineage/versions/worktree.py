"""The data files of a work tree: which files make a data set, and whether they are as recorded."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import orjson

from dslineage.errors import NotFoundError, ResourceError, UsageError
from dslineage.ids import Digest
from dslineage.records import POINTER_SUFFIX, checked_name, name_like
from dslineage.store.files import sweep, write_file
from dslineage.versions.catalog import PointerFile, joined
from dslineage.versions.filenames import SIDECARS, is_data, stem
from dslineage.versions.git import Git

_HASH = re.compile(r"[0-9a-f]{64}")
State = Literal["clean", "modified", "missing", "remote"]


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of one data set: names relative to `folder`, in byte order.

    `folder` is relative to the repository, with slashes; `pointer` is the pointer's path there;
    `named` says that somebody chose the name; `base` is the URL that the names of files on a
    remote are relative to, which are not in the folder then; `past` is a folder with a state of
    the past, laid out as the repository is: the files are read there, and those of the work tree
    are left alone.
    """

    name: str
    folder: str
    pointer: str
    names: tuple[str, ...]
    named: bool = False
    base: str = ""
    past: str = ""

    def size(self, root: Path) -> int:
        """How many bytes the files in a folder have, as far as they are there."""
        paths = [root / name for name in self.names]
        return sum(path.stat().st_size for path in paths if path.is_file())


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
        refuse_links(root, path)
    if len(paths) == 1:
        only = PurePosixPath(paths[0])
        folder = "" if str(only.parent) == "." else str(only.parent)
        names = tuple(_below(root, folder, only.name))
        default = only.name if (root / only).is_dir() else stem(only.name)
        pointer = joined(folder, only.name + POINTER_SUFFIX)
        chosen = default if name is None else name
        found = DataFiles(chosen, folder, pointer, names, name is not None)
    else:
        if name is None:
            raise UsageError(
                "several files need a name for their data set",
                kind="name-missing",
                hint=f"dslineage add FILE --name {name_like(_common_stem(paths))}",
            )
        common = os.path.commonpath([str(PurePosixPath(path).parent) for path in paths])
        folder = "" if common == "." else common
        inner = [str(PurePosixPath(path).relative_to(folder or ".")) for path in paths]
        names = tuple(dict.fromkeys(file for path in inner for file in _below(root, folder, path)))
        found = DataFiles(name, folder, joined(folder, name + POINTER_SUFFIX), names, named=True)
    checked_name(found.name)
    refuse_inner_repository(root, found.folder)
    if not found.names:
        raise UsageError(f"there is no data file in {', '.join(paths)}", kind="no-data")
    for path in (found.pointer, *found.names):
        if not is_text(path):
            raise UsageError(
                f"the file name {path!r} is not UTF-8, and no record can say it",
                kind="bad-path",
                hint="give the file another name",
            )
    return found


def wanted(paths: Sequence[str]) -> list[str]:
    """The paths of data, each once, without the pointers that a pattern of names brings along.

    Raises:
        UsageError: there is none; or one is the repository, or belongs to git or to dslineage.
    """
    each = list(dict.fromkeys(paths))
    for path in each:
        if path == ".":
            raise UsageError(
                "the whole repository is no data set: name files or folders",
                kind="whole-repository",
                hint="dslineage scan .",
            )
        if PurePosixPath(path).parts[0] in {".git", ".dslineage"}:
            raise UsageError(f"{path} is no place for data", kind="bad-path")
    data = [path for path in each if not path.endswith(POINTER_SUFFIX)]
    if not data:
        raise UsageError(
            f"{each[0]} is a pointer, which says which version its data is",
            kind="pointer",
            hint=f"dslineage add {shlex.quote(each[0].removesuffix(POINTER_SUFFIX))}",
        )
    return data


def _common_stem(paths: Sequence[str]) -> str:
    """What the names of several files begin with; else the folder that they are in."""
    stems = [stem(PurePosixPath(path).name) for path in paths]
    common = os.path.commonprefix(stems)  # noqa: RUF071 - characters are meant
    return common.rstrip("-_.0123456789") or PurePosixPath(paths[0]).parent.name


def refuse_links(root: Path, path: str) -> None:
    """Refuse a path of the work tree that is a symbolic link, or that leads over one.

    Raises:
        UsageError: it does.
    """
    pure = PurePosixPath(path)
    for one in (*reversed(pure.parents), pure):
        if (root / one).is_symlink() and one.parts:
            raise UsageError(
                f"{one} is a symbolic link to {os.fspath((root / one).readlink())!r}, and links "
                "are not followed",
                kind="symlink",
                hint=f"dvc unprotect {shlex.quote(str(one))}"
                if (root / f"{one}.dvc").is_file()
                else f"put the data itself where {one} is",
            )


def refuse_inner_repository(root: Path, folder: str) -> None:
    """Refuse a folder of another repository inside this one: a submodule, or one nested in it.

    Raises:
        UsageError: it is one; this repository cannot keep a pointer there.
    """
    inner = PurePosixPath(folder)
    for one in (inner, *inner.parents):
        if one.parts and os.path.lexists(root / one / ".git"):
            raise UsageError(
                f"{one} is a git repository of its own",
                kind="inner-repository",
                hint=f"dslineage -C {shlex.quote(str(one))} add FILE",
            )


def hash_file(path: Path) -> Digest:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return Digest(hashlib.file_digest(handle, "sha256").digest())


@dataclass(frozen=True, slots=True)
class HashCache:
    """Hashes of files by path, size, times and inode, so that `status` need not read them.

    The time of change is among them, which no program can set back. An entry made within two
    seconds of it is not believed: the file could have changed again without a trace.
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
        entries = found if isinstance(found, dict) else {}
        return cls(path, {name: entry for name, entry in entries.items() if _is_entry(entry)})

    def hash_of(self, path: Path) -> Digest:
        """The hash of a file, read only where it may have changed."""
        status = path.stat()
        state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        known = self.entries.get(str(path))
        if known and known[:4] == state and known[5] > status.st_ctime_ns + 2_000_000_000:
            return Digest(bytes.fromhex(known[4]))
        digest = hash_file(path)
        self.entries[str(path)] = [*state, digest.hex, time.time_ns()]
        return digest

    def save(self) -> None:
        """Keep the cache for the next command, where the disk lets us."""
        entries = {path: entry for path, entry in self.entries.items() if is_text(path)}
        try:
            sweep(self.path)
            write_file(self.path, orjson.dumps(entries), durable=False)
        except (ResourceError, OSError):
            return


def state_of(root: Path, file: PointerFile, cache: HashCache) -> State:
    """Whether a data set's files are as its pointer says; files on remotes are not looked at."""
    if file.base:
        return "remote"
    for path, entry in zip(file.data_paths(), file.pointer.files, strict=True):
        where = root / path
        if not where.is_file():
            return "missing"
        if where.stat().st_size != entry.size or cache.hash_of(where) != entry.sha256:
            return "modified"
    recorded = {entry.path for entry in file.pointer.files}
    try:
        return "clean" if recorded.issuperset(current_names(root, file)) else "modified"
    except UsageError:
        return "modified"


def current_names(root: Path, file: PointerFile) -> tuple[str, ...]:
    """The files of a data set as they are now: in a directory, new ones too."""
    if file.base:
        return tuple(entry.path for entry in file.pointer.files)
    folder = file.path.removesuffix(POINTER_SUFFIX)
    if not (root / folder).is_dir():
        return tuple(entry.path for entry in file.pointer.files)
    return tuple(_below(root, file.folder, PurePosixPath(folder).name))


def ignore(git: Git, path: str) -> str | None:
    """Put a file or folder into the `.gitignore` beside it; that file's path if it is to be staged.

    It is where the line is new, or where a killed writer never came to staging it.
    """
    inner = PurePosixPath(path)
    listing = str(inner.parent / ".gitignore")
    where = git.root / listing
    name = "".join(f"\\{char}" if char in "\\*?[]! #" else char for char in inner.name)
    tail = "/" if (git.root / inner).is_dir() else ""
    line = f"/{name}{tail}".replace("\n", "?").encode()
    before = where.read_bytes() if where.is_file() else b""
    if git.ignored(path):
        staged = git.read("", listing) or b""
        return listing if line in before.split(b"\n") and line not in staged.split(b"\n") else None
    refuse_links(git.root, listing)
    newline = b"" if not before or before.endswith(b"\n") else b"\n"
    sweep(where)
    write_file(where, before + newline + line + b"\n")
    return listing


def _below(root: Path, folder: str, name: str) -> Iterator[str]:
    """The data files of one path: itself, or those below it, hidden ones aside.

    A Hugging Face `save_to_disk` folder keeps its `state.json` and `dataset_info.json` as well,
    since it is no data set without them.

    Raises:
        UsageError: data is behind a symbolic link, which is not followed.
    """
    where = root / folder / name
    if not where.is_dir():
        yield name
        return
    saved = (where / "state.json").is_file() and (where / "dataset_info.json").is_file()
    for directory, folders, files in os.walk(where):
        folders[:] = sorted(part for part in folders if not part.startswith((".", "_")))
        inner = PurePosixPath(Path(directory).relative_to(root / folder).as_posix())
        for part in folders:
            refuse_links(root / folder, str(inner / part))
        for file in sorted(files):
            if file.startswith((".", "_")) or file.endswith(POINTER_SUFFIX):
                continue
            if (saved and Path(directory) == where and file in SIDECARS) or (
                file not in SIDECARS and is_data(file)
            ):
                refuse_links(root / folder, str(inner / file))
                yield str(inner / file)


def is_text(path: str) -> bool:
    """Whether a text can be written as UTF-8: what came from bytes that were not cannot."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_entry(entry: Any) -> bool:
    """Whether a line of the cache is what `hash_of` writes."""
    kinds = [int, int, int, int, str, int]
    alike = isinstance(entry, list) and [type(part) for part in entry] == kinds
    return alike and bool(_HASH.fullmatch(entry[4]))
