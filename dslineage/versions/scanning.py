"""First pass over a text file: where its records are, and their row ids. Nothing is parsed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.formats.base import TOLD
from dslineage.merkle import row_hasher
from dslineage.store.layout import Gaps
from dslineage.versions.spool import Spool

if TYPE_CHECKING:
    import hashlib

    from numpy.typing import NDArray

    from dslineage.formats.base import BadSpan, Limits, Note, Spans, TextFormat, TextSource
    from dslineage.versions.executor import Executor

CHUNK_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class ScanTask:
    """Records that begin in `[start, stop)` of a decoded file; with `spans`, just those."""

    path: Path
    format: TextFormat
    start: int
    stop: int
    limits: Limits
    spans: Spans | None = None


class ScannedChunk(NamedTuple):
    """Records of one chunk. `gaps` stand between its records: one fewer than there are."""

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    ids: bytes
    gaps: list[tuple[bytes, int]]
    bad: tuple[BadSpan, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ScannedText:
    """All records of a file: byte ranges, row ids of shape (n, 32), and what is between them.

    `aside` are the byte ranges that are no records, of shape (n, 2); `bad` says why of the first.
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    ids: NDArray[np.uint8]
    gaps: Gaps
    bad: tuple[BadSpan, ...]
    notes: tuple[Note, ...]
    aside: NDArray[np.int64]


def scan_chunk(task: ScanTask) -> list[ScannedChunk]:
    """The records of one task, with their row ids: a pure function of the file's bytes."""
    hasher = row_hasher(task.format.context)
    with task.path.open("rb") as handle:
        found = (
            task.format.scan(task.path, task.start, task.stop, task.limits)
            if task.spans is None
            else [task.spans]
        )
        return [_hash_spans(handle.fileno(), hasher, spans) for spans in found]


def scan_text(
    source: TextSource, limits: Limits, executor: Executor, folder: Path, chunk_bytes: int
) -> ScannedText:
    """Scan a whole file.

    Args:
        source: the file.
        limits: bounds on records.
        executor: where chunks are worked on.
        folder: where arrays grow.
        chunk_bytes: the size of a task; the result does not depend on it.
    """
    starts, stops = Spool(folder, "<i8"), Spool(folder, "<i8")
    ids = Spool(folder, "u1", 32)
    coded: list[tuple[bytes, int]] = []
    bad: list[BadSpan] = []
    aside = Spool(folder, "<i8", 2)
    count = 0
    notes: dict[str, Note] = {}
    place = 0
    with source.plain.open("rb") as handle:
        for chunks in executor.map(scan_chunk, _tasks(source, limits, chunk_bytes)):
            for chunk in chunks:
                found = chunk.bad[: limits.faults - count]
                bad.extend(found[: TOLD - len(bad)])
                aside.append(np.array([span[:2] for span in found], dtype="<i8"))
                count += len(found)
                for note in chunk.notes:
                    first = notes.get(note.code)
                    count = note.count + (first.count if first else 0)
                    notes[note.code] = (first or note)._replace(count=count)
                if len(chunk.start):
                    handle.seek(place)
                    _extend(coded, handle.read(int(chunk.start[0]) - place), chunk.gaps)
                    place = int(chunk.stop[-1])
                    starts.append(chunk.start)
                    stops.append(chunk.stop)
                    ids.append(chunk.ids)
        handle.seek(place)
        _extend(coded, handle.read(source.size - place), [])
    return ScannedText(
        starts.array,
        stops.array,
        ids.array,
        Gaps.of(coded),
        tuple(sorted(bad)),
        tuple(notes.values()),
        aside.array[np.argsort(aside.array[:, 0], kind="stable")],
    )


def without(scanned: ScannedText, faulty: NDArray[np.int64], plain: Path) -> ScannedText:
    """The same file with some records taken for bad spans: their bytes become part of gaps."""
    keep = np.ones(len(scanned.start), dtype=bool)
    keep[faulty] = False
    start, stop = scanned.start[keep], scanned.stop[keep]
    coded: list[tuple[bytes, int]] = []
    place = 0
    size = plain.stat().st_size
    with plain.open("rb") as handle:
        for first in range(0, len(start), 4096):
            firsts, lasts = start[first : first + 4096], stop[first : first + 4096]
            handle.seek(place)
            data = handle.read(int(lasts[-1]) - place)
            inner = firsts - place, lasts - place
            _extend(coded, data[: int(inner[0][0])], _gaps(data, *inner))
            place = int(lasts[-1])
        handle.seek(place)
        _extend(coded, handle.read(size - place), [])
    gaps = Gaps.of(coded)
    return replace(scanned, start=start, stop=stop, ids=scanned.ids[keep], gaps=gaps)


def _tasks(source: TextSource, limits: Limits, chunk_bytes: int) -> Iterator[ScanTask]:
    plain, format_ = source.plain, source.format
    if format_.splittable:
        for start in range(0, source.size, chunk_bytes):
            stop = min(start + chunk_bytes, source.size)
            yield ScanTask(plain, format_, start, stop, limits)
        return
    for spans in format_.scan(plain, 0, source.size, limits):
        yield ScanTask(plain, format_, 0, 0, limits, spans)


def _hash_spans(handle: int, hasher: hashlib._Hash, spans: Spans) -> ScannedChunk:
    start, stop, bad, notes = spans
    if not len(start):
        return ScannedChunk(start, stop, b"", [], bad, notes)
    base = int(start[0])
    data = os.pread(handle, int(stop[-1]) - base, base)
    firsts, lasts = start - base, stop - base
    view = memoryview(data)
    ids = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        row = hasher.copy()
        row.update(view[first:last])
        ids.append(row.digest())
    return ScannedChunk(start, stop, b"".join(ids), _gaps(data, firsts, lasts), bad, notes)


def _gaps(
    data: bytes, start: NDArray[np.int64], stop: NDArray[np.int64]
) -> list[tuple[bytes, int]]:
    """Run-length coded bytes between neighbours; nearly always one run of line feeds."""
    count = len(start) - 1
    if not count:
        return []
    lengths = start[1:] - stop[:-1]
    width = int(lengths[0])
    if width <= 16 and (lengths == width).all():
        places = stop[:-1, None] + np.arange(width)
        bytes_ = np.frombuffer(data, dtype="u1")[places]
        if (bytes_ == bytes_[0]).all():
            return [(bytes_[0].tobytes(), count)]
    gaps = (data[a:b] for a, b in zip(stop[:-1].tolist(), start[1:].tolist(), strict=True))
    return [(gap, sum(1 for _ in run)) for gap, run in groupby(gaps)]


def _extend(coded: list[tuple[bytes, int]], before: bytes, gaps: list[tuple[bytes, int]]) -> None:
    """Add a gap and those behind it, joining equal neighbours so that the list stays short."""
    for text, count in [(before, 1), *gaps]:
        if coded and coded[-1][0] == text:
            coded[-1] = (text, coded[-1][1] + count)
        else:
            coded.append((text, count))
