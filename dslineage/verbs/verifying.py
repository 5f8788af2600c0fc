"""Verifying: everything that is kept, hashed again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.lineage.checking import check_records
from dslineage.records import DatasetRecord, StepRecord
from dslineage.versions.verifying import verify_kept

if TYPE_CHECKING:
    from dslineage.versions.options import Report
    from dslineage.versions.verifying import VerifyResult
    from dslineage.workspace import Workspace


def verify(work: Workspace, report: Report | None, *, remote: bool) -> VerifyResult:
    """Check every record, pointer and object; see `Repository.verify`."""
    checked = check_records(work.git)
    versions, steps = checked.of(DatasetRecord), checked.of(StepRecord)
    kept = verify_kept(work.catalog, work.store, versions, steps, report, remote=remote)
    return replace(
        kept,
        records=checked.count,
        problems=(*checked.problems, *kept.problems),
        notices=checked.notices,
    )
