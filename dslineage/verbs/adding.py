"""Adding: files, or examples from memory, in; a version out, recorded and measured."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.dvcfiles.beside import refuse_inside
from dslineage.dvcfiles.following import follow
from dslineage.lineage.registry import Registry
from dslineage.lineage.sources import link_source, source_named
from dslineage.quality.custom import MetricError
from dslineage.quality.measurer import ChunkMeasurer
from dslineage.records import Pointer
from dslineage.results import AddResult
from dslineage.verbs.describing import info
from dslineage.verbs.noted import change, shared_files
from dslineage.verbs.targets import own_target
from dslineage.versions.catalog import PointerFile, relative_to
from dslineage.versions.ledger import Ledger
from dslineage.versions.options import ReadOptions
from dslineage.versions.recording import record_version
from dslineage.versions.remote import is_url, remote_files
from dslineage.versions.sidecar import dataset_info
from dslineage.versions.worktree import DataFiles, data_files, wanted
from dslineage.writing import written

if TYPE_CHECKING:
    from dslineage.quality.profile import Profile
    from dslineage.records import SourceRecord, StepRecord
    from dslineage.versions.options import Report
    from dslineage.versions.recording import Recorded, Stamp
    from dslineage.workspace import Workspace


def add(
    work: Workspace,
    paths: Path | str | Sequence[Path | str],
    name: str | None,
    message: str,
    options: ReadOptions | None,
    report: Report | None = None,
    *,
    measure: bool,
    source: str | None = None,
) -> AddResult:
    """Record the state of files as a new version; see `Repository.add`."""
    if isinstance(paths, str | Path):
        paths = [paths]
    if any(is_url(str(path)) for path in paths):
        folder = relative_to(work.root, work.here)
        remote = remote_files(list(map(str, paths)), "" if folder == "." else folder, name)
        return record(work, remote, message, options, report, measure=measure, source=source)
    inside = wanted([relative_to(work.root, work.here / path) for path in paths])
    catalog = work.catalog
    known = catalog.pointer_at(inside[0]) if len(inside) == 1 and name is None else None
    chosen = known.pointer.dataset if known else name
    files = replace(data_files(work.root, inside, chosen), named=name is not None)
    result = record(work, files, message, options, report, measure=measure, source=source)
    return replace(result, notices=(*result.notices, *shared_files(catalog, files)))


def write(
    work: Workspace,
    name: str,
    rows: Iterable[Mapping[str, Any]],
    path: Path | str | None,
    message: str,
    options: ReadOptions | None,
    *,
    measure: bool,
) -> AddResult:
    """Write examples to a data set's file, and record that; see `Repository.write`."""
    target, form = own_target(work.catalog, work.store, work.here, name, path)
    store = work.store
    store.prepare()
    with written(target, rows, form, store.temporary_folder):
        return add(work, [target], name, message, options, measure=measure)


def record(
    work: Workspace,
    files: DataFiles,
    message: str,
    options: ReadOptions | None,
    report: Report | None,
    *,
    measure: bool,
    step: StepRecord | None = None,
    onto: str | None = None,
    source: str | None = None,
    stamp: Stamp | None = None,
    merged: str = "",
) -> AddResult:
    """Record the files of a data set as a version, and what is measured of it.

    Args:
        work: the repository.
        files: the data set.
        message: why the version was made.
        options: how the files are read and kept.
        report: called as the work goes on.
        measure: whether the metrics of the profile are measured.
        step: what made the files.
        onto: the version that was current when the step began; see `record_version`.
        source: the name of the source that the files come from. Of a version that is recorded
            already, a claim says so.
        stamp: who made the version, when and why, where it is not the user, now.
        merged: the id of the version that is merged into the current one; see `record_version`.
    """
    origin = source_named(Registry(work.catalog), source) if source is not None else None
    refuse_inside(work.root, files.pointer)
    options = options or ReadOptions()
    if options.info is None and not files.base:
        options = replace(options, info=dataset_info(work.root / files.folder, files.names))
    if options.media_dir is not None:
        media = os.path.relpath(work.here / options.media_dir, work.root / files.folder)
        options = replace(options, media_dir=Path(media).as_posix())
    profile = work.profile_of(files.name) if measure else None
    stamp = stamp or work.stamp(message)
    done, profile = _recorded(
        work, files, stamp, options, profile, report, step, onto, origin, merged
    )
    version = info(work.catalog, done.record)
    notices = done.notices
    if origin is not None and done.record.generated_by != origin.id:
        link = link_source(Registry(work.catalog), work.store, origin, done.record, work.stamp(""))
        notices += (f"{link.said} {link.version.title} comes from source:{origin.name}",)
    if profile is not None:
        measurement, _ = work.meter.measure(done.record, profile, options.workers)
        version = replace(version, measurement=measurement)
        unavailable = sorted(measurement.unmeasured.items())
        notices += tuple(f"{metric} is not measured: {why}" for metric, why in unavailable)
    if not files.past:
        notices += follow(work.git, PointerFile(files.pointer, Pointer.to(done.record)))
    return AddResult(
        version=version,
        pointer=done.pointer,
        unchanged=done.unchanged,
        new_rows=done.new_rows,
        saw=done.saw,
        notices=notices,
    )


def _recorded(
    work: Workspace,
    files: DataFiles,
    stamp: Stamp,
    options: ReadOptions,
    profile: Profile | None,
    report: Report | None,
    step: StepRecord | None,
    onto: str | None,
    origin: SourceRecord | None,
    merged: str,
) -> tuple[Recorded, Profile | None]:
    """Record a version, its new examples measured on the way; a metric that fails is left out.

    Returns:
        what was recorded, and the profile without the metrics that failed.
    """
    if profile is not None:
        options = replace(options, measurer=ChunkMeasurer(tuple(profile.measured)))
    try:
        done = record_version(
            work.git,
            work.store,
            files,
            options,
            stamp,
            functools.partial(change, parents=Ledger(work.catalog).derived(step) if step else None),
            report,
            work.here,
            step,
            onto,
            source=origin.id if origin else None,
            merged=merged,
        )
    except MetricError as error:
        if profile is None:
            raise
        profile = profile.failing(error.metric, error.message)
        return _recorded(work, files, stamp, options, profile, report, step, onto, origin, merged)
    return done, profile
