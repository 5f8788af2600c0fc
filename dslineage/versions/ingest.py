"""Bringing the files of a data set into a store: scan, choose an adapter, digest, lay out."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.adapters.detect import detect, detect_key, still_fits
from dslineage.adapters.registry import adapter_id
from dslineage.errors import (
    BadDataError,
    DslineageError,
    Fault,
    NotFoundError,
    ResourceError,
    UsageError,
)
from dslineage.formats.base import TOLD
from dslineage.ids import Digest
from dslineage.records import FileEntry
from dslineage.store.layout import Layout, layout_name
from dslineage.store.staging import copy_file
from dslineage.store.view import view_id
from dslineage.versions.datafile import DataFile, check_folder, open_data_file
from dslineage.versions.executor import local_executor
from dslineage.versions.options import Progress, ReadOptions, Report
from dslineage.versions.packing import FaultyRows
from dslineage.versions.returning import refuse_forgotten
from dslineage.versions.stored import StoredSnapshot
from dslineage.versions.worktree import hash_file

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter
    from dslineage.formats.base import Note
    from dslineage.records.forgotten import DenyList
    from dslineage.store.layout import Layout, Storage
    from dslineage.store.store import Store

SAMPLE_EXAMPLES = 1000
FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Ingested:
    """The files of a data set, stored.

    `saw` says what the detection saw; `notices` are sentences for people; `quarantined` has the
    SHA-256 of each span put aside, in file order, 32 bytes each.
    """

    entries: tuple[FileEntry, ...]
    layouts: tuple[str, ...]
    adapter: Adapter
    key: str | None
    saw: str
    notices: tuple[str, ...]
    quarantined: bytes


@dataclass(frozen=True, slots=True)
class Inherited:
    """What the version before was read with; kept while it still fits."""

    adapter: Adapter
    key: str | None


def ingest(
    store: Store,
    root: Path,
    names: Sequence[str],
    options: ReadOptions,
    *,
    inherited: Inherited | None = None,
    report: Report | None = None,
    here: Path | None = None,
    base: str = "",
    denied: DenyList | None = None,
) -> Ingested:
    """Store the files of a data set, in the byte order of their paths.

    Args:
        store: a staging or scratch store; nothing else is written to.
        root: the folder in which `names` are.
        names: paths of the files, relative to `root`, with slashes.
        options: how they are read and kept.
        inherited: the adapter and key of the version before.
        report: called as the work goes on.
        here: the folder from which messages name the files; `root` if it is not given.
        base: the URL below which the files are, of which those in `root` are copies.
        denied: what was forgotten, and is refused.

    Raises:
        BadDataError: a file has faults (and they are not to be quarantined), or examples that were
            forgotten.
        ResourceError: a file changed while it was read, or cannot be read.
    """
    if options.quarantine:
        options = replace(options, limits=replace(options.limits, faults=sys.maxsize))
    ordered = sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape"))
    paths = [root / name for name in ordered]
    way = f"{base}/" if base else _way(here or root, root)
    shown = [way + name for name in ordered]
    with _naming(root, way):
        before = [_state(path) for path in paths]
        total = sum(size for size, _, _ in before)
        if len(names) > 1 or "/" in names[0]:
            check_folder(root, ordered)
    with (
        _naming(root, way),
        _steady(dict(zip(paths, before, strict=True))),
        local_executor(options.workers, work_bytes=total) as executor,
        _hashing(paths) as hashes,
    ):
        files: list[DataFile] = []
        for name, path in zip(ordered, paths, strict=True):
            _tell(report, "scanning", sum(s for s, _, _ in before[: len(files)]), total)
            files.append(open_data_file(store, path, name, options, executor))
        adapter, key, saw, notices = _choose(files, options, inherited)
        view = view_id(adapter_id(adapter), key)
        entries, layouts = [], []
        quarantined = bytearray()
        for number, file in enumerate(files):
            _tell(report, "digesting", sum(s for s, _, _ in before[:number]), total)
            sha256 = hashes[number].result()
            store.verified[sha256] = paths[number]
            storage = _storage(file.reader, options)
            origin = {"sha256": sha256.hex, "reader": file.reader}
            if storage == "index":
                origin["path"] = shown[number] if base else str(paths[number].absolute())

            def put(file: DataFile, storage: Storage = storage, origin: Any = origin) -> Layout:
                return file.store_into(
                    store,
                    executor,
                    adapter=adapter,
                    key=key,
                    view=view,
                    storage=storage,
                    origin=origin,
                )

            layout, aside = _with_quarantine(file, shown[number], put, options)
            object_name = layout_name(sha256, file.reader)
            store.put_layout(object_name, layout)
            if storage == "blob" and store.blob(sha256) is None:
                copy_file(paths[number], store.blobs_folder / sha256.hex, durable=store.durable)
            url = shown[number] if base else ""
            entries.append(FileEntry(ordered[number], before[number][0], sha256, file.reader, url))
            layouts.append(object_name)
            quarantined += aside
            notices += tuple(_note_line(shown[number], note) for note in file.notes)
        if denied is not None:
            made = tuple(store.layout(name) for name in layouts)
            snapshot = StoredSnapshot("new", "", store, adapter, key, made)
            refuse_forgotten(snapshot, denied, files, shown)
    _tell(report, "digesting", total, total)
    return Ingested(tuple(entries), tuple(layouts), adapter, key, saw, notices, bytes(quarantined))


def _way(here: Path, root: Path) -> str:
    """What leads from one folder into another, as people would write it."""
    steps = os.path.relpath(root, here)
    way = "" if steps == os.curdir else os.path.join(steps, "")  # noqa: PTH118 - for its slash
    return way if len(way) <= len(str(root)) else os.path.join(root, "")  # noqa: PTH118 - likewise


@contextmanager
def _steady(states: Mapping[Path, tuple[int, int, int]]) -> Iterator[None]:
    """Say of files that change while they are read just that, whatever else went wrong with them.

    Raises:
        ResourceError: a file is not as it was.
    """
    cause: Exception | None = None
    try:
        yield
    except (DslineageError, OSError, ValueError, LookupError) as error:
        cause = error
    for path, state in states.items():
        if _state(path) != state:
            raise ResourceError(
                f"{path} changed while it was read; nothing was recorded",
                kind="changed-while-reading",
                hint="wait until it is written, then run the same command again",
            ) from cause
    if cause is not None:
        raise cause


@contextmanager
def _naming(root: Path, way: str) -> Iterator[None]:
    """Let errors name the files below a folder by the way that leads there."""
    folder = os.path.join(root, "")  # noqa: PTH118 - for its slash
    try:
        yield
    except DslineageError as error:
        error.message = error.message.replace(folder, way)
        error.hint = error.hint.replace(folder, way)
        error.args = (error.message,)
        if isinstance(error, BadDataError):
            error.faults = tuple(
                replace(fault, file=fault.file.replace(folder, way)) for fault in error.faults
            )
        raise


def _with_quarantine(
    file: DataFile,
    name: str,
    put: Callable[[DataFile], Layout],
    options: ReadOptions,
) -> tuple[Layout, bytes]:
    """Store a file; with bad spans put aside, or with every fault of it in one error.

    An unresolved merge is never put aside: nobody has said yet what the data is.
    """
    error: FaultyRows | None = None
    layout: Layout | None = None
    try:
        layout = put(file)
    except FaultyRows as found:
        error = found
    faults = file.faults(error, name)
    unmerged = any(fault.code == "merge-markers" for fault in faults)
    if faults and (unmerged or not options.quarantine):
        most = min(options.limits.faults, TOLD)
        raise _bad_records(name, faults, most, unmerged=unmerged)
    if error is not None:
        file = file.quarantining(error)
    return layout or put(file), file.quarantined()


def _bad_records(
    name: str, faults: tuple[Fault, ...], most: int, *, unmerged: bool
) -> BadDataError:
    least = "at least " if len(faults) >= most else ""
    faults = faults[:most]
    shown = "\n".join(f"  {fault}" for fault in faults[:FAULTS_SHOWN])
    more = len(faults) - FAULTS_SHOWN
    rest = f"\n  … and {least}{more:,} more" if more > 0 else ""
    return BadDataError(
        f"{name} has {least}{len(faults):,} bad record{'s' if len(faults) > 1 else ''}; "
        f"nothing was recorded\n{shown}{rest}",
        faults,
        kind="merge-markers" if unmerged else faults[0].code,
        hint=f"git mergetool {shlex.quote(name)}"
        if unmerged
        else "mend the file, or put the bad records aside: "
        f"dslineage add {shlex.quote(name)} --quarantine",
    )


def _choose(
    files: Sequence[DataFile], options: ReadOptions, inherited: Inherited | None
) -> tuple[Adapter, str | None, str, tuple[str, ...]]:
    """The adapter and key for a sample of all files; the inherited ones where they still fit."""
    records = sum(file.records for file in files) or 1
    sample = [
        example
        for file in files
        for example in file.sample(max(1, SAMPLE_EXAMPLES * file.records // records))
    ]
    detection = detect(
        sample,
        schema=options.schema,
        columns=options.columns or None,
        strict=options.strict_schema,
        info=options.info,
    )
    adapter = detection.adapter
    free = options.schema is None and not options.columns and options.info is None
    if free and inherited is not None and _stays(inherited.adapter, adapter, sample):
        adapter = inherited.adapter
    same = inherited is not None and adapter_id(inherited.adapter) == adapter_id(adapter)
    if options.key is not None:
        if sample and not any(options.key in example for example in sample):
            raise UsageError(f"no example has the field {options.key!r}", kind="unknown-key")
        key: str | None = options.key
    elif same and inherited is not None and _fits(inherited.key, sample):
        key = inherited.key
    else:
        key = detect_key(sample, adapter)
    return adapter, key, detection.saw, detection.notices


def _stays(old: Adapter, new: Adapter, sample: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the adapter of the version before is kept: it fits, and misses no column."""
    return still_fits(old, sample) and new.consumed <= old.consumed


