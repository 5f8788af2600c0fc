"""Measuring versions that are recorded already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.quality.choosing import Consent
from dslineage.quality.custom import MetricError
from dslineage.results import MeasureResult
from dslineage.verbs.describing import info, show
from dslineage.versions.options import Progress
from dslineage.versions.publishing import recover, stage_measured

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace


def measure(
    work: Workspace,
    refs: Sequence[str],
    files: Sequence[Path | str],
    workers: int | None,
    report: Report | None,
    *,
    judges: bool,
) -> MeasureResult:
    """Measure versions under the profile, and record that; see `Repository.measure`."""
    recover(work.git, work.store)
    catalog = work.catalog
    versions = [show(work, [ref]) for ref in refs] or [
        info(catalog, record) for record in catalog.all_versions()
    ]
    meter = work.meter
    consent = Consent(work.trust, tuple(work.here / file for file in files), judges)
    meter.require_trust(consent)
    done = []
    failed: dict[tuple[str, str], str] = {}
    for place, version in enumerate(versions):
        if report is not None:
            report(Progress("measuring", place, len(versions)))
        profile = meter.profile(consent, version.record.dataset)
        measurement, new = meter.measure(version.record, profile, workers)
        done.append((replace(version, measurement=measurement), new))
        lacking = set(measurement.unmeasured) - set(profile.unavailable)
        failed |= {(version.title, name): measurement.unmeasured[name] for name in lacking}
    for (title, name), why in sorted(failed.items()):
        more = f"; and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise MetricError(
            f"{title}: {why}{more}; everything else is recorded",
            hint=f"dslineage metrics run, when {name} is mended",
        )
    return MeasureResult(tuple(version for version, _ in done), tuple(new for _, new in done))


def complete(work: Workspace, records: Iterable[DatasetRecord], workers: int | None = None) -> None:
    """Measure versions of which nothing was measured yet, and stage what was measured.

    Whoever recorded them was killed before, or left it to later.

    Raises:
        DslineageError: one could not be measured.
    """
    versions = list(records)
    for version in versions:
        if not work.catalog.measurements(version):
            work.meter.measure(version, work.profile_of(version.dataset), workers)
    stage_measured(work.git, versions)
