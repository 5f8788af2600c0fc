"""The semantic diff of two snapshots: `diff_snapshots` for a result, `compare` for arrays."""

from __future__ import annotations

from dslineage.diff.compare import compare
from dslineage.diff.options import DiffOptions
from dslineage.diff.pairing import Parents
from dslineage.diff.report import report
from dslineage.diff.result import DiffResult
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

    Args:
        before: the older side.
        after: the newer side.
        options: how to compare, and what to show.
        parents: what recorded steps made of what; see `compare`.
        quality: the metrics, and both sides as they were measured; None to leave metrics out.

    Raises:
        UsageError: an option names a field that neither side has.
    """
    options = options or DiffOptions()
    comparison = compare(
        before,
        after,
        key=options.key,
        ignore=frozenset(options.ignore),
        parents=parents or {},
    )
    return report(comparison, options, quality)
