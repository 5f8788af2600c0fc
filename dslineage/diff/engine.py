"""The semantic diff of two snapshots: `diff_snapshots` for a result, `compare` for arrays."""

from __future__ import annotations

from dataclasses import replace

from dslineage.diff.compare import compare
from dslineage.diff.options import DiffOptions
from dslineage.diff.pairing import Parents
from dslineage.diff.report import report
from dslineage.diff.result import DiffResult
from dslineage.errors import UndecidableError
from dslineage.quality.side import Quality
from dslineage.versions.snapshot import Snapshot

__all__ = ["DiffOptions", "compare", "diff_snapshots", "report"]


def diff_snapshots(
    before: Snapshot,
    after: Snapshot,
    options: DiffOptions | None = None,
    *,
    parents: Parents | None = None,
    quality: Quality | None = None,
) -> DiffResult:
    """Compare two snapshots.

    Where the text of examples was never kept and is gone, none are drawn, and a notice says so.

    Args:
        before: the older side.
        after: the newer side.
        options: how to compare, and what to show.
        parents: what recorded steps made of what; see `compare`.
        quality: the metrics, and both sides as they were measured; None to leave metrics out.

    Raises:
        UsageError: an option names a field that neither side has.
        UndecidableError: that text is needed to pair examples, or to list the changes.
    """
    options = options or DiffOptions()
    comparison = compare(
        before,
        after,
        key=options.key,
        ignore=frozenset(options.ignore),
        parents=parents or {},
    )
    try:
        return report(comparison, options, quality)
    except UndecidableError as error:
        if options.rows or not options.samples:
            raise
        bare = report(comparison, replace(options, samples=0), quality)
        return replace(bare, notices=(*bare.notices, f"no examples are shown: {error.message}"))
