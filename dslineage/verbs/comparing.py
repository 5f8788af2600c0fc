"""Comparing two states of a data set, with what was recorded and measured of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.diff.engine import diff_snapshots
from dslineage.diff.options import DiffOptions
from dslineage.diff.recorded import RecordedDiff, recorded_diff
from dslineage.quality.side import Quality, Side
from dslineage.versions.ledger import Ledger, Parents
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult
    from dslineage.quality.profile import Profile
    from dslineage.store.store import Store
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.versions.references import VersionTarget
    from dslineage.versions.stored import StoredSnapshot
    from dslineage.workspace import Workspace


def diff(
    work: Workspace,
    refs: Sequence[str],
    options: DiffOptions | None,
    read: ReadOptions | None,
    report: Report | None,
    store: Store | None = None,
) -> DiffResult:
    """What changed between two states of a data set; see `Repository.diff`.

    `store` is where recorded versions are read, if that is not the workspace's own.
    """
    options = options or DiffOptions()
    sides = work.sides if store is None else replace(work.sides, store=store)
    with sides.opened(refs, read, report) as (before, after):
        quality = _quality(work, before, after, options) if options.metrics else None
        parents = _parents(work, before, after)
        return diff_snapshots(before, after, options, parents=parents, quality=quality)


def diff_of_records(
    work: Workspace, refs: Sequence[str], options: DiffOptions | None
) -> RecordedDiff:
    """What records say of the change between two versions; see `Repository.diff_of_records`."""
    return recorded_diff(work.catalog, *work.sides.versions(refs), options or DiffOptions())


def diff_of(
    work: Workspace,
    before: VersionTarget,
    after: VersionTarget,
    options: DiffOptions,
    profile: Profile,
) -> DiffResult:
    """What changed between two recorded versions, wherever their records are.

    Args:
        work: the workspace.
        before: the older one.
        after: the newer one.
        options: what to compare and to show.
        profile: the metrics; no setting of the work tree is read for it.

    Raises:
        IntegrityError: an object is missing or damaged.
    """
    records = before.record, after.record
    alike = records[0].dataset == records[1].dataset and records[0].label != records[1].label
    older, newer = (
        replace(
            open_version(work.store, one.record),
            commit=one.commit,
            label=one.record.label if alike else f"{one.record.dataset}@{one.record.digits[:8]}",
        )
        for one in (before, after)
    )
    quality = Quality(profile, Side.of(older, work.catalog), Side.of(newer, work.catalog))
    parents = _parents(work, older, newer)
    return diff_snapshots(older, newer, options, parents=parents, quality=quality)


def _parents(work: Workspace, before: StoredSnapshot, after: StoredSnapshot) -> Parents:
    """Which examples were made of which, as steps between two versions recorded it."""
    if before.recorded is None or after.recorded is None:
        return {}
    return Ledger(work.catalog).parents(before.recorded, after.recorded)


def _quality(
    work: Workspace, before: StoredSnapshot, after: StoredSnapshot, options: DiffOptions
) -> Quality:
    """Two states as they were measured; no code of the repository is run for it."""
    catalog = work.catalog
    named = [*options.names, options.why or ""]
    evals = any(name.startswith("contam[") for name in named)
    profile = work.meter.plain_profile(after.dataset, evals=evals)
    return Quality(profile, Side.of(before, catalog), Side.of(after, catalog))