def _fits(key: str | None, sample: Sequence[Mapping[str, Any]]) -> bool:
    return key is not None and all(key in example for example in sample)


def _storage(reader: Mapping[str, Any], options: ReadOptions) -> Storage:
    if options.store == "index":
        return "index"
    text = reader["format"] in {"jsonl", "json", "csv", "tsv"} and "compression" not in reader
    if text:
        return "text"
    return "rows" if options.store == "rows" else "blob"


def _state(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path}", kind="no-file") from None
    except PermissionError:
        raise ResourceError(f"{path} cannot be read: permission denied", kind="eacces") from None
    if not path.is_file():
        raise UsageError(f"{path} is not a regular file", kind="not-a-file")
    return status.st_size, status.st_mtime_ns, status.st_ino


@contextmanager
def _hashing(paths: Sequence[Path]) -> Iterator[list[Future[Digest]]]:
    """SHA-256 of whole files, computed beside the other work."""
    with ThreadPoolExecutor(1) as pool:
        try:
            yield [pool.submit(hash_file, path) for path in paths]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _note_line(name: str, note: Note) -> str:
    times = f" ({note.count} times)" if note.count > 1 else ""
    return f"{name}: {note.message}{times}"


def _tell(report: Report | None, phase: str, done: int, total: int) -> None:
    if report is not None:
        report(Progress(phase, done, total))
