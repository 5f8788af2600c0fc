"""The data files of a work tree before and after something ran: which of them it changed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.records import DatasetRecord, checked_name, is_name
from dslineage.versions.catalog import PointerFile, joined, relative_to
from dslineage.versions.filenames import stem
from dslineage.versions.recording import pointer_files
from dslineage.versions.worktree import (
    DataFiles,
    HashCache,
    current_names,
    data_files,
    refuse_links,
    state_of,
    wanted,
)

if TYPE_CHECKING:
    from dslineage.workspace import Workspace


class FileState(NamedTuple):
    """A file at one moment: what it holds, and what changes when it is written at all."""

    sha256: Digest
    touched: tuple[int, int, int]


States = Mapping[str, FileState]
"""The files of a data set that are there, by path, relative to the work tree."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A data set whose files are watched: one that is recorded, or a path that was declared.

    `version` is the one that was current before; `clean` says that the files were as it has them.
    """

    name: str
    path: str
    declared: bool
    file: PointerFile | None
    version: DatasetRecord | None
    clean: bool
    before: States

    @property
    def onto(self) -> str:
        """The id of the version that was current before; empty where there was none."""
        return self.version.id if self.version else ""

    def files(self, root: Path) -> DataFiles:
        """The data set's files as they are now, to be recorded."""
        if self.file is not None:
            return pointer_files(root, self.file)
        return replace(data_files(root, [self.path], self.name), named=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a data set: its files before, and after something ran."""

    watched: Watched
    after: States

    @property
    def changed(self) -> bool:
        """Whether the files hold something else, or are others."""
        return _hashes(self.watched.before) != _hashes(self.after)

    @property
    def written(self) -> bool:
        """Whether the files are there and were written, be it with what they held before."""
        return bool(self.after) and self.watched.before != self.after


@dataclass(frozen=True, slots=True)
class Watch:
    """The data sets of a work tree at the moment when something is about to run."""

    work: Workspace
    watched: tuple[Watched, ...]

    @classmethod
    def start(cls, work: Workspace, outputs: Sequence[str]) -> Watch:
        """Look at every data set here, and at the paths of declared outputs.

        Args:
            work: the repository.
            outputs: paths, `NAME=PATH`, or names of data sets.

        Raises:
            UsageError: a name is taken, or a path is no place for data.
        """
        watch = cls(work, ())
        cache = watch.cache()
        declared = {one.path: one for one in (watch.declared(text, cache) for text in outputs)}
        others = [
            watch.recorded(file, cache, declared=False)
            for file in work.catalog.pointers()
            if file.path not in declared and not file.base
        ]
        cache.save()
        return replace(watch, watched=(*declared.values(), *others))

    def outcomes(self) -> list[Outcome]:
        """What became of each of them."""
        cache = self.cache()
        found = [Outcome(one, self._states(one.path, one.file, cache)) for one in self.watched]
        cache.save()
        return found

    def cache(self) -> HashCache:
        """Hashes of files that were read before."""
        return HashCache.load(self.work.git.common_dir / "dslineage" / "cache" / "files.json")

    def declared(self, text: str, cache: HashCache) -> Watched:
        """What somebody says will be written."""
        catalog, root = self.work.catalog, self.work.root
        name, equals, path = text.partition("=")
        if not (equals and is_name(name)) or (self.work.here / text).exists():
            name, path = "", text
        file = catalog.pointer_of(path) if path in catalog.names() else None
        inside = "" if file else wanted([relative_to(root, self.work.here / path)])[0]
        file = file or catalog.pointer_at(inside)
        if file is not None:
            if name and name != file.pointer.dataset:
                raise UsageError(
                    f"{path} belongs to the data set {file.pointer.dataset!r}, not {name!r}",
                    kind="name-taken",
                )
            return self.recorded(file, cache, declared=True)
        refuse_links(root, inside)
        name = checked_name(name or stem(PurePosixPath(inside).name))
        taken = catalog.pointer_of(name)
        if taken is not None:
            raise UsageError(
                f"the data set {name!r} stands at {taken.path} already",
                kind="name-taken",
                hint=f"give the new one a name: -o ANOTHER={shlex.quote(path)}",
            )
        return Watched(name, inside, True, None, None, True, self._states(inside, None, cache))

    def recorded(self, file: PointerFile, cache: HashCache, *, declared: bool) -> Watched:
        """A data set that has a version."""
        return Watched(
            file.pointer.dataset,
            file.path,
            declared,
            file,
            self.work.catalog.record(file.pointer.id, file.pointer.dataset),
            state_of(self.work.root, file, cache) == "clean",
            self._states(file.path, file, cache),
        )

    def _states(self, path: str, file: PointerFile | None, cache: HashCache) -> States:
        return {
            name: FileState(cache.hash_of(self.work.root / name), _touched(self.work.root / name))
            for name in self._names(path, file)
            if (self.work.root / name).is_file()
        }

    def _names(self, path: str, file: PointerFile | None) -> Iterator[str]:
        root = self.work.root
        if file is not None:
            yield from (joined(file.folder, name) for name in current_names(root, file))
        elif (root / path).is_dir():
            with suppress(UsageError):
                found = data_files(root, [path], "folder")
                yield from (joined(found.folder, name) for name in found.names)
        else:
            yield path


def _hashes(states: States) -> dict[str, Digest]:
    return {path: state.sha256 for path, state in states.items()}


def _touched(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino
