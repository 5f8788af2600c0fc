"""How the tests read a file: open, scan and parse it, and put down what was seen."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dslineage.canonical.rows import Row, RowFault
from dslineage.errors import BadDataError, Fault
from dslineage.formats.base import BadSpan, Limits, Note, Spans, TextFormat
from dslineage.formats.lines import locate
from dslineage.formats.source import open_text

LIMITS = Limits()


class Scanned(NamedTuple):
    """A whole file, scanned."""

    spans: list[tuple[int, int]]
    bad: list[BadSpan]
    notes: dict[str, Note]


class Reading(NamedTuple):
    """What came of a file, with faults and notes as a person would read them."""

    rows: list[Row]
    faults: list[str]
    notes: list[str]
    hint: str = ""


def scan(form: TextFormat, path: Path, limits: Limits = LIMITS) -> Scanned:
    """All records of a file, by one scan of the whole."""
    return gather(list(form.scan(path, 0, path.stat().st_size, limits)))


def gather(parts: list[Spans]) -> Scanned:
    """Several stretches as one; notes of one code become one note."""
    notes: dict[str, Note] = {}
    for note in (note for part in parts for note in part.notes):
        first = notes.get(note.code, note._replace(count=0))
        notes[note.code] = first._replace(count=first.count + note.count)
    return Scanned(
        [
            span
            for part in parts
            for span in zip(part.start.tolist(), part.stop.tolist(), strict=True)
        ],
        [bad for part in parts for bad in part.bad],
        notes,
    )


def cut(data: bytes, scanned: Scanned) -> list[bytes]:
    """The bytes of the records."""
    return [data[start:stop] for start, stop in scanned.spans]


def read(path: Path, spill: Path, *, limits: Limits = LIMITS, name: str | None = None) -> Reading:
    """Read a file as the program does, all of it."""
    try:
        source = open_text(path, name=name, limits=limits, spill=spill)
    except BadDataError as error:
        hint = error.hint.replace(f"{path.parent}/", "")
        return Reading([], [_shown(fault, path) for fault in error.faults], [], hint)
    scanned = scan(source.format, source.plain, limits)
    parsed = source.format.parse(cut(source.plain.read_bytes(), scanned), limits)
    faulty = [
        BadSpan(start, stop, row.code, row.message, start + row.offset, row.path)
        for (start, stop), row in zip(scanned.spans, parsed, strict=True)
        if isinstance(row, RowFault)
    ]
    bad = sorted(scanned.bad + faulty)
    notes = [*source.notes, *scanned.notes.values()]
    places = locate(
        source.plain, [*(span.offset for span in bad), *(note.offset for note in notes)]
    )
    faults = [
        Fault(span.code, span.message, str(path), *place, span.offset, 0, span.path)
        for span, place in zip(bad, places[: len(bad)], strict=True)
    ]
    return Reading(
        [row for row in parsed if isinstance(row, Row)],
        [_shown(fault, path) for fault in faults],
        [
            f"{place.line}:{place.column}: {note.code} {note.message} ({note.count})"
            for note, place in zip(notes, places[len(bad) :], strict=True)
        ],
    )


def _shown(fault: Fault, path: Path) -> str:
    return str(fault).removeprefix(f"{path}:")
