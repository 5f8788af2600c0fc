"""`scan`: look at a folder, read every data file in it, and say how they belong together."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from dslineage.errors import NotFoundError
from dslineage.formats.base import Limits
from dslineage.scanning.advice import next_steps
from dslineage.scanning.folder import list_folder
from dslineage.scanning.overlap import shared_counts
from dslineage.scanning.reading import Bench, Reading, read_unit
from dslineage.scanning.relations import Shared, leaks, overlaps, version_groups
from dslineage.scanning.result import ScanResult
from dslineage.versions.git import Git
from dslineage.versions.options import Progress, ReadOptions, Report
from dslineage.versions.spool import Spool

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scan(
    directory: Path | str,
    *,
    limits: Limits | None = None,
    workers: int | None = None,
    report: Report | None = None,
) -> ScanResult:
    """Look at a folder of data files before anything is set up.

    Needs no repository and writes nothing into the folder. A file that cannot be read is part of
    the result and stops nothing. Links are not followed; hidden folders, installed packages and
    virtual environments are not entered.

    Args:
        directory: the folder, or a single file.
        limits: what a file may make of itself.
        workers: processes for large files; None for one a core.
        report: called as the work goes on.

    Raises:
        NotFoundError: there is no such folder.
        ResourceError: there is no room for temporary files.
    """
    path = Path(directory)
    listing = list_folder(path)
    options = ReadOptions(limits=limits or Limits(), workers=workers)
    total = sum(unit.bytes for unit in listing.units)
    done = 0
    readings: list[Reading] = []
    other = dict(listing.other)
    with TemporaryDirectory(prefix="dslineage-") as scratch, Bench(Path(scratch)) as bench:
        for unit in listing.units:
            if report is not None:
                report(Progress("scanning", done, total))
            reading = read_unit(listing.root, unit, options, bench)
            done += unit.bytes
            if reading.settings:
                other[".json"] = other.get(".json", 0) + 1
            else:
                readings.append(reading)
        if report is not None:
            report(Progress("scanning", total, total))
        shared = Shared(
            _shared(bench.examples, [reading.examples for reading in readings]),
            _shared(bench.prompts, [reading.prompts for reading in readings]),
        )
    files = [reading.file for reading in readings]
    groups = version_groups(files, shared)
    shown = str(path if path.is_dir() else path.parent)
    return ScanResult(
        directory=shown,
        files=tuple(files),
        overlaps=tuple(overlaps(files, shared)),
        versions=tuple(groups),
        leaks=tuple(leaks(files, shared)),
        next=tuple(next_steps(shown, files, groups, in_repository=_in_repository(listing.root))),
        other=dict(sorted(other.items())),
        links=listing.links,
        skipped=listing.skipped,
    )


def _shared(values: Spool, counts: list[int]) -> NDArray[np.int64]:
    """What files share whose values stand one behind another."""
    return shared_counts(np.split(values.array, np.cumsum(counts)[:-1]) if counts else [])


def _in_repository(folder: Path) -> bool:
    try:
        Git.find(folder)
    except NotFoundError:
        return False
    return True
