"""What a step made: counted against what it began with, then recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dslineage.lineage.ancestry import Examples
from dslineage.lineage.balance import balance
from dslineage.verbs.adding import record
from dslineage.versions.ingest import Inherited
from dslineage.versions.opening import adapter_of, open_version, plain_files
from dslineage.versions.options import ReadOptions, StoreMode
from dslineage.versions.references import FileTarget
from dslineage.versions.sides import open_plain

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord, StepRecord
    from dslineage.results import AddResult
    from dslineage.steps.watching import Watched
    from dslineage.store.links import Links
    from dslineage.store.store import Store
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace


def counted(
    work: Workspace,
    inputs: Sequence[DatasetRecord],
    outputs: Sequence[Watched],
    links: Links | None = None,
    report: Report | None = None,
) -> Mapping[str, int]:
    """What became of the examples of the inputs; see `Balance`. Only `out`, where there are none.

    The outputs are read as they will be recorded, and nothing is written but the cache.

    Raises:
        BadDataError: an output has faults.
        IntegrityError: an object of an input is missing or damaged.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dslineage-") as folder,
        plain_files(Path(folder) / "objects", work.store) as store,
    ):
        after = [_examples(work, store, one, report) for one in outputs]
        before = [Examples.of(open_version(store, one)) for one in inputs]
        if not before:
            return {"out": sum(len(one.digests) for one in after)}
        return balance(before, after, links).to_dict()


def recorded(
    work: Workspace,
    step: StepRecord,
    outputs: Sequence[Watched],
    *,
    measure: bool,
    report: Report | None = None,
) -> tuple[AddResult, ...]:
    """Record what a step made, one version for each data set, and the step with the first.

    Raises:
        LockedError: a data set has another version now than when the step began.
    """
    return tuple(
        record(
            work,
            one.files(work.root),
            step.message,
            _reading(one.version),
            report,
            measure=measure,
            step=step,
            onto=one.onto,
        )
        for one in outputs
    )


def _examples(work: Workspace, store: Store, one: Watched, report: Report | None) -> Examples:
    files, version = one.files(work.root), one.version
    target = FileTarget(work.root / files.folder, files.names, files.name, files.name)
    inherited = Inherited(adapter_of(version), version.key) if version else None
    return Examples.of(open_plain(store, target, _reading(version), inherited, report, work.here))


def _reading(version: DatasetRecord | None) -> ReadOptions:
    """How files are read: as those of the version before were."""
    if version is None:
        return ReadOptions()
    store = cast("StoreMode", version.store)
    return ReadOptions(quarantine=bool(version.quarantined), store=store)
