"""The merges that wait: pointers that git left in conflict, and one that somebody asked for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage.records import POINTER_SUFFIX, Pointer
from dslineage.store.files import write_file
from dslineage.versions.catalog import PointerFile, joined
from dslineage.versions.references import VersionTarget

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.git import Git
    from dslineage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Waiting:
    """Three versions that are to be merged, and the pointer as it is on our side.

    `in_git` says that git has the pointer in conflict.
    """

    file: PointerFile
    base: DatasetRecord
    ours: DatasetRecord
    theirs: DatasetRecord
    in_git: bool

    @property
    def conflict_file(self) -> str:
        """Where conflicts are written, relative to the repository."""
        return joined(self.file.folder, f"{self.ours.dataset}.conflicts.jsonl")


def conflicted(catalog: Catalog) -> list[Waiting]:
    """The data sets whose pointers git has in conflict."""
    names = [name for name in catalog.git.unmerged_names() if name.endswith(POINTER_SUFFIX)]
    return [_from_index(catalog, name) for name in names]


def _from_index(catalog: Catalog, path: str) -> Waiting:
    stages = [catalog.git.read(f":{stage}", path) for stage in (1, 2, 3)]
    if None in stages:
        what = "began it anew on each side" if stages[0] is None else "was removed on one side"
        raise UsageError(
            f"{path}: the data set {what}, so there is nothing to merge by",
            kind="no-base",
            hint=f"git checkout --ours -- {shlex.quote(path)} (or --theirs), then dslineage add",
        )
    base, ours, theirs = (Pointer.from_bytes(data or b"", path) for data in stages)
    if len({one.dataset for one in (base, ours, theirs)}) > 1:
        raise UsageError(f"{path} names several data sets", kind="other-data-set")
    records = [catalog.record(one.id, one.dataset) for one in (base, ours, theirs)]
    was, mine, yours = records
    return Waiting(PointerFile(path, ours), was, mine, yours, in_git=True)


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
    mine, yours = _line(catalog, ours), _line(catalog, theirs)
    if theirs.id in mine:
        raise UsageError(f"{theirs.title} is in {ours.title} already", kind="already-merged")
    if ours.id in yours:
        raise UsageError(
            f"{theirs.title} came from {ours.title}: there is nothing to merge",
            kind="fast-forward",
            hint=f"dslineage checkout {theirs.dataset} {theirs.label}",
        )
    common = [record for id_, record in mine.items() if id_ in yours]
    if not common:
        raise UsageError(f"{ours.title} and {theirs.title} have no common version", kind="no-base")
    base = max(common, key=lambda record: (record.number, record.id))
    return Waiting(file, base, ours, theirs, in_git=False)


def _line(catalog: Catalog, record: DatasetRecord) -> dict[str, DatasetRecord]:
    """A version and all before it, by id."""
    found: dict[str, DatasetRecord] = {}
    todo = [record]
    while todo:
        one = todo.pop()
        if one.id not in found:
            found[one.id] = one
            todo += [catalog.record(parent, one.dataset) for parent in one.parents]
    return found


def remembered(catalog: Catalog) -> Iterator[Waiting]:
    """The merge that somebody asked for and whose conflicts wait, if there is one."""
    note = _note(catalog.git)
    if not note.exists():
        return
    try:
        said = orjson.loads(note.read_bytes())
        ids = [said[name] for name in ("base", "ours", "theirs")]
        base, ours, theirs = (catalog.record(id_, said["dataset"]) for id_ in ids)
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
    yield Waiting(file, base, ours, theirs, in_git=False)


def remember(git: Git, waiting: Waiting) -> None:
    """Note a merge whose conflicts wait, so that it can be continued."""
    note = {
        "dataset": waiting.ours.dataset,
        "base": waiting.base.id,
        "ours": waiting.ours.id,
        "theirs": waiting.theirs.id,
    }
    write_file(_note(git), orjson.dumps(note))


def forget(git: Git) -> None:
    """Remove the note."""
    _note(git).unlink(missing_ok=True)


def _note(git: Git) -> Path:
    return git.own_dir / "dslineage" / "merge.json"
