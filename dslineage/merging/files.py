"""The files of a merge: every byte that was not merged is that of the side that leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.errors import UsageError
from dslineage.formats.writers import FORMATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.merging.arranging import Arranged
    from dslineage.merging.rows import Example, Rows
    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.store.layout import Layout

_CELLS = {"csv", "tsv"}
TEXT_FORMATS = {"jsonl", "json"} | _CELLS


@dataclass(frozen=True, slots=True)
class MergedFile:
    """A file of the merge: the pieces of its bytes, or for a table its examples."""

    path: str
    format: str
    pieces: Iterator[bytes]
    examples: Iterator[Example] | None


def refuse_unmergeable(versions: Sequence[DatasetRecord]) -> None:
    """Refuse versions whose files cannot be merged, or cannot be written.

    Raises:
        UsageError: they are such versions.
    """
    ours, theirs = versions[-2:]
    hint = f"merge the files yourself, and dslineage add {ours.files[0].path}"
    if len({tuple(entry.path for entry in one.files) for one in versions}) > 1:
        raise UsageError(
            f"{ours.title} and {theirs.title} have other files than the version that both came "
            "from: files that come, go or are renamed are not merged",
            kind="other-files",
            hint=hint,
        )
    for mine, yours in zip(ours.files, theirs.files, strict=True):
        if mine.url or {"compression", "partition"} & {*mine.reader, *yours.reader}:
            raise UsageError(
                f"{mine.path} has a form that can be read but not written",
                kind="unknown-format",
                hint=hint,
            )
        if mine.reader["format"] not in FORMATS or _form(mine) != _form(yours):
            raise UsageError(
                f"{mine.path} has one form here and another there: "
                f"{_described(mine)}, {_described(yours)}",
                kind="other-form",
                hint=hint,
            )


def _form(entry: FileEntry) -> tuple[object, ...]:
    reader = entry.reader
    cells = (reader["header"], reader["delimiter"]) if reader["format"] in _CELLS else ()
    return (reader["format"], *cells)


def _described(entry: FileEntry) -> str:
    header = entry.reader.get("header")
    return f"{entry.reader['format']}{f' with the columns {header}' if header else ''}"


def merged_files(
    lead: DatasetRecord,
    layouts: Sequence[Layout],
    rows: Rows,
    arranged: Arranged,
    new: Sequence[Example],
    likes: Sequence[int],
) -> Iterator[MergedFile]:
    """The files of a merge.

    Args:
        lead: the version that gives the order and all that stands between examples.
        layouts: those of its files.
        rows: reads and writes examples.
        arranged: the merge.
        new: the examples that are in none of the versions.
        likes: for each of them, a row in whose style it is written.
    """
    first = 0
    for number, (entry, layout) in enumerate(zip(lead.files, layouts, strict=True)):
        mine = arranged.files == number
        items, places = arranged.items[mine], arranged.places[mine]
        places = np.where(places >= 0, places - first, -1)
        first += layout.examples
        form = str(entry.reader["format"])
        if not rows.raw:
            examples = _examples(rows, items, new)
            yield MergedFile(entry.path, form, iter(()), examples)
            continue
        records = _records(rows, items, new, likes)
        gaps = layout.gaps.expand()
        if form == "json":
            if len(layout.quarantined):
                raise UsageError(
                    f"{entry.path} has records set apart between its examples",
                    kind="quarantined",
                    hint="mend the file, and add it again",
                )
            yield MergedFile(entry.path, form, _array(records, gaps), None)
        else:
            yield MergedFile(entry.path, form, _lines(records, places, gaps), None)


def _examples(rows: Rows, items: NDArray[np.int64], new: Sequence[Example]) -> Iterator[Example]:
    stored = rows.snapshot.read(items[items >= 0])
    for item in items.tolist():
        yield next(stored) if item >= 0 else new[-1 - item]


def _records(
    rows: Rows, items: NDArray[np.int64], new: Sequence[Example], likes: Sequence[int]
) -> Iterator[bytes]:
    stored = rows.records(items[items >= 0])
    for item in items.tolist():
        yield next(stored) if item >= 0 else rows.written(new[-1 - item], likes[-1 - item])


def _lines(
    records: Iterator[bytes], places: NDArray[np.int64], gaps: list[bytes]
) -> Iterator[bytes]:
    """Lines, each that was there before with what stood after it."""
    end = b"\r\n" if any(gap.startswith(b"\r\n") for gap in gaps) else b"\n"
    between, at = gaps[0], 0
    started = False
    for record, place in zip(records, places.tolist(), strict=True):
        while at < place:
            at += 1
            between += _after_line(gaps[at])
        if started and not between:
            between = end  # the last line of a file may have no end
        yield between
        yield record
        started = True
        between = gaps[place + 1] if place >= 0 else end
        at = max(at, place + 1)
    yield between + b"".join(_after_line(gap) for gap in gaps[at + 1 :])


def _after_line(gap: bytes) -> bytes:
    """What stands after the end of the line of an example that is gone."""
    for end in (b"\r\n", b"\n", b"\r"):
        if gap.startswith(end):
            return gap[len(end) :]
    return gap


def _array(records: Iterator[bytes], gaps: list[bytes]) -> Iterator[bytes]:
    """A JSON array, with the separators that it had."""
    empty = len(gaps) == 1
    head, tail = (b"[\n", b"\n]\n") if empty else (gaps[0], gaps[-1])
    between = gaps[1] if len(gaps) > 2 else b",\n"
    yield head
    for place, record in enumerate(records):
        yield between + record if place else record
    yield tail
