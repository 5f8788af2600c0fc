"""A JSON array of objects, read without ever holding the array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dslineage.formats.base import BadSpan, Limits, Spans
from dslineage.formats.chunks import CHUNK_BYTES, CR, Chunk, first_content, read_chunks
from dslineage.formats.json_rows import JSON_CONTEXT, parse_json
from dslineage.formats.lines import line_end_notes, line_ends
from dslineage.formats.nesting import Nesting
from dslineage.formats.pieces import Pieces, Splitter

if TYPE_CHECKING:
    from dslineage.canonical.rows import Row, RowFault
    from dslineage.formats.base import Note

_SQUARE = 0x5D


@dataclass(frozen=True, slots=True)
class JsonArray:
    """The format of `.json` files: `[`, objects with commas between them, `]`."""

    chunk: int = field(default=CHUNK_BYTES, compare=False)

    name = "json"
    context = JSON_CONTEXT
    splittable = False

    def scan(self, path: Path, start: int, stop: int, limits: Limits) -> Iterator[Spans]:
        """The elements of the array; the range is the whole file, which begins with `[`."""
        root = first_content(path)
        if root is None:
            return
        yield from _Scan(root + 1, limits).run(path, self.chunk)

    def parse(
        self, records: Sequence[bytes], limits: Limits, raw: memoryview | None = None
    ) -> list[Row | RowFault]:
        """The rows of some elements, one result for each."""
        return parse_json(records, limits, raw)


class _Scan:
    """One pass over one file. `first` is the offset behind the opening bracket."""

    def __init__(self, first: int, limits: Limits) -> None:
        self.first = first
        self.limits = limits
        self.nesting = Nesting()
        self.splitter = Splitter(first, b" \t\r\n")
        self.curly_end: int | None = None

    def run(self, path: Path, size: int) -> Iterator[Spans]:
        for chunk in read_chunks(path, self.first, size):
            spans = self.elements(chunk)
            yield spans._replace(notes=_line_end_notes(chunk))
        if bad := self.ending():
            none = np.zeros(0, np.int64)
            yield Spans(none, none, bad)

    def elements(self, chunk: Chunk) -> Spans:
        """The elements that end in a chunk."""
        if not self.nesting.depth:
            return self.splitter.feed(chunk, np.zeros(0, np.int64)).spans(self.limits)
        commas, close = self.nesting.separators(chunk)
        if close is None:
            pieces = self.splitter.feed(chunk, commas)
            return _with_missing(pieces.spans(self.limits), _missing(pieces))
        pieces = self.splitter.feed(chunk, np.append(commas, close))
        if chunk.data[close] != _SQUARE:
            self.curly_end = chunk.base + close
        between, last = pieces.where(slice(None, -1)), pieces.where(slice(-1, None))
        return _with_missing(
            pieces.spans(self.limits), _missing(between) + self.trailing_comma(last)
        )

    def trailing_comma(self, last: Pieces) -> tuple[BadSpan, ...]:
        """The comma before the closing bracket, if no element follows it."""
        begin = int(last.begin[0])
        if last.filled[0] or begin == self.first:
            return ()
        message = "a comma before the closing ]"
        return (BadSpan(begin - 1, begin, "trailing-comma", message, begin - 1),)

    def ending(self) -> tuple[BadSpan, ...]:
        """What is wrong with the end of the file."""
        begin, start, stop = (int(column[0]) for column in self.splitter.open)
        filled = start < stop
        if self.curly_end is not None:
            message = "this } closes the array that a [ opened"
            return (BadSpan(begin - 1, max(stop, begin), "wrong-bracket", message, begin - 1),)
        if not self.nesting.depth:
            message = "something follows the end of the array"
            return (BadSpan(start, stop, "extra-data", message, start),) if filled else ()
        if self.nesting.depth > 1 or self.nesting.in_string:
            message = "the file ends inside the element that begins here"
            return (BadSpan(start, stop, "truncated", message, start),)
        # The last element may have lost its end, too: nothing after it says that it is whole.
        span = (start, stop) if filled else (begin - 1, begin)
        return (BadSpan(*span, "truncated", "the file ends before the closing ]", span[1]),)


def _missing(pieces: Pieces) -> tuple[BadSpan, ...]:
    """The commas, or the opening bracket, that another comma follows where an element should."""
    message = "no element between this and the next comma"
    return tuple(
        BadSpan(begin - 1, begin, "missing-value", message, begin - 1)
        for begin in pieces.begin[~pieces.filled].tolist()
    )


def _with_missing(spans: Spans, missing: tuple[BadSpan, ...]) -> Spans:
    if not missing:
        return spans
    return spans._replace(bad=tuple(sorted(spans.bad + missing)))


def _line_end_notes(chunk: Chunk) -> tuple[Note, ...]:
    if not (chunk.has(CR) or chunk.before[0] == CR):
        return ()
    return line_end_notes(chunk, line_ends(chunk))
