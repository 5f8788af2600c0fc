"""CSV and TSV: records of cells, under a header that names them (RFC 4180)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from dslineage.canonical.rows import Row, RowFault
from dslineage.formats.base import BadSpan, Limits, Spans
from dslineage.formats.chunks import CHUNK_BYTES, bom_length, read_chunks
from dslineage.formats.json_rows import MERGE_MARKER, merge_marker_fault
from dslineage.formats.lines import line_end_notes, line_ends
from dslineage.formats.pieces import Splitter
from dslineage.formats.quoting import Quoting

_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file of cells, such as CSV. Every cell is a string, an empty one the empty string.

    Args:
        name: `csv` or `tsv`.
        delimiter: the one ASCII character between cells.
        header: the names of the columns, in file order.
    """

    name: str
    delimiter: str
    header: tuple[str, ...]
    chunk: int = field(default=CHUNK_BYTES, compare=False)

    splittable = False

    @property
    def context(self) -> bytes:
        """The dialect and the header, as canonical JSON."""
        dialect = {
            "delimiter": self.delimiter,
            "format": "delimited",
            "header": self.header,
            "quoting": "rfc4180",
        }
        return orjson.dumps(dialect)

    def scan(self, path: Path, start: int, stop: int, limits: Limits) -> Iterator[Spans]:
        """The records below the header; the range is the whole file."""
        header_seen = False
        for spans in scan_records(path, self.delimiter, limits, self.chunk):
            if header_seen or not len(spans.start):
                yield spans
            else:
                header_seen = True
                yield spans._replace(start=spans.start[1:], stop=spans.stop[1:])

    def parse(
        self, records: Sequence[bytes], limits: Limits, raw: memoryview | None = None
    ) -> list[Row | RowFault]:
        """The rows of some records, one result for each."""
        by_name = sorted(self.header, key=lambda name: name.encode("utf-16-be"))
        return [self._row(record, by_name) for record in records]

    def _row(self, record: bytes, by_name: list[str]) -> Row | RowFault:
        cells = parse_cells(record, self.delimiter)
        marked = MERGE_MARKER.match(record) is not None
        if isinstance(cells, RowFault):
            return merge_marker_fault() if marked else cells
        if len(cells) != len(self.header):
            message = f"the record has {_count(cells)}, the header has {len(self.header)}"
            return merge_marker_fault() if marked else RowFault("ragged-row", message, 0)
        if marked and record[0] in b"<>":
            return merge_marker_fault()
        value = dict(zip(self.header, cells, strict=True))
        # Members in the order of RFC 8785, and all of them strings: orjson writes just that.
        return Row(value, orjson.dumps({name: value[name] for name in by_name}))


def scan_records(path: Path, delimiter: str, limits: Limits, chunk_bytes: int) -> Iterator[Spans]:
    """All records of a delimited file, the header among them."""
    origin = bom_length(path)
    splitter = Splitter(origin, b"\r")
    quoting = Quoting(ord(delimiter))
    for chunk in read_chunks(path, origin, chunk_bytes):
        ends = line_ends(chunk)
        cuts = ends[quoting.outside(chunk, ends)]
        pieces = splitter.feed(chunk, cuts)
        yield pieces.spans(limits, pieces.blank_note() + line_end_notes(chunk, cuts))
    last = splitter.open.spans(limits)
    if quoting.inside:
        start, stop = int(splitter.open.start[0]), int(splitter.open.stop[0])
        unclosed = BadSpan(start, stop, "unclosed-quote", _UNCLOSED, quoting.opened_at)
        last = Spans(last.start[:0], last.stop[:0], (unclosed,))
    yield last


_UNCLOSED = "the quoted cell that begins here has no closing quote"


def parse_cells(record: bytes, delimiter: str) -> list[str] | RowFault:
    """The cells of one record, or why it has none."""
    try:
        text = record.decode()
    except UnicodeDecodeError as error:
        message = f"byte 0x{record[error.start]:02x} is not UTF-8 here"
        return RowFault("invalid-utf8", message, error.start)
    if (nul := record.find(0)) >= 0:
        return RowFault("nul-byte", "the record holds a NUL byte", nul)
    if '"' not in text:
        return text.split(delimiter)
    return _quoted_cells(text, delimiter)


def _quoted_cells(text: str, delimiter: str) -> list[str] | RowFault:
    cells = []
    at = 0
    while True:
        if text.startswith('"', at):
            quoted = _QUOTED.match(text, at)
            if quoted is None:
                return RowFault("unclosed-quote", _UNCLOSED, _byte_offset(text, at))
            cells.append(quoted[1].replace('""', '"'))
            stop = quoted.end()
        else:
            stop = text.find(delimiter, at)
            stop = len(text) if stop < 0 else stop
            cells.append(text[at:stop])
        if stop == len(text):
            return cells
        if text[stop] != delimiter:
            return _text_after_quote(text, at, stop)
        at = stop + 1


def _text_after_quote(text: str, opened: int, closed: int) -> RowFault:
    """Why text follows a closing quote: where lines lie between, an earlier quote is missing."""
    if "\n" in text[opened:closed] or "\r" in text[opened:closed]:
        message = "this quoted cell ends lines below, where text follows its quote"
        return RowFault("unclosed-quote", message, _byte_offset(text, opened))
    message = "text follows a closing quote; inside a cell a quote is doubled"
    return RowFault("text-after-quote", message, _byte_offset(text, closed))


def _byte_offset(text: str, at: int) -> int:
    return len(text[:at].encode())


def _count(cells: Sequence[str]) -> str:
    return "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
