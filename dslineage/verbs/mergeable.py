"""The merges that wait: pointers that git left in conflict, and one that somebody asked for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage.merging.bases import Line, common_versions
from dslineage.records import POINTER_SUFFIX, Pointer
from dslineage.store.files import write_file
from dslineage.versions.catalog import PointerFile, joined, measurement_files
from dslineage.versions.ledger import STEPS
from dslineage.versions.recordsearch import found_record, line_of
from dslineage.versions.references import VersionTarget
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.git import Git
    from dslineage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Waiting:
    """Two versions that are to be merged, and the pointer as it is on our side.

    `bases` are what they are merged by, mostly one version; `line` is all that they came from.
    `joined` says that theirs is a parent of the merge: all that it has beside the bases comes in.
    A cherry-pick or a revert brings a change alone. `in_git` says that git has the pointer in
    conflict.
    """

    file: PointerFile
    bases: tuple[DatasetRecord, ...]
    ours: DatasetRecord
    theirs: DatasetRecord
    line: Line
    joined: bool
    in_git: bool

    @property
    def conflict_file(self) -> str:
        """Where conflicts are written, relative to the repository."""
        return conflict_file(self.file.path, self.ours.dataset)

    @property
    def size(self) -> int:
        """About how many bytes a merge writes: copies of our files, and all examples of both."""
        ours, theirs = (sum(file.size for file in one.files) for one in (self.ours, self.theirs))
        return 2 * ours + theirs


def conflict_file(pointer: str, dataset: str) -> str:
    """Where the conflicts of a data set are written: beside its pointer."""
    parent, _, _ = pointer.rpartition("/")
    return joined(parent, f"{dataset}.conflicts.jsonl")


def conflicted(catalog: Catalog) -> list[Waiting]:
    """The data sets whose pointers git has in conflict.

    Raises:
        UsageError: one of them has nothing to be merged by.
        NotFoundError: the record of a version is nowhere.
    """
    return [_from_index(catalog, name) for name in conflicted_names(catalog.git)]


def conflicted_names(git: Git) -> dict[str, str]:
    """The pointers that git has in conflict, and their data sets, empty where ours is none."""
    found = {}
    for name in git.unmerged_names():
        if name.endswith(POINTER_SUFFIX):
            try:
                found[name] = Pointer.from_bytes(git.read(":2", name) or b"", name).dataset
            except IntegrityError:
                found[name] = ""
    return found


def _from_index(catalog: Catalog, path: str) -> Waiting:
    stages = [catalog.git.read(f":{stage}", path) for stage in (1, 2, 3)]
    if None in stages:
        raise _one_sided(path, stages)
    ours, theirs = (Pointer.from_bytes(data or b"", path) for data in stages[1:])
    try:
        base = Pointer.from_bytes(stages[0] or b"", path)
    except IntegrityError:
        base = None  # what git makes of several bases has its marks in it
    if ours.dataset != theirs.dataset:
        raise UsageError(
            f"{path} is of {ours.dataset} in ours and of {theirs.dataset} in theirs: a data set "
            "with another name is not merged",
            kind="other-data-set",
            hint=_take_one(path),
        )
    mine, yours = (_recorded(catalog.git, one, path) for one in (ours, theirs))
    waiting = _waiting(catalog.git, PointerFile(path, ours), base, mine, yours, in_git=True)
    if not waiting.bases:
        raise UsageError(
            f"{path}: the two versions have no common version", kind="no-base", hint=_take_one(path)
        )
    return waiting


def _waiting(
    git: Git,
    file: PointerFile,
    base: Pointer | None,
    ours: DatasetRecord,
    theirs: DatasetRecord,
    *,
    in_git: bool,
) -> Waiting:
    """By what two versions are merged: what git says, where they did not both come from that."""
    lines = [{record.id: record for record, _ in line_of(git, one)} for one in (ours, theirs)]
    if base is None or all(base.id in line for line in lines):
        bases, joined_ = common_versions(*lines), True
    else:
        bases, joined_ = (_recorded(git, base, file.path),), False
    line = {record.id: record for one in bases for record, _ in line_of(git, one)}
    return Waiting(file, bases, ours, theirs, lines[0] | lines[1] | line, joined_, in_git)


def _one_sided(path: str, stages: Sequence[bytes | None]) -> UsageError:
    """Why a pointer without all three sides is not merged, and how it is settled."""
    name = shlex.quote(path)
    base, ours, _ = stages
    if base is None:
        what, hint = "the data set began anew on each side", _take_one(path)
    else:
        gone, side = ("ours", "theirs") if ours is None else ("theirs", "ours")
        what = f"the data set was removed or renamed in {gone}, and changed in {side}"
        keep = f"git checkout --{side} -- {name} && git add {name} && dslineage checkout"
        hint = f"git rm {name}, or to keep it: {keep}"
    return UsageError(f"{path}: {what}: nothing to merge by", kind="no-base", hint=hint)


def _take_one(path: str) -> str:
    name = shlex.quote(path)
    return f"git checkout --ours -- {name} (or --theirs), git add {name}, dslineage checkout"


def _recorded(git: Git, pointer: Pointer, path: str) -> DatasetRecord:
    found = found_record(git, pointer.id, pointer.dataset)
    if found is None:
        raise NotFoundError(
            f"{path} names {pointer.dataset} {pointer.version}, whose record is in no commit here",
            kind="missing-record",
            hint="git fetch --unshallow, or git fetch of the branch that it was made on",
        )
    return found[0]


def bring_back(git: Git, waiting: Waiting) -> None:
    """Put the records that the versions stand on into the work tree, and stage them.

    A cherry-pick leaves out what came before the picked commit, and a revert takes records away.
    """
    new = {}
    for version in (*waiting.bases, waiting.ours, waiting.theirs):
        for record, commit in line_of(git, version):
            if commit:
                names = [name for name, _ in measurement_files(git, record.path, commit)]
                made_by = f"-{(record.generated_by or '').rpartition(':')[2][:12]}.json"
                steps = git.names_in(commit, f"{STEPS}/{record.dataset}")
                names += [name for name in steps if name.endswith(made_by)]
                new[record.path] = record.to_bytes()
                new |= {name: git.read(commit, name) or b"" for name in names}
    for name, data in new.items():
        refuse_links(git.root, name)
        if not (git.root / name).exists():
            write_file(git.root / name, data)
    if new:
        git.stage(sorted(new))


def asked_for(work: Workspace, refs: Sequence[str]) -> Waiting:
    """The merge of a version into the current one of its data set.

    Raises:
        UsageError: there is nothing to merge, or no version that both came from.
    """
    target = work.resolve("@".join(refs))
    if not isinstance(target, VersionTarget):
        raise NotFoundError(f"{refs[-1]} is no recorded version", kind="not-recorded")
    theirs, catalog = target.record, work.catalog
    if target.commit:
        raise UsageError(
            f"{theirs.dataset} {theirs.title} is on a branch that was not merged",
            kind="other-branch",
            hint=f"git merge {shlex.quote(refs[-1])}, and dslineage merge where it stops",
        )
    file = catalog.pointer_of(theirs.dataset)
    if file is None:
        raise NotFoundError(f"no pointer names {theirs.dataset}", kind="missing-pointer")
    ours = catalog.record(file.pointer.id, theirs.dataset)
    waiting = _waiting(catalog.git, file, None, ours, theirs, in_git=False)
    if theirs in waiting.bases:
        raise UsageError(f"{theirs.title} is in {ours.title} already", kind="already-merged")
    if ours in waiting.bases:
        raise UsageError(
            f"{theirs.title} came from {ours.title}: there is nothing to merge",
            kind="fast-forward",
            hint=f"dslineage checkout {theirs.dataset} {theirs.label}",
        )
    if not waiting.bases:
        raise UsageError(f"{ours.title} and {theirs.title} have no common version", kind="no-base")
    return waiting


def remembered(catalog: Catalog) -> Iterator[Waiting]:
    """The merge that somebody asked for and whose conflicts wait, if there is one."""
    note = _note(catalog.git)
    if not note.exists():
        return
    try:
        said = orjson.loads(note.read_bytes())
        ids = [said[name] for name in ("ours", "theirs")]
        ours, theirs = (catalog.record(id_, said["dataset"]) for id_ in ids)
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{note} is damaged", kind="damaged-note", hint=f"rm {note}"
        ) from error
    file = catalog.pointer_of(ours.dataset)
    if file is None or file.pointer.id != ours.id:
        raise UsageError(
            f"{ours.dataset} is not at {ours.title} any more, into which a merge began",
            kind="overtaken",
            hint="dslineage merge --abort",
        )
    yield _waiting(catalog.git, file, None, ours, theirs, in_git=False)


def remembered_file(catalog: Catalog) -> list[str]:
    """The conflict file of the merge that somebody asked for; none where that cannot be known."""
    try:
        dataset = str(orjson.loads(_note(catalog.git).read_bytes())["dataset"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [
        conflict_file(file.path, dataset)
        for file in catalog.pointers()
        if file.pointer.dataset == dataset
    ]


def remember(git: Git, waiting: Waiting) -> None:
    """Note a merge whose conflicts wait, so that it can be continued."""
    note = {
        "dataset": waiting.ours.dataset,
        "ours": waiting.ours.id,
        "theirs": waiting.theirs.id,
    }
    write_file(_note(git), orjson.dumps(note))


def forget(git: Git) -> None:
    """Remove the note."""
    _note(git).unlink(missing_ok=True)


def _note(git: Git) -> Path:
    return git.own_dir / "dslineage" / "merge.json"
