"""What can be asked of data files alone, where there is no repository."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.diff.result import Change, DiffResult
    from dslineage.exporting import ExportResult, Side
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.versions.stored import StoredSnapshot


def diff_files(
    before: Path | str,
    after: Path | str,
    *,
    options: DiffOptions | None = None,
    read: ReadOptions | None = None,
    report: Report | None = None,
) -> DiffResult:
    """What changed between two data files.

    Raises:
        BadDataError: a file has faults.
    """
    from dslineage.diff.engine import diff_snapshots
    from dslineage.diff.options import DiffOptions
    from dslineage.quality.core.default import sft_core
    from dslineage.quality.side import Quality, Side

    options = options or DiffOptions()
    with _opened([before, after], read, report) as (older, newer):
        quality = Quality(sft_core(), Side.of(older), Side.of(newer)) if options.metrics else None
        return diff_snapshots(older, newer, options, quality=quality)


def export_files(
    *paths: Path | str,
    output: Path | str,
    format: str | None = None,  # noqa: A002 - the word that users know
    only: Change | None = None,
    side: Side = "to",
    without: Sequence[str] = (),
    neutralise: bool = False,
    force: bool = False,
    without_forgotten: bool = False,
    options: DiffOptions | None = None,
    read: ReadOptions | None = None,
) -> ExportResult:
    """Write a data file in another form, or a part of what changed between two.

    Arguments and errors are those of `Repository.export`.
    """
    from dslineage.exporting import Output, export_part, export_version

    target = Output.to(
        Path(output).absolute(),
        format,
        neutralise=neutralise,
        force=force,
        without_forgotten=without_forgotten,
    )
    if not (only or without):
        if len(paths) != 1:
            raise UsageError("of several files, say what to write: `only` or `without` something")
        with _opened(paths, read, None) as (snapshot,):
            return export_version(snapshot, target)
    if len(paths) != 2:
        raise UsageError("what changed is a matter of two files")
    with _opened(paths, read, None) as (before, after):
        return export_part(
            before, after, target, only=only, side=side, without=without, options=options
        )


@contextmanager
def _opened(
    paths: Sequence[Path | str], read: ReadOptions | None, report: Report | None
) -> Iterator[list[StoredSnapshot]]:
    """Data files, indexed in a scratch store; the second is read as the first is, where it fits."""
    from dslineage.versions.ingest import Inherited
    from dslineage.versions.media import MediaFiles
    from dslineage.versions.opening import plain_files
    from dslineage.versions.references import file_target
    from dslineage.versions.remote import is_url
    from dslineage.versions.sides import open_plain
    from dslineage.versions.worktree import HashCache

    with (
        tempfile.TemporaryDirectory(prefix="dslineage-") as folder,
        plain_files(Path(folder) / "objects", None) as store,
    ):
        sides: list[StoredSnapshot] = []
        for path in map(str, paths):
            if not (is_url(path) or Path(path).exists()):
                raise NotFoundError(f"there is no file {path}", kind="no-file")
            target = file_target(Path(path), path)
            inherited = Inherited(sides[0].adapter, sides[0].key) if sides else None
            cache = HashCache(Path(folder) / "media.json", {})
            media = MediaFiles.below(target.root, target.root, None, cache)
            sides.append(open_plain(store, target, read, inherited, report, Path.cwd(), media))
        yield sides
