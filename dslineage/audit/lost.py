"""Records that were deleted from the work tree or damaged there, as git still has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import IntegrityError
from dslineage.lineage.entries import KINDS, Damage
from dslineage.lineage.entry import entry_of
from dslineage.records import ClaimRecord, MeasurementRecord, ModelRecord, Record

if TYPE_CHECKING:
    from dslineage.versions.git import Git

_RECORDS = ".dslineage/records"


class Lost(NamedTuple):
    """A record that cannot be read: where it was, what is wrong, and what it was, if git has it."""

    path: str
    message: str
    record: Record | None


def lost(git: Git, damaged: Sequence[Damage]) -> Iterator[Lost]:
    """The records that git has, and that are not in the work tree; and those damaged there."""
    head = git.head()
    known = {**dict.fromkeys(git.index_names(_RECORDS), "")}
    known |= dict.fromkeys(git.names_in(head, _RECORDS) if head else (), head or "")
    for path, commit in sorted(known.items()):
        if not (git.root / path).exists():
            record = _as_it_was(git, commit, path)
            if record is not None:
                yield Lost(path, f"{path} is in git, and was deleted here", record)
    for one in damaged:
        found = _as_it_was(git, known[one.path], one.path) if one.path in known else None
        yield Lost(one.path, one.error.message, found)


class Ties:
    """What ties records to the nodes of an audit, by id or by content."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._ids: set[str] = set()
        self._named: dict[str, str] = {}
        for record in records:
            self._ids.add(record.id)
            for link in entry_of(record).links:
                self._named.setdefault(link.edge.parent, link.edge.child)

    def of(self, record: Record) -> str | None:
        """The id of the node that a record is about, made by, or named by; None without one.

        A node that names it, by its id or by its content, rests on it.
        """
        match record:
            case ClaimRecord() | MeasurementRecord():
                return record.subject if self._has(record.subject) else None
            case ModelRecord() if record.generated_by and self._has(record.generated_by):
                return record.generated_by
        keys = (record.id, *entry_of(record).keys)
        return next((self._named[key] for key in keys if key in self._named), None)

    def _has(self, id_: str) -> bool:
        return id_ in self._ids or id_ in self._named


def _as_it_was(git: Git, commit: str, path: str) -> Record | None:
    """The record as git has it; None where that is none, or stands in another's place."""
    kind = KINDS.get(path.split("/")[2])
    data = git.read(commit, path)
    with suppress(IntegrityError):
        record = kind.from_bytes(data, path) if kind and data is not None else None
        return record if record is not None and record.path == path else None
    return None
