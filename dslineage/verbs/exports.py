"""Exports: a state of a data set, or a part of what changed between two, written as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.errors import UsageError
from dslineage.exporting import ExportResult, Output, Side, export_part, export_version
from dslineage.versions.references import is_label

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.diff.result import Change
    from dslineage.versions.options import ReadOptions
    from dslineage.workspace import Workspace


def export(
    work: Workspace,
    refs: Sequence[str],
    target: Output,
    only: Change | None,
    side: Side,
    without: Sequence[str],
    options: DiffOptions | None,
    read: ReadOptions | None,
) -> ExportResult:
    """Write a state, or a part of a diff, to a file; see `Repository.export`."""
    if only or without:
        with work.sides.opened(refs, read, None) as (before, after):
            return export_part(
                before, after, target, only=only, side=side, without=without, options=options
            )
    if len(refs) > 1 and not (refs[0] in work.catalog.names() and is_label(refs[1])):
        raise UsageError(
            "of two states, say what to write",
            hint=f"dslineage export {' '.join(refs)} --only added -o {target.path.name}",
        )
    with work.snapshot(*refs, read=read) as snapshot:
        return export_version(snapshot, target)
