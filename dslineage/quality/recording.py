"""Recording what was measured of a version, as a child of its record."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError, NotFoundError
from dslineage.quality.judging import judged, scores_in
from dslineage.quality.measuring import Before, measure
from dslineage.records import MeasurementRecord
from dslineage.store.files import resource_errors, sweep, write_file
from dslineage.versions.catalog import MEASUREMENTS, Catalog
from dslineage.versions.executor import local_executor
from dslineage.versions.opening import open_version
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from dslineage.quality.judge import Judge, Score
    from dslineage.quality.profile import Profile
    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store
    from dslineage.versions.git import Git
    from dslineage.versions.stored import StoredSnapshot


def record_measurement(
    git: Git,
    store: Store,
    record: DatasetRecord,
    profile: Profile,
    *,
    created_at: str,
    tool: str,
    workers: int | None = None,
) -> tuple[MeasurementRecord, bool]:
    """Measure a version under a profile, record that and stage the record in git.

    Returns:
        the record, and whether it is new: what is measured already is not measured again.

    Raises:
        IntegrityError: an object is missing or damaged.
        UndecidableError: the text of an example was not kept.
    """
    catalog = Catalog(git)
    known = measured_under(catalog, record, profile)
    if known is not None:
        if known.path not in git.index_names(MEASUREMENTS):
            git.stage([known.path])
        return known, False
    store.prepare()
    snapshot = open_version(store, record)
    before = _before(catalog, store, record, profile)
    work = sum(file.size for file in record.files)
    with resource_errors(store.root), local_executor(workers, work_bytes=work) as executor:
        metrics = measure(snapshot, profile, executor, before=before)
    for judge in profile.judges:
        parent = _parent(catalog, store, record)
        scores = known_scores(catalog, record.dataset, judge)
        document, failure = judged(judge, snapshot, parent, scores)
        metrics[judge.id] = document
        if failure:
            profile = profile.failing(judge.name, failure)
    measurement = MeasurementRecord(
        dataset=record.dataset,
        version=record.label,
        subject=record.id,
        profile=profile.id,
        metrics=metrics,
        unmeasured=dict(profile.unavailable),
        created_at=created_at,
        tool=tool,
    )
    with store.lock():
        made = measured_under(Catalog(git), record, profile)
        if made is not None and made.metrics == metrics:
            return made, False
        if (git.root / record.path).exists():
            path = measurement.path
            refuse_links(git.root, path)
            sweep(git.root / path)
            write_file(git.root / path, measurement.to_bytes())
            git.stage([path])
    return measurement, True


def measured_under(
    catalog: Catalog, record: DatasetRecord, profile: Profile
) -> MeasurementRecord | None:
    """What was measured of a version under just this profile."""
    found = (one for one in catalog.measurements(record) if one.profile == profile.id)
    return next(found, None)


def known_scores(catalog: Catalog, dataset: str, judge: Judge) -> dict[str, Score]:
    """What a judge said of the examples of any version of a data set."""
    records = [one for v in catalog.versions(dataset) for one in catalog.measurements(v)]
    return scores_in(records, judge.id)


def _parent(catalog: Catalog, store: Store, record: DatasetRecord) -> StoredSnapshot | None:
    """The version before, where it can be opened."""
    for parent in record.parents[:1]:
        with suppress(IntegrityError, NotFoundError):
            return open_version(store, catalog.record(parent, record.dataset))
    return None


def _before(
    catalog: Catalog, store: Store, record: DatasetRecord, profile: Profile
) -> Before | None:
    """A parent that was measured in the same way, through the same adapter, and can be opened."""
    for parent in record.parents:
        before = catalog.record(parent, record.dataset)
        measurement = measured_under(catalog, before, profile)
        if measurement is not None and before.adapter == record.adapter:
            with suppress(IntegrityError):
                return Before(open_version(store, before), measurement)
    return None
