"""Verifying: everything that is kept, hashed again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.lineage.checking import check_records
from dslineage.records import DatasetRecord, StepRecord
from dslineage.versions.checkpoint import Checkpoint
from dslineage.versions.denying import forgotten_notices
from dslineage.versions.verifying import verify_kept

if TYPE_CHECKING:
    from dslineage.versions.options import Report
    from dslineage.versions.verified import Scope, VerifyResult
    from dslineage.workspace import Workspace


def verify(
    work: Workspace,
    report: Report | None,
    scope: Scope,
    *,
    urls: bool,
    checkpoint: Checkpoint | None = None,
) -> VerifyResult:
    """Check every record, pointer and object; see `Questions.verify`.

    Args:
        work: the repository.
        report: called as the work goes on.
        scope: which objects are hashed.
        urls: whether files behind URLs are read, too.
        checkpoint: what was hashed already, where another verification was just made.
    """
    checked = check_records(work.git)
    store = work.store
    kept = verify_kept(
        work.catalog,
        store,
        checked.of(DatasetRecord),
        checked.of(StepRecord),
        checkpoint or checkpoint_of(work, "here", scope),
        report,
        sample=scope.sample,
        urls=urls,
    )
    return replace(
        kept,
        records=checked.count,
        problems=(*checked.problems, *kept.problems),
        notices=(*checked.notices, *forgotten_notices(work.git, work.store, counted=True)),
    )


def checkpoint_of(work: Workspace, place: str, scope: Scope) -> Checkpoint:
    """What was hashed of this repository (`here`), or of a remote."""
    return Checkpoint.load(work.store.root / "cache" / "verified" / f"{place}.jsonl", scope)
