"""Which records a change adds, and which it takes away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from dslineage.errors import IntegrityError
from dslineage.lineage.entries import KINDS
from dslineage.records import DatasetRecord, Record
from dslineage.versions.catalog import RECORDS
from dslineage.versions.tree import Changed, Tree

TOLD = ("source", "mixture", "run", "model", "claim")
"""The kinds of records that a reviewer is told of by name."""

_ALL = f"{PurePosixPath(RECORDS).parent}/"


def added_records(tree: Tree, changes: Sequence[Changed], kind: str) -> list[Record]:
    """The records of a kind that are new, by path; damaged ones are faults, and told as such."""
    paths = [
        change.path
        for change in changes
        if change.after and not change.before and _kind(change.path) == kind
    ]
    found = []
    for path, data in zip(paths, tree.read(paths), strict=True):
        try:
            found.append(KINDS[kind].from_bytes(data, path))
        except IntegrityError:
            continue
    return found


def removed_records(changes: Sequence[Changed]) -> tuple[str, ...]:
    """The paths of the records that are gone."""
    gone = (change.path for change in changes if change.before and not change.after)
    return tuple(path for path in gone if _kind(path) in KINDS)


def versions_on_the_way(
    added: Sequence[DatasetRecord], end: DatasetRecord
) -> tuple[DatasetRecord, ...]:
    """Those of some versions from which one came, and itself, oldest first."""
    known = {record.id: record for record in added}
    found: dict[str, DatasetRecord] = {}
    todo = [end.id]
    while todo:
        record = known.get(todo.pop())
        if record is not None and record.id not in found:
            found[record.id] = record
            todo += record.parents
    return tuple(sorted(found.values(), key=lambda record: (record.number, record.id)))


def _kind(path: str) -> str:
    """The kind of the record at a path, or an empty text."""
    if not (path.startswith(_ALL) and path.endswith(".json")):
        return ""
    return path.removeprefix(_ALL).partition("/")[0]
