"""Writing examples to a file: JSONL, a JSON array, CSV, TSV, Parquet or Arrow.

All but CSV and TSV keep the content hash: reading the file gives the same examples.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from dslineage.canonical.jcs import canonical_bytes
from dslineage.disk import beside, take_places
from dslineage.errors import BadDataError, ResourceError, UsageError
from dslineage.formats.write_table import Examples, write_table
from dslineage.room import FULL, free_bytes

FORMATS = ("jsonl", "json", "csv", "tsv", "parquet", "arrow")

_DELIMITERS = {"csv": ",", "tsv": "\t"}
_PLAIN_JSON = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What was written: `notices` say where the file holds the examples in another form."""

    rows: int
    bytes: int
    notices: tuple[str, ...] = ()


def write_examples(
    path: Path,
    examples: Examples,
    format: str,  # noqa: A002 - the word that users know
    *,
    columns: Sequence[str] | None = None,
    neutralise: bool = False,
) -> WriteResult:
    """Write examples to a new file, which takes the place of `path` when it is complete.

    Args:
        path: the file.
        examples: gives the examples; called twice where columns must be known before the first
            row is written, and then gives the same each time.
        format: one of `FORMATS`.
        columns: these fields, in this order, instead of all of them.
        neutralise: put `'` before CSV cells that a spreadsheet would run as a formula.

    Raises:
        BadDataError: an example is no JSON object, or the format cannot hold it.
        UsageError: the format is unknown, or no example has a field that `columns` names.
        ResourceError: no space, no permission, or a read-only disk; `path` is as it was.
    """
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}", hint=f"one of {', '.join(FORMATS)}")
    selected = examples if columns is None else _Selection(examples, columns)
    notices: list[str] = []
    with _replacing(path) as handle:
        match format:
            case "jsonl":
                rows = _write_lines(handle, selected())
            case "json":
                rows = _write_array(handle, selected())
            case "csv" | "tsv":
                cells = _Cells(_DELIMITERS[format], neutralise=neutralise)
                rows, notices = cells.write(handle, selected, columns)
            case _:
                rows, notices = write_table(handle, selected, format, columns)
        if isinstance(selected, _Selection):
            selected.refuse_unknown(rows)
        size = handle.seek(0, os.SEEK_END)
    return WriteResult(rows, size, tuple(notices))


class _Selection:
    """The examples with some of their fields, in a given order."""

    def __init__(self, examples: Examples, columns: Sequence[str]) -> None:
        self.examples = examples
        self.columns = columns
        self.found: set[str] = set()

    def __call__(self) -> Iterator[dict[str, Any]]:
        for example in self.examples():
            self.found.update(example)
            yield {name: example[name] for name in self.columns if name in example}

    def refuse_unknown(self, rows: int) -> None:
        """Raise UsageError for a column that no example has, if there are examples."""
        unknown = [name for name in self.columns if name not in self.found]
        if rows and unknown:
            known = ", ".join(sorted(self.found)[:20])
            raise UsageError(
                f"no example has a field {', '.join(map(repr, unknown))}", hint=f"fields: {known}"
            )


def _write_lines(handle: BinaryIO, examples: Iterator[dict[str, Any]]) -> int:
    rows = 0
    for rows, example in enumerate(examples, 1):
        handle.write(json_line(example, rows) + b"\n")
    return rows


def _write_array(handle: BinaryIO, examples: Iterator[dict[str, Any]]) -> int:
    rows = 0
    for rows, example in enumerate(examples, 1):
        handle.write((b",\n" if rows > 1 else b"[\n") + json_line(example, rows))
    handle.write(b"\n]\n" if rows else b"[]\n")
    return rows


def json_line(value: Any, number: int) -> bytes:
    """One example as compact JSON, members in its order; `number` is what a message calls it.

    orjson writes a number that is not finite as null, and refuses integers beyond 64 bits; what it
    refuses, or writes with a null, is written by `json` after the canonical serialiser accepted it.
    """
    try:
        text = orjson.dumps(value, option=_PLAIN_JSON)
    except TypeError:
        text = b"null"
    if b"null" not in text:
        return text
    try:
        canonical_bytes(value)
    except UsageError as error:
        raise BadDataError(f"example {number}: {error.message}", kind="not-json") from None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class _Cells:
    """CSV or TSV as RFC 4180 says, with LF at the end of a line."""

    def __init__(self, delimiter: str, *, neutralise: bool) -> None:
        self.delimiter = delimiter
        self.neutralise = neutralise
        self.needs_quotes = re.compile(f'[{delimiter}"\r\n]|^\ufeff')
        self.absent = self.converted = self.defused = 0

    def write(
        self, handle: BinaryIO, examples: Examples, columns: Sequence[str] | None
    ) -> tuple[int, list[str]]:
        names = list(_names(examples()) if columns is None else columns)
        if not names or not all(names):
            message = "the examples have no fields" if not names else "a field has no name"
            raise BadDataError(f"{message}, and a header needs one", kind="no-header")
        handle.write(self.line(names, 0))
        rows = 0
        for rows, example in enumerate(examples(), 1):
            cells = [self.cell(example.get(name), rows) for name in names]
            handle.write(self.line(cells, rows))
        return rows, self.notices()

    def cell(self, value: Any, row: int) -> str:
        """The text of a cell: a string as it is, nothing for what is absent, all else as JSON."""
        if isinstance(value, str):
            text = value
        elif value is None:
            self.absent += 1
            return ""
        else:
            self.converted += 1
            text = json_line(value, row).decode()
        if self.neutralise and text.startswith(_FORMULA):
            self.defused += 1
            return f"'{text}"
        return text

    def line(self, cells: list[str], row: int) -> bytes:
        if len(cells) == 1 and not cells[0]:
            return b'""\n'
        text = self.delimiter.join(
            '"' + cell.replace('"', '""') + '"' if self.needs_quotes.search(cell) else cell
            for cell in cells
        )
        if "\0" in text:
            raise BadDataError(f"example {row}: CSV cannot hold a NUL byte", kind="nul-byte")
        try:
            return f"{text}\n".encode()
        except UnicodeEncodeError:
            message = f"example {row}: no text file can hold half a surrogate pair"
            raise BadDataError(message, kind="lone-surrogate") from None

    def notices(self) -> list[str]:
        said = (
            (self.absent, "cells are empty since the example has no such field"),
            (self.converted, "cells are no text, and hold JSON"),
            (self.defused, "cells have a ' in front so that no spreadsheet runs them"),
        )
        return [f"{count} {what}" for count, what in said if count]


def _names(examples: Iterator[dict[str, Any]]) -> dict[str, None]:
    """All field names in the order first seen."""
    return {name: None for example in examples for name in example}


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A temporary file beside `path` that takes its place when the block ends well."""
    try:
        with beside(path) as handle:
            yield handle
        take_places([(Path(handle.name), path)])
    except OSError as error:
        number = f" (errno {error.errno})" if error.errno else ""
        room = f", {free_bytes(path):,} bytes are free" if error.errno in FULL else ""
        raise ResourceError(
            f"{path} was not written: {error.strerror or error}{number}{room}; what stood there is "
            "untouched",
            kind=FULL.get(error.errno or 0, "not-written"),
        ) from error
