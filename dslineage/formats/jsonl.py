"""JSON Lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.formats.chunks import CHUNK_BYTES, bom_length, read_chunks
from dslineage.formats.json_rows import JSON_CONTEXT, parse_json
from dslineage.formats.lines import line_end_notes, line_ends
from dslineage.formats.pieces import Splitter

if TYPE_CHECKING:
    from dslineage.canonical.rows import Row, RowFault
    from dslineage.formats.base import Limits, Spans


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The format of `.jsonl` and `.ndjson` files.

    A raw line end cannot stand inside a JSON string, so lines need no look at quotes, and any
    byte range can be scanned by itself: it yields the records of the lines that begin in it.
    """

    chunk: int = field(default=CHUNK_BYTES, compare=False)

    name = "jsonl"
    context = JSON_CONTEXT
    splittable = True

    def scan(self, path: Path, start: int, stop: int, limits: Limits) -> Iterator[Spans]:
        """The records of the lines that begin in `[start, stop)`."""
        # Whether a line begins at `start`, only the byte before it knows. So reading begins
        # there, and what precedes the first line end belongs to the range before this one.
        origin = start - 1 if start else bom_length(path)
        splitter = Splitter(max(start - 1, 0), b" \t\r")
        for chunk in read_chunks(path, origin, self.chunk):
            cuts = line_ends(chunk)
            lines = splitter.feed(chunk, cuts)
            ours = (lines.begin >= start) & (lines.begin < stop)
            if ours.any():
                lines = lines.where(ours)
                yield lines.spans(limits, lines.blank_note() + line_end_notes(chunk, cuts[ours]))
            if splitter.begin >= stop or (splitter.begin < start and chunk.stop >= stop):
                return
        if splitter.begin >= start:
            yield splitter.open.spans(limits)

    def parse(
        self, records: Sequence[bytes], limits: Limits, raw: memoryview | None = None
    ) -> list[Row | RowFault]:
        """The rows of some records, one result for each."""
        return parse_json(records, limits, raw)
