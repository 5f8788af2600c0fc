"""Applying: the edits of a sheet become a version, which names the step that made it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.reviewing.result import ApplyResult
from dslineage.reviewing.workbook import read_sheet
from dslineage.verbs.adding import record
from dslineage.verbs.measuring import complete
from dslineage.verbs.targets import untouched
from dslineage.versions.catalog import joined
from dslineage.versions.publishing import recover
from dslineage.versions.recording import pointer_files
from dslineage.writing import replaced, written

if TYPE_CHECKING:
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace


def apply(
    work: Workspace,
    path: Path,
    editor: str,
    message: str,
    accept: Collection[str],
    report: Report | None,
    *,
    partial: bool,
    measure: bool,
) -> ApplyResult:
    """Bring the edits of a sheet home as a new version; see `Repository.apply`."""
    recover(work.git, work.store)
    sheet = read_sheet(path)
    file, version = untouched(work.catalog, sheet.dataset)
    stamp = work.stamp(message or f"edits from {sheet.path.name}")
    applying = work.desk.applying(
        sheet, version, stamp, editor=editor, accept=accept, partial=partial
    )
    plan, made = applying.plan, None
    if plan.rows:
        store = work.store
        store.prepare()
        with ExitStack() as files:
            for new in applying.files:
                target = work.root / joined(file.folder, new.entry.path)
                form = str(new.entry.reader["format"])
                files.enter_context(
                    replaced(target, new.pieces)
                    if new.examples is None
                    else written(target, new.examples, form, store.temporary_folder)
                )
            made = record(
                work,
                pointer_files(work.root, file),
                stamp.message,
                applying.reading,
                report,
                measure=measure,
                step=applying.step,
            )
    elif measure:
        complete(work, [version])  # who applied them may have been killed before that
    return ApplyResult(
        version.dataset,
        None if made is None else made.version,
        len(plan.edits),
        len(plan.drops),
        plan.done,
        plan.editors,
        plan.faults,
        (*plan.notices, *(made.notices if made else ())),
    )
