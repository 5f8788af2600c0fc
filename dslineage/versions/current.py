"""The current version of a data set: which it is, and whether a new one may replace it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dslineage.adapters.registry import adapter_id
from dslineage.errors import UsageError
from dslineage.records import POINTER_SUFFIX, DatasetRecord, Pointer
from dslineage.versions.catalog import Catalog
from dslineage.versions.ledger import Ledger

if TYPE_CHECKING:
    from dslineage.ids import Digest
    from dslineage.records import StepRecord
    from dslineage.versions.git import Git
    from dslineage.versions.ingest import Ingested
    from dslineage.versions.worktree import DataFiles


def current_version(git: Git, files: DataFiles) -> DatasetRecord | None:
    """The version that the data set's pointer names now.

    Raises:
        UsageError: the data set's name is taken by other files.
    """
    catalog = Catalog(git)
    path = files.pointer.removesuffix(POINTER_SUFFIX)
    named = catalog.pointer_of(files.name)
    if named is not None and named.path != files.pointer:
        raise UsageError(
            f"the data set {files.name!r} stands at {named.path} already",
            kind="name-taken",
            hint=f"dslineage add {shlex.quote(path)} --name ANOTHER",
        )
    where = git.root / files.pointer
    if not where.is_file():
        return None
    pointer = Pointer.from_bytes(where.read_bytes(), files.pointer)
    if pointer.dataset != files.name:
        raise UsageError(
            f"{files.pointer} belongs to the data set {pointer.dataset!r}, not {files.name!r}",
            kind="name-taken",
            hint=f"dslineage add {shlex.quote(path)} --name {pointer.dataset}",
        )
    return catalog.record(pointer.id, pointer.dataset)


def same_as(
    catalog: Catalog, current: DatasetRecord | None, ingested: Ingested, training_hash: Digest
) -> DatasetRecord | None:
    """The current version, or the one before where it is a draft, if that is what was read."""
    if current is None or _same(current, ingested, training_hash):
        return current
    if draft_of(catalog, current) is None or len(current.parents) != 1:
        return None
    before = catalog.record(current.parents[0], current.dataset)
    return before if _same(before, ingested, training_hash) else None


def _same(record: DatasetRecord, ingested: Ingested, training_hash: Digest) -> bool:
    return (
        record.files == ingested.entries
        and record.training_hash == training_hash
        and record.adapter == adapter_id(ingested.adapter)
        and record.key == ingested.key
    )


def draft_of(
    catalog: Catalog, current: DatasetRecord | None, step: StepRecord | None = None
) -> DatasetRecord | None:
    """The current version, if it may be replaced: not committed, and used by nothing.

    A version that a step made, or that a record names, is part of a lineage that has to stay whole.
    """
    if current is None or step or catalog.is_committed(current):
        return None
    if (current.generated_by or "").startswith("step:"):
        return None
    used = any(current.id in one.parents for one in catalog.versions(current.dataset))
    return None if used or Ledger(catalog).is_used(current) else current
