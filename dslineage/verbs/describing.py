"""What is said of recorded versions: what each is, whether it is a draft, what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.errors import NotFoundError
from dslineage.lineage.beside import beside
from dslineage.lineage.registry import Registry
from dslineage.results import LogResult, VersionInfo
from dslineage.versions.references import VersionTarget

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.catalog import Catalog
    from dslineage.workspace import Workspace


def info(catalog: Catalog, record: DatasetRecord) -> VersionInfo:
    """A version, without what was measured of it."""
    return VersionInfo(record, record.path, draft=not catalog.is_committed(record))


def recorded(work: Workspace, refs: Sequence[str]) -> VersionTarget:
    """The recorded version that references name, by default the current one.

    Raises:
        NotFoundError: they name none.
    """
    text = "@".join(refs) if refs else "latest"
    target = work.resolve(text)
    if not isinstance(target, VersionTarget):
        raise NotFoundError(
            f"{text} is no recorded version",
            kind="not-recorded",
            hint=f"dslineage add {text}",
        )
    return target


def show(work: Workspace, refs: Sequence[str]) -> VersionInfo:
    """The version that references name; see `Repository.show`."""
    target = recorded(work, refs)
    [found] = _beside(work, [info(work.catalog, target.record)])
    found = _measured(found, work.catalog, target.commit)
    return replace(found, draft=found.draft and not target.commit)


def log(work: Workspace, dataset: str | None, metric: str | None) -> LogResult:
    """The versions of one data set or of all, newest first; see `Repository.log`."""
    catalog = work.catalog
    if dataset is not None and dataset not in catalog.names():
        raise NotFoundError(
            f"there is no data set {dataset!r}",
            kind="unknown-dataset",
            hint=f"one of: {', '.join(catalog.names())}" if catalog.names() else "",
        )
    names = [dataset] if dataset else catalog.names()
    records = [record for name in names for record in reversed(catalog.versions(name))]
    infos = _beside(work, [info(catalog, record) for record in records])
    if metric is None:
        return LogResult(tuple(infos))
    measured = tuple(_measured(one, catalog) for one in infos)
    if not any(metric in one.metrics for one in measured):
        raise NotFoundError(
            f"no version was measured under a metric {metric!r}",
            kind="unknown-metric",
            hint="dslineage metrics list; dslineage metrics run",
        )
    return LogResult(measured, metric)


def _beside(work: Workspace, versions: Sequence[VersionInfo]) -> list[VersionInfo]:
    """The same versions with their sources, and scores of what they trained."""
    told = beside(Registry(work.catalog), [one.record.id for one in versions])
    return [replace(one, beside=told.get(one.record.id, one.beside)) for one in versions]


def _measured(version: VersionInfo, catalog: Catalog, commit: str = "") -> VersionInfo:
    """The same version with what was measured last."""
    known = catalog.measurements(version.record, commit)
    return replace(version, measurement=next(iter(known), None))
