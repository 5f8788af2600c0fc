"""Which of DVC's files speak of the data of a data set, and whether they say what its pointer says.

Nothing here needs DVC, or changes anything but a cache.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from dslineage.dvcfiles.verdicts import Verdicts
from dslineage.errors import BadDataError, UsageError
from dslineage.lineage.dvcfile import LARGEST, SUFFIX, DvcCache, read_dvc_file
from dslineage.lineage.dvcstages import StageFile, read_stages
from dslineage.records import POINTER_SUFFIX
from dslineage.versions.catalog import PointerFile, joined
from dslineage.versions.filenames import SIDECARS, is_data

if TYPE_CHECKING:
    from dslineage.versions.git import Git

_LOCK = "dvc.lock"


@dataclass(frozen=True, slots=True)
class DvcPointer:
    """A `.dvc` file and the file or folder that it names, both relative to the repository.

    One with merge markers names nothing. What DVC imported belongs to where it came from.
    """

    path: str
    named: StageFile | None
    imported: bool = False

    @property
    def folder(self) -> str:
        """The folder that the `.dvc` file is in, empty for the top."""
        return _folder(self.path)


class StageOutput(NamedTuple):
    """What a stage made: the `dvc.lock` that says so, the stage, and its output."""

    lock: str
    stage: str
    named: StageFile


def dvc_pointers(root: Path, file: PointerFile) -> list[DvcPointer]:
    """The `.dvc` files that name data of a data set, or a folder that some of it is in."""
    paths = [] if file.base else file.data_paths()
    above = {str(one) for path in paths for one in PurePosixPath(path).parents} - {"."}
    found = []
    for path in sorted({*paths, *above}):
        where = root / f"{path}{SUFFIX}"
        if not where.is_file():
            continue
        try:
            with where.open("rb") as handle:
                named, imported = read_dvc_file(handle.read(LARGEST + 1), where.name)
        except BadDataError:
            found.append(DvcPointer(path + SUFFIX, None))
            continue
        named = replace(named, path=joined(_folder(path), named.path))
        if named.path == path:
            found.append(DvcPointer(path + SUFFIX, named, imported))
    return found


def agrees(root: Path, one: DvcPointer, file: PointerFile, verdicts: Verdicts) -> bool | None:
    """Whether a `.dvc` file names the data that a pointer names; None where that is not known."""
    named = one.named
    if named is None:
        return False
    entries = dict(zip(file.data_paths(), file.pointer.files, strict=True))
    if named.path in entries:
        return verdicts.same(entries[named.path], named, root / named.path)
    listed = _listed(root, one.folder, named)
    if listed is None:
        return None
    inner = {path for path in entries if path.startswith(f"{named.path}/")}
    whole = file.path.removesuffix(POINTER_SUFFIX) == named.path
    if inner - listed.keys() or (whole and any(map(_is_shown_data, listed.keys() - inner))):
        return False
    each = [verdicts.same(entries[path], listed[path], root / path) for path in sorted(inner)]
    return False if False in each else None if None in each else True


def differing(git: Git, file: PointerFile) -> list[str]:
    """The `.dvc` files of a data set that are known to name other data than its pointer."""
    beside = [one for one in dvc_pointers(git.root, file) if not one.imported]
    if not beside:
        return []
    verdicts = Verdicts.load(git)
    found = [one.path for one in beside if agrees(git.root, one, file, verdicts) is False]
    verdicts.save()
    return found


def lost_by(root: Path, one: DvcPointer) -> str:
    """What a folder's `.dvc` file would lose if DVC took what is there now, or an empty text.

    Files that are no data are in no version: who never pulled them does not have them.
    """
    if one.named is None or not one.named.is_folder:
        return ""
    listed = _listed(root, one.folder, one.named)
    if listed is None:
        return f"DVC's list of its files is not on this machine: dvc fetch {shlex.quote(one.path)}"
    gone = [path for path in sorted(listed) if not is_data(path) and not (root / path).exists()]
    folder = shlex.quote(one.named.path)
    return f"{gone[0]} is not there; to let it go: dvc add {folder}" if gone else ""


def stage_outputs(root: Path, paths: Collection[str]) -> Iterator[StageOutput]:
    """Which of some files and folders a stage made, as the `dvc.lock` files above them say."""
    folders = {str(one) for path in paths for one in PurePosixPath(path).parents}
    names = {PurePosixPath(path).name.encode() for path in paths}
    for folder in sorted("" if one == "." else one for one in folders):
        lock = joined(folder, _LOCK)
        where = root / lock
        if not where.is_file() or not any(name in where.read_bytes() for name in names):
            continue
        with suppress(BadDataError):  # DVC says what is wrong with its own file
            for stage in read_stages(where):
                for output in stage.outputs:
                    path = joined(folder, output.path)
                    if path in paths:
                        yield StageOutput(lock, stage.name, replace(output, path=path))


def refuse_inside(root: Path, pointer: str) -> None:
    """Refuse a pointer inside a folder that DVC keeps as a whole.

    DVC takes no folder that has a file of git's in it, and clears those that its stages make.

    Raises:
        UsageError: the pointer would stand in one.
    """
    above = [str(one) for one in PurePosixPath(pointer).parents if one.name]
    kept = {path: path + SUFFIX for path in above if (root / f"{path}{SUFFIX}").is_file()}
    kept |= {one.named.path: one.lock for one in stage_outputs(root, above)}
    for folder, keeper in kept.items():
        raise UsageError(
            f"{pointer} would stand in {folder}, which DVC keeps as a whole ({keeper}), and DVC "
            "keeps no folder that has a file of git's in it",
            kind="inside-dvc-folder",
            hint=f"dslineage add {shlex.quote(folder)}",
        )


def _listed(root: Path, folder: str, named: StageFile) -> dict[str, StageFile] | None:
    """The files of a folder by their paths in the repository, if DVC's list of them is here."""
    with suppress(BadDataError):  # DVC says what is wrong with its own files
        cache = DvcCache.of(root, folder)
        if named.is_folder and (path := cache.find(named)):
            listed = cache.listed(path, named)
            return {f"{named.path}/{name}": file for name, file in listed.items()}
    return None


def _is_shown_data(path: str) -> bool:
    """Whether a file of a folder would be one of its data set."""
    parts = PurePosixPath(path).parts
    hidden = any(part.startswith((".", "_")) for part in parts)
    return not hidden and parts[-1] not in SIDECARS and is_data(parts[-1])


def _folder(path: str) -> str:
    """The folder of a path, empty for the top."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent
