"""Checkouts: the files of versions, brought back to where their pointers stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.dvcfiles.following import follow
from dslineage.errors import NotFoundError
from dslineage.results import CheckoutResult
from dslineage.verbs.describing import info
from dslineage.versions.references import VersionTarget
from dslineage.versions.restoring import check_out
from dslineage.versions.worktree import HashCache

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.workspace import Workspace


def checkout(work: Workspace, refs: Sequence[str], *, force: bool) -> CheckoutResult:
    """Write the files of a version, or those that pointers name; see `Repository.checkout`."""
    if not refs:
        files = work.catalog.pointers_about(None)
        targets = [work.resolve(f"{file.pointer.dataset}@latest") for file in files]
    else:
        targets = [work.resolve("@".join(refs))]
    cache = HashCache.load(work.git.common_dir / "dslineage" / "cache" / "files.json")
    written: list[Path] = []
    versions = []
    for target in targets:
        if not isinstance(target, VersionTarget):
            raise NotFoundError(f"{refs[0]} is no recorded version", kind="not-recorded")
        written += check_out(work.git, work.store, target.record, cache, force=force)
        versions.append(info(work.catalog, target.record))
    cache.save()
    notices = [sentence for version in versions for sentence in _followed(work, version.record)]
    for broken in () if refs else work.catalog.broken_pointers():
        raise broken.error
    return CheckoutResult(tuple(written), tuple(versions), tuple(notices))


def _followed(work: Workspace, record: DatasetRecord) -> tuple[str, ...]:
    """What becomes of DVC's files beside a data set that was checked out."""
    file = work.catalog.pointer_of(record.dataset)
    return follow(work.git, file) if file is not None else ()
