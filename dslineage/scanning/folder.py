"""What lies in a folder: data files, shards that belong together, and everything else."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dslineage.errors import NotFoundError
from dslineage.formats import sniff
from dslineage.records import POINTER_SUFFIX
from dslineage.versions.filenames import TABLE_SUFFIXES

_COMPRESSED = (".gz", ".zst")
_SET_ASIDE = re.compile(r"(?:\.(?:bak|backup|old|orig|copy|save|\d+)|~)$", re.IGNORECASE)
_SHARD = re.compile(r"(?P<stem>.*?)-\d{5,}-of-(?P<count>\d{5,})(?P<rest>(?:\.\w+)+)")
_NOT_DATA = ("dataset_info.json", "dataset_dict.json", "dataset_infos.json", "state.json")
_TOOLS = ("__pycache__", "node_modules", "site-packages")
_TABLES = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
    ".arrows": "arrow-stream",
}


class DataUnit(NamedTuple):
    """What is read as one: a file, or shards in one folder.

    `names` are relative to the scanned folder, with slashes. `format` is given where the name
    ends in something else, as in `train.jsonl.bak`.
    """

    path: str
    names: tuple[str, ...]
    bytes: int
    modified: float
    format: str | None


@dataclass(frozen=True, slots=True)
class FolderListing:
    """Everything in a folder; see `ScanResult`."""

    root: Path
    units: tuple[DataUnit, ...]
    other: Mapping[str, int]
    links: int
    skipped: Mapping[str, str]


class _Found(NamedTuple):
    name: str
    bytes: int
    modified: float


def list_folder(path: Path) -> FolderListing:
    """List a folder without following links; hidden files and those of tools are passed over.

    A single file is listed as a folder that has nothing else in it.

    Raises:
        NotFoundError: there is no such folder.
    """
    if not path.exists():
        raise NotFoundError(f"there is no folder {path}", kind="no-file", hint="dslineage scan .")
    if not path.is_dir():
        status = path.stat()
        found = _Found(path.name, status.st_size, status.st_mtime)
        return FolderListing(path.parent, tuple(_units([found])), {}, 0, {})
    listing = _Walk(path)
    listing.run()
    units = sorted(_units(listing.data), key=lambda unit: os.fsencode(unit.path))
    other = dict(sorted(listing.other.items()))
    return FolderListing(path, tuple(units), other, listing.links, listing.skipped)


class _Walk:
    """One pass over a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data: list[_Found] = []
        self.other: Counter[str] = Counter()
        self.links = 0
        self.skipped: dict[str, str] = {}

    def run(self) -> None:
        for folder, folders, files in os.walk(self.root, onerror=self._refused):
            folders[:] = sorted(name for name in folders if self._enters(Path(folder), name))
            for name in sorted(files):
                if not name.startswith("."):
                    self._file(Path(folder) / name)

    def _refused(self, error: OSError) -> None:
        self.skipped[self._relative(Path(error.filename))] = f"cannot be read: {error.strerror}"

    def _enters(self, folder: Path, name: str) -> bool:
        path = folder / name
        if name.startswith("."):
            return False
        if path.is_symlink():
            self.links += 1
            return False
        if name in _TOOLS or (path / "pyvenv.cfg").exists():
            why = "installed packages" if name not in _TOOLS[:1] else "compiled Python"
            self.skipped[self._relative(path)] = why
            return False
        return True

    def _file(self, path: Path) -> None:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            self.links += 1
        elif stat.S_ISREG(status.st_mode) and is_data(path.name):
            self.data.append(_Found(self._relative(path), status.st_size, status.st_mtime))
        elif not path.name.endswith(POINTER_SUFFIX):
            self.other[path.suffix.lower()] += 1

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def is_data(name: str) -> bool:
    """Whether a file's name says that it holds examples."""
    return name not in _NOT_DATA and not name.endswith(POINTER_SUFFIX) and _format(name) is not None


def data_stem(name: str) -> str:
    """A file's name without what says its format: `train.v2` of `train.v2.jsonl.gz`."""
    return _plain(name).stem


def is_set_aside(name: str) -> bool:
    """Whether a name says that the file was set aside, as `train.jsonl.bak` does."""
    return _SET_ASIDE.search(name) is not None


def _plain(name: str) -> PurePosixPath:
    """The name that a file had before it was set aside and compressed."""
    path = PurePosixPath(_SET_ASIDE.sub("", name))
    return path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path


def _format(name: str) -> str | None:
    path = _plain(name)
    if path.suffix.lower() in TABLE_SUFFIXES:
        return _TABLES[path.suffix.lower()]
    return sniff.format_of_suffix(Path(path))


def _units(found: list[_Found]) -> Iterator[DataUnit]:
    """Shards put together; every other file by itself."""
    sets: dict[str, list[_Found]] = {}
    for one in found:
        whole = PurePosixPath(one.name)
        shard = _SHARD.fullmatch(whole.name)
        name = f"{shard['stem']}-*-of-{shard['count']}{shard['rest']}" if shard else whole.name
        sets.setdefault(str(whole.with_name(name)), []).append(one)
    for path, files in sets.items():
        yield DataUnit(
            path,
            tuple(sorted(one.name for one in files)),
            sum(one.bytes for one in files),
            max(one.modified for one in files),
            _format(path) if is_set_aside(path) else None,
        )
