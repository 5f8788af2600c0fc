"""The last step of a writer: the record, the pointer, and git's index, in that order.

What is about to happen is noted first, in git's own folder, so that the next writer can finish or
undo what a kill left in between. Everything here is done under the store's lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dslineage.disk import sync_directory
from dslineage.errors import DslineageError, IntegrityError
from dslineage.members import texts
from dslineage.records import POINTER_SUFFIX, DatasetRecord, Pointer, StepRecord, safe_path
from dslineage.store.files import resource_errors, sweep, write_file
from dslineage.store.staging import sweep_abandoned
from dslineage.versions.catalog import MEASUREMENTS, RECORDS, joined, measurement_files
from dslineage.versions.keeping import RECORD, is_cut_short, stage_rest
from dslineage.versions.worktree import DataFiles, ignore, refuse_links

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.git import Git


@dataclass(frozen=True, slots=True)
class Move:
    """A pointer's move to a version.

    `id` is the version's; `made` the path of its record where that is new, `replaced` that of
    the draft that goes, `step` that of the step that made the version, where that is new. All
    may be empty.
    """

    files: DataFiles
    id: str
    record: str
    made: str
    replaced: str
    step: str = ""

    @classmethod
    def to(
        cls,
        git: Git,
        files: DataFiles,
        record: DatasetRecord,
        replaced: DatasetRecord | None,
        step: StepRecord | None,
    ) -> Move:
        """The move that makes `record` the version of some files."""
        path = record.path
        made = "" if (git.root / path).exists() else path
        gone = "" if replaced is None or replaced.id == record.id else replaced.path
        new = step is not None and made and not (git.root / step.path).exists()
        return cls(files, record.id, path, made, gone, step.path if step and new else "")

    def to_bytes(self) -> bytes:
        """The note."""
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Move:
        """Read a note; an IntegrityError where it is none."""
        try:
            note = orjson.loads(data)
            files = note.pop("files")
            move = cls(DataFiles(**files | {"names": texts(files, "names")}), **note)
            _refuse_strange_paths(move)
        except (IntegrityError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise IntegrityError(
                f"{name} is damaged: an interrupted command cannot be finished",
                kind="damaged-note",
                hint=f"git status; rm {name}",
            ) from error
        return move


def _refuse_strange_paths(move: Move) -> None:
    """An IntegrityError, TypeError or ValueError where a note would have other files removed."""
    for path in (move.record, move.made, move.replaced, move.step):
        if path != "" and not RECORD.fullmatch(path):  # what is no text is a TypeError
            raise ValueError(f"{path!r} is no record")
    for path in (move.files.pointer, *move.files.names, move.files.folder or "x"):
        safe_path(path)
    if not move.files.pointer.endswith(POINTER_SUFFIX):
        raise ValueError(f"{move.files.pointer!r} is no pointer")


def move_pointer(
    git: Git,
    files: DataFiles,
    record: DatasetRecord,
    replaced: DatasetRecord | None = None,
    step: StepRecord | None = None,
) -> None:
    """Write a record, that of the step which made it, and its pointer; stage them.

    The caller holds the lock.

    Until the pointer is there, an error leaves everything as it was; from then on the version is
    recorded, and what is left to do is done by the next writer.
    """
    move = Move.to(git, files, record, replaced, step)
    for path in filter(None, (move.record, move.step, files.pointer)):
        refuse_links(git.root, path)
        sweep(git.root / path)
    write_file(_note(git), move.to_bytes())
    try:
        if step is not None and move.step:
            write_file(git.root / move.step, step.to_bytes())
        if move.made:
            write_file(git.root / move.made, record.to_bytes())
        write_file(git.root / files.pointer, Pointer.to(record).to_bytes())
    except BaseException:
        if not _arrived(git, move):
            _undo(git, move)
        raise
    try:
        _finish(git, move)
    except DslineageError as error:
        message = f"{error.message}; {record.dataset} {record.title} is recorded, but not staged"
        hint = f"{error.hint}; then run the same command again".removeprefix("; then ")
        raise type(error)(message, kind=error.kind, hint=hint) from error


def recover(git: Git, store: Store) -> None:
    """Finish or undo what a killed writer of this work tree left, and sweep what lies about."""
    with resource_errors(store.root):
        sweep_abandoned(store.temporary_folder)
    left = [*(git.root / RECORDS).parent.glob("*/*/.*.tmp")]
    if left or _note(git).exists() or is_cut_short(git):
        with store.lock():
            recover_locked(git)
            for path in left:
                path.unlink(missing_ok=True)
    git.settle()


def recover_locked(git: Git) -> None:
    """The same, for a caller that holds the lock."""
    stage_rest(git)
    note = _note(git)
    sweep(note)
    if not note.exists():
        return
    move = Move.from_bytes(note.read_bytes(), str(note))
    for path in filter(None, (move.record, move.step, move.files.pointer)):
        sweep(git.root / path)
    if _arrived(git, move):
        _finish(git, move)
    else:
        _undo(git, move)


def stage_version(git: Git, files: DataFiles, record: str, step: str = "") -> None:
    """Stage records, pointer and tracked data; have git ignore data that it does not track.

    Of a state of the past, the data is in the history already.
    """
    staged = [record, files.pointer, *filter(None, [step])]
    if files.base or files.past:
        git.stage(staged)
        return
    tracked = set(git.index_names(files.folder))
    folder = files.pointer.removesuffix(POINTER_SUFFIX)
    whole = (git.root / folder).is_dir()
    if whole and not any(name.startswith(f"{folder}/") for name in tracked):
        names = [Path(folder).name]
    else:
        names = list(files.names)
    for name in names:
        path = joined(files.folder, name)
        if path in tracked:
            staged.append(path)
        elif listing := ignore(git, path):
            staged.append(listing)
    git.stage(list(dict.fromkeys(staged)))


def stage_measured(git: Git, versions: Iterable[DatasetRecord]) -> None:
    """Stage what was measured of versions, where whoever measured them was killed before that."""
    measured = {name for one in versions for name, _ in measurement_files(git, one.path)}
    if forgotten := measured.difference(git.index_names(MEASUREMENTS)):
        git.stage(sorted(forgotten))


def _arrived(git: Git, move: Move) -> bool:
    try:
        data = (git.root / move.files.pointer).read_bytes()
        return Pointer.from_bytes(data, move.files.pointer).id == move.id
    except (OSError, IntegrityError):
        return False


def _finish(git: Git, move: Move) -> None:
    if move.replaced:
        measured = [name for name, _ in measurement_files(git, move.replaced)]
        for path in (*measured, move.replaced):
            git.unstage(path)
            (git.root / path).unlink(missing_ok=True)
    stage_version(git, move.files, move.record, move.step)
    _forget(git)


def _undo(git: Git, move: Move) -> None:
    for path in filter(None, (move.made, move.step)):
        (git.root / path).unlink(missing_ok=True)
    _forget(git)


def _note(git: Git) -> Path:
    return git.own_dir / "dslineage" / "unfinished.json"


def _forget(git: Git) -> None:
    note = _note(git)
    note.unlink(missing_ok=True)
    if note.parent.is_dir():
        sync_directory(note.parent)
