"""Committing: what changed is recorded, then what is staged goes into one commit."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.errors import DslineageError, UsageError
from dslineage.records import POINTER_SUFFIX
from dslineage.results import CommitResult, DatasetStatus
from dslineage.verbs.adding import record
from dslineage.verbs.describing import info
from dslineage.verbs.measuring import complete
from dslineage.verbs.statuses import status_of
from dslineage.versions.publishing import recover, stage_measured
from dslineage.versions.recording import pointer_files
from dslineage.versions.references import VersionTarget

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.workspace import Workspace


def commit(
    work: Workspace,
    message: str,
    options: ReadOptions | None,
    report: Report | None,
    *,
    measure: bool,
) -> CommitResult:
    """Record every data set whose files changed, then commit; see `Repository.commit`."""
    _refuse_conflicts(work.git.unmerged_names())
    recover(work.git, work.store)
    made = []
    for status in status_of(work.catalog).datasets:
        if status.state == "modified":
            file = work.catalog.pointer_of(status.name)
            if file is not None:
                files = pointer_files(work.root, file)
                made.append(record(work, files, message, options, report, measure=measure))
    drafts = [status for status in status_of(work.catalog).datasets if status.draft]
    _refuse_differing(drafts)
    records = [
        target.record
        for name in sorted(draft.name for draft in drafts)
        if isinstance(target := work.resolve(f"{name}@latest"), VersionTarget)
    ]
    unmeasured = list(_unmeasured(work, records)) if measure else []
    stage_measured(work.git, records)
    if not work.git.staged_names():
        raise UsageError(
            "nothing changed: there is nothing to commit",
            kind="nothing-to-commit",
            hint="dslineage status",
        )
    done = work.git.commit(message)
    versions = tuple(info(work.catalog, record) for record in records)
    notices = [notice for one in made for notice in one.notices]
    return CommitResult(done, versions, (*notices, *unmeasured))


def _unmeasured(work: Workspace, records: Sequence[DatasetRecord]) -> Iterator[str]:
    """Measure the versions that nobody measured; why one could not be, which stops no commit."""
    for one in records:
        try:
            complete(work, [one])
        except DslineageError as error:
            yield error.message


def _refuse_conflicts(names: Sequence[str]) -> None:
    """Refuse to record anything while git has files in conflict, since nothing can be committed.

    Raises:
        UsageError: there are some.
    """
    if names:
        pointers = any(name.endswith(POINTER_SUFFIX) for name in names)
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise UsageError(
            f"{names[0]}{more}: in conflict; nothing was recorded or committed",
            kind="in-conflict",
            hint="dslineage merge" if pointers else "git status",
        )


def _refuse_differing(drafts: Sequence[DatasetStatus]) -> None:
    """Refuse to commit a version whose `.dvc` file brings other data to those who use DVC.

    Raises:
        UsageError: there is one.
    """
    for draft in drafts:
        for path in draft.dvc_differs:
            raise UsageError(
                f"{path} names other data than {draft.name} {draft.version}; nothing was committed",
                kind="dvc-differs",
                hint=f"dslineage add {shlex.quote(draft.files[0])}",
            )
