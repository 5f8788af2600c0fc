"""The files of a merge: every byte that was not merged is that of the side that leads.

A compressed file and a table are written anew, with the same examples: see `tables`.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import zstandard

from dslineage.errors import UsageError
from dslineage.store.files import replacing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.merging.arranging import Arranged
    from dslineage.merging.rows import Example, Rows
    from dslineage.merging.tables import TableMerge
    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.store.layout import Layout

CELLS = {"csv", "tsv"}
TEXT_FORMATS = {"jsonl", "json"} | CELLS
TABLE_FORMATS = {"parquet", "arrow", "arrow-stream"}


class New(NamedTuple):
    """An example that is in none of the versions.

    `like` are positions on our and on their side, None where it was removed, and `examples` what
    stands there: it is written as they are.
    """

    example: Example
    like: tuple[int | None, int | None]
    examples: tuple[Example | None, Example | None]


@dataclass(frozen=True, slots=True)
class MergedFile:
    """A file of the merge: the pieces of its bytes, or a table."""

    path: str
    content: Iterator[bytes] | TableMerge

    def write(self, target: Path) -> None:
        """Write the file.

        Raises:
            UsageError: it cannot hold an example.
            ResourceError: no space or no permission.
        """
        if isinstance(self.content, Iterator):
            with replacing(target) as handle:
                handle.writelines(self.content)
        else:
            self.content.write(target)


def refuse_unmergeable(versions: Sequence[DatasetRecord], settle: str) -> None:
    """Refuse versions whose files cannot be merged, or cannot be written.

    Args:
        versions: what they are merged by, ours and theirs.
        settle: the command by which git's conflict in the pointer is ended, or an empty text.

    Raises:
        UsageError: they are such versions.
    """
    ours, theirs = versions[-2:]
    steps = ["merge the files yourself", *filter(None, [settle]), "dslineage add them"]
    hint = "; then ".join(steps)
    if len({tuple(entry.path for entry in one.files) for one in versions}) > 1:
        raise UsageError(
            f"{ours.title} and {theirs.title} have other files than the version that both came "
            "from: files that come, go or are renamed are not merged",
            kind="other-files",
            hint=hint,
        )
    for mine, yours in zip(ours.files, theirs.files, strict=True):
        form = mine.reader["format"]
        if mine.url or "partition" in mine.reader or form not in TEXT_FORMATS | TABLE_FORMATS:
            raise UsageError(
                f"{mine.path} has a form that can be read but not written",
                kind="unknown-format",
                hint=hint,
            )
        if _form(mine) != _form(yours):
            raise UsageError(
                f"{mine.path} has one form here and another there: "
                f"{_described(mine)}, {_described(yours)}",
                kind="other-form",
                hint=hint,
            )
    if len({_form(entry) for entry in ours.files}) > 1:
        raise UsageError(
            f"{ours.title} has files of several forms: "
            f"{', '.join(sorted({_described(entry) for entry in ours.files}))}",
            kind="other-form",
            hint=hint,
        )


def _form(entry: FileEntry) -> tuple[object, ...]:
    reader = entry.reader
    cells = (tuple(reader["header"]), reader["delimiter"]) if reader["format"] in CELLS else ()
    return (reader["format"], reader.get("compression"), *cells)


def _described(entry: FileEntry) -> str:
    reader = entry.reader
    form = ".".join([reader["format"], *filter(None, [reader.get("compression")])])
    header = reader.get("header")
    return f"{form}{f' with the columns {header}' if header else ''}"


def merged_text(
    lead: DatasetRecord,
    layouts: Sequence[Layout],
    rows: Rows,
    arranged: Arranged,
    new: Sequence[New],
) -> Iterator[MergedFile]:
    """The text files of a merge.

    Args:
        lead: the version that gives the order and all that stands between examples.
        layouts: those of its files.
        rows: reads and writes examples.
        arranged: the merge.
        new: the examples that are in none of the versions.
    """
    first = 0
    for number, (entry, layout) in enumerate(zip(lead.files, layouts, strict=True)):
        mine = arranged.files == number
        items, places = arranged.items[mine], arranged.places[mine]
        places = np.where(places >= 0, places - first, -1)
        first += layout.examples
        records = _records(rows, items, new)
        gaps = layout.gaps.expand() if layout.storage == "text" else []
        if entry.reader["format"] == "json":
            if len(layout.quarantined):
                raise UsageError(
                    f"{entry.path} has records set apart between its examples",
                    kind="quarantined",
                    hint="mend the file, and add it again",
                )
            pieces = _array(records, gaps)
        else:
            gaps = gaps or [_header(entry.reader), *[b"\n"] * layout.examples]
            pieces = _lines(records, places, gaps)
        codec = entry.reader.get("compression")
        yield MergedFile(entry.path, _compressed(pieces, codec) if codec else pieces)


def _header(reader: Mapping[str, Any]) -> bytes:
    """The line of columns of a file of cells; nothing for lines of JSON."""
    if reader["format"] not in CELLS:
        return b""
    line = io.StringIO()
    csv.writer(line, delimiter=reader["delimiter"], lineterminator="\n").writerow(reader["header"])
    return line.getvalue().encode()


def _compressed(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """The pieces as one gzip member, without a time, or as one zstd frame."""
    squeeze = (
        zlib.compressobj(wbits=31) if codec == "gz" else zstandard.ZstdCompressor().compressobj()
    )
    for piece in pieces:
        yield squeeze.compress(piece)
    yield squeeze.flush()


def _records(rows: Rows, items: NDArray[np.int64], new: Sequence[New]) -> Iterator[bytes]:
    stored = rows.records(items[items >= 0])
    for item in items.tolist():
        yield next(stored) if item >= 0 else rows.written(new[-1 - item])


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
    empty = len(gaps) < 2
    head, tail = (b"[\n", b"\n]\n") if empty else (gaps[0], gaps[-1])
    between = gaps[1] if len(gaps) > 2 else b",\n"
    yield head
    for place, record in enumerate(records):
        yield between + record if place else record
    yield tail
