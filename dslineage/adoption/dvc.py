"""DVC: the `.dvc` and `dvc.lock` files that git keeps, and the objects of DVC's cache they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from dslineage.adoption.blobs import size_of
from dslineage.adoption.state import Content, Missing, Unreadable, placed
from dslineage.errors import BadDataError
from dslineage.lineage.dvcfile import LARGEST, DvcCache, read_dvc_file
from dslineage.lineage.dvcstages import HUGE, StageFile, stages_of
from dslineage.versions.catalog import joined

if TYPE_CHECKING:
    from dslineage.versions.git import Git


@dataclass(frozen=True, slots=True)
class DvcOutput(Content):
    """A file or folder that DVC keeps, by its MD5; `legacy` as `StageFile` has it.

    `folder` is that of the `.dvc` file, relative to the repository.
    """

    keeper: ClassVar[str] = "dvc"
    folder: str
    legacy: bool

    def unpack(self, git: Git, target: Path) -> None:
        """Put the file or folder there, if all of it is on this machine and whole."""
        cache = DvcCache.of(git.root, self.folder)
        if not self._file.is_folder:
            placed(_found(cache, self._file), target)
            return
        target.mkdir()
        for name, file in cache.listed(_found(cache, self._file), self._file).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            placed(_found(cache, file), target / name)

    def missing(self, git: Git) -> Iterator[Missing]:
        """The object, or a folder's list or files."""
        cache = DvcCache.of(git.root, self.folder)
        if not cache.places(self.id):
            yield _missing(self._file)
        elif self._file.is_folder and (path := cache.find(self._file)):
            with suppress(BadDataError):  # of a damaged list, `unpack` says so
                files = cache.listed(path, self._file).values()
                yield from (_missing(file) for file in files if not cache.places(str(file.md5)))

    @property
    def _file(self) -> StageFile:
        return StageFile("", self.id, legacy=self.legacy)


def dvc_content(git: Git, blob: str, path: str) -> DvcOutput | Unreadable:
    """What a `.dvc` file names.

    Args:
        git: the repository.
        blob: the file's blob.
        path: where it stood, relative to the repository.
    """
    if size_of(git, blob) > LARGEST:
        return Unreadable(f"{path} is too large for a file of DVC's")
    try:
        named = read_dvc_file(git.ask(["cat-file", "blob", blob]), path).output
    except BadDataError as error:
        return Unreadable(error.message)
    if named.md5 is None:
        return Unreadable(f"{path} names no data by its MD5")
    return DvcOutput(named.md5, _folder(path), named.legacy)


def output_content(git: Git, blob: str, lock: str, path: str) -> DvcOutput | Unreadable | None:
    """What a stage made at a path, as a `dvc.lock` says; None where it says nothing.

    Args:
        git: the repository.
        blob: the blob of the `dvc.lock`.
        lock: where it stood, relative to the repository.
        path: the output, likewise.
    """
    if size_of(git, blob) > HUGE:
        return Unreadable(f"{lock} is too large for a dvc.lock")
    try:
        stages = stages_of(git.ask(["cat-file", "blob", blob]), lock)
    except BadDataError as error:
        return Unreadable(error.message)
    for output in (output for stage in stages for output in stage.outputs):
        if output.md5 is not None and joined(_folder(lock), output.path) == path:
            return DvcOutput(output.md5, _folder(lock), output.legacy)
    return None


def _folder(path: str) -> str:
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent


def _found(cache: DvcCache, file: StageFile) -> Path:
    """Where an object is that is whole."""
    path = cache.find(file)
    if path is None:
        raise _missing(file).error
    return path


def _missing(file: StageFile) -> Missing:
    return Missing(f"DVC's object {str(file.md5)[:12]}", "dvc fetch --all-commits")
