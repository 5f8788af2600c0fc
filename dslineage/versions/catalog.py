"""The records and pointers of a repository: what versions there are, and which is where."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from dslineage.disk import regular_bytes
from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage.records import (
    POINTER_SUFFIX,
    DatasetRecord,
    MeasurementRecord,
    Pointer,
    checked_name,
    is_name,
)
from dslineage.versions.git import Git

RECORDS = DatasetRecord.folder()
MEASUREMENTS = MeasurementRecord.folder()
_DATASET = re.compile(rb'^  "dataset": "([A-Za-z0-9._+-]{1,100})",$', re.MULTILINE)
_FILE_NAME = re.compile(r"v([0-9]{1,9})-[0-9a-f]{12}\.json")


@dataclass(frozen=True, slots=True)
class PointerFile:
    """A pointer and where it stands, relative to the repository, with slashes."""

    path: str
    pointer: Pointer

    @property
    def folder(self) -> str:
        """The folder in which the pointer's files are, empty for the top."""
        parent = str(PurePosixPath(self.path).parent)
        return "" if parent == "." else parent

    @property
    def base(self) -> str:
        """The URL that the pointer's files are relative to, if they are on a remote."""
        return self.pointer.files[0].base

    def data_paths(self) -> tuple[str, ...]:
        """The data files, relative to the repository."""
        return tuple(joined(self.folder, entry.path) for entry in self.pointer.files)


@dataclass(frozen=True, slots=True)
class BrokenPointer:
    """A pointer that cannot be read, because of merge markers or damage.

    `datasets` are the names that can still be made out in it.
    """

    path: str
    datasets: frozenset[str]
    error: IntegrityError


@dataclass(frozen=True)
class Catalog:
    """Records of versions, from the work tree and from git. Nothing is written here."""

    git: Git

    @property
    def folder(self) -> Path:
        """Where the records of data sets are."""
        return self.git.root / RECORDS

    @cached_property
    def committed_names(self) -> frozenset[str]:
        """The records in HEAD, or in a commit that is being merged into it."""
        head = self.git.head()
        commits = [*([head] if head else []), *self.git.unfinished()]
        return frozenset(name for one in commits for name in self.git.names_in(one, RECORDS))

    @cached_property
    def index_names(self) -> frozenset[str]:
        """The records in git's index."""
        return frozenset(self.git.index_names(RECORDS))

    def names(self) -> list[str]:
        """The data sets that have a version in the work tree, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if _holds_records(path))

    def versions(self, dataset: str) -> list[DatasetRecord]:
        """All versions of a data set in the work tree, oldest first."""
        folder = self.folder / checked_name(dataset)
        if not folder.is_dir():
            return []
        found = [_read(path) for path in sorted(folder.glob("v*.json"))]
        return sorted(found, key=lambda record: (record.number, record.id))

    def all_versions(self) -> Iterator[DatasetRecord]:
        """Every version in the work tree."""
        for name in self.names():
            yield from self.versions(name)

    def record(self, id_: str, dataset: str) -> DatasetRecord:
        """The record that a pointer names.

        Raises:
            NotFoundError: it is neither in the work tree nor in HEAD.
        """
        wanted = id_.rsplit(":", 1)[-1][:12]
        folder = self.folder / checked_name(dataset)
        for path in folder.glob(f"v*-{wanted}.json"):
            record = _read(path)
            if record.id == id_:
                return record
        raise NotFoundError(
            f"the record {id_} of {dataset} is not in this work tree",
            kind="missing-record",
            hint=f"git checkout HEAD -- {RECORDS}",
        )

    def measurements(self, record: DatasetRecord, commit: str = "") -> list[MeasurementRecord]:
        """What was measured of a version, the newest first.

        Args:
            record: the version.
            commit: where to look; empty for the work tree.
        """
        return [found for _, found in measurement_files(self.git, record.path, commit)]

    def is_committed(self, record: DatasetRecord) -> bool:
        """Whether a version is in HEAD, or in a commit that is being merged into it."""
        return record.path in self.committed_names

    def next_number(self, dataset: str, replaced: DatasetRecord | None) -> int:
        """One more than the largest N of a data set in the work tree, the index and HEAD."""
        prefix = f"{RECORDS}/{dataset}/"
        known = self.committed_names | self.index_names
        names = [name for name in known if name.startswith(prefix)]
        folder = self.folder / dataset
        names += [prefix + path.name for path in folder.glob("v*.json")] if folder.is_dir() else []
        skipped = replaced.path if replaced else None
        numbers = [_number(name) for name in names if name != skipped]
        return max(numbers, default=0) + 1

    def pointers(self) -> list[PointerFile]:
        """Every pointer in the work tree that git knows or that stands beside its data, sorted.

        Those that cannot be read are left out: they are `broken_pointers`, and say nothing about
        other data sets.
        """
        return [file for file in self._pointers() if isinstance(file, PointerFile)]

    def broken_pointers(self) -> list[BrokenPointer]:
        """Every pointer that cannot be read."""
        return [file for file in self._pointers() if isinstance(file, BrokenPointer)]

    def _pointers(self) -> Iterator[PointerFile | BrokenPointer]:
        for name in self.git.names_like(f"*{POINTER_SUFFIX}"):
            path = self.git.root / name
            if path.is_symlink() or not path.is_file():
                continue
            data = path.read_bytes()
            try:
                yield PointerFile(name, Pointer.from_bytes(data, name))
            except IntegrityError as error:
                error.hint = error.hint or f"git checkout HEAD -- {shlex.quote(name)}"
                names = (match.decode() for match in _DATASET.findall(data))
                yield BrokenPointer(name, frozenset(names), error)

    def pointers_about(self, dataset: str | None) -> list[PointerFile]:
        """The pointers of one data set, or of all.

        Raises:
            IntegrityError: there is none but one that cannot be read.
        """
        found = [one for one in self.pointers() if dataset in {None, one.pointer.dataset}]
        for broken in () if found else self.broken_pointers():
            if dataset is None or dataset in broken.datasets:
                raise broken.error
        return found

    def pointer_of(self, dataset: str) -> PointerFile | None:
        """The pointer of a data set.

        Raises:
            UsageError: two files claim the name.
            IntegrityError: no pointer has the name but one that cannot be read.
        """
        found = self.pointers_about(dataset)
        if len(found) > 1:
            raise UsageError(
                f"two pointers name the data set {dataset!r}: "
                + " and ".join(file.path for file in found),
                kind="name-taken",
                hint="git rm one of them",
            )
        return found[0] if found else None

    def pointer_at(self, path: str) -> PointerFile | None:
        """The pointer whose files include `path`, or that stands beside it.

        Raises:
            IntegrityError: the pointer that stands beside it cannot be read.
        """
        for file in self.pointers():
            if path in {*file.data_paths(), file.path, file.path.removesuffix(POINTER_SUFFIX)}:
                return file
        for broken in self.broken_pointers():
            if path in {broken.path, broken.path.removesuffix(POINTER_SUFFIX)}:
                raise broken.error
        return None


def measurement_files(
    git: Git, record: str, commit: str = ""
) -> list[tuple[str, MeasurementRecord]]:
    """Measurements of the version with a record at some path, and where they are; newest first.

    They are read from a commit or, if that is empty, from the work tree.
    """
    path = PurePosixPath(record)
    label, _, digits = path.stem.partition("-")
    folder = f"{MEASUREMENTS}/{path.parent.name}"
    found = []
    for name, data in _files_in(git, folder, f"{label}-*.json", commit):
        measurement = MeasurementRecord.from_bytes(data, name)
        if measurement.subject.startswith(f"dataset:sha256:{digits}"):
            found.append((name, measurement))
    return sorted(found, key=lambda one: (one[1].created_at, one[0]), reverse=True)


def _files_in(git: Git, folder: str, pattern: str, commit: str) -> Iterator[tuple[str, bytes]]:
    """The files of a folder whose name fits, and their bytes; see `measurement_files`."""
    if commit:
        for name in git.names_in(commit, folder):
            if PurePosixPath(name).match(pattern):
                yield name, git.read(commit, name) or b""
        return
    for file in sorted((git.root / folder).glob(pattern)):
        yield file.relative_to(git.root).as_posix(), regular_bytes(file)


def joined(folder: str, name: str) -> str:
    """A path below a folder of the repository, with slashes."""
    return f"{folder}/{name}" if folder else name


def relative_to(root: Path, path: Path) -> str:
    """A path of the work tree, relative to the repository, with slashes; links not followed.

    Raises:
        UsageError: the path is outside the repository.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    for base in (root, root.resolve()):
        if absolute.is_relative_to(base):
            return absolute.relative_to(base).as_posix()
    resolved = absolute.parent.resolve() / absolute.name
    if resolved.is_relative_to(root.resolve()):
        return resolved.relative_to(root.resolve()).as_posix()
    raise UsageError(
        f"{absolute} is outside the repository {root}",
        kind="outside-repository",
        hint="put it into the repository; scan and diff read files anywhere",
    )


def _read(path: Path) -> DatasetRecord:
    return DatasetRecord.from_bytes(regular_bytes(path), str(path))


def _holds_records(folder: Path) -> bool:
    return is_name(folder.name) and folder.is_dir() and any(folder.glob("v*.json"))


def _number(name: str) -> int:
    match = _FILE_NAME.fullmatch(PurePosixPath(name).name)
    return int(match[1]) if match else 0
