"""Putting examples that are in memory into a data set's file, so that they can be recorded."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import RowFault
from dslineage.errors import BadDataError, UsageError
from dslineage.formats.writers import FORMATS, write_examples
from dslineage.store.files import replacing, resource_errors
from dslineage.store.staging import copy_file

if TYPE_CHECKING:
    from dslineage.formats.write_table import Examples
    from dslineage.records import DatasetRecord, FileEntry

_ONE_PASS = ("jsonl", "json")


def own_file(record: DatasetRecord) -> FileEntry:
    """The one file of a data set, if it is one that can be written anew from examples.

    Raises:
        UsageError: the data set has several files, or a file of another form.
    """
    if len(record.files) != 1:
        raise UsageError(
            f"{record.dataset} has {len(record.files)} files, and examples go into one",
            kind="several-files",
            hint="write another data set, or write the files and run dslineage add",
        )
    entry = record.files[0]
    if entry.reader["format"] not in FORMATS or "compression" in entry.reader:
        raise UsageError(
            f"{entry.path} has a form that can be read but not written",
            kind="unknown-format",
            hint=f"write the file yourself and run dslineage add {entry.path}",
        )
    return entry


@contextmanager
def written(
    target: Path, rows: Iterable[Mapping[str, Any]], format_: str, scratch: Path
) -> Iterator[None]:
    """Write examples to a file for the block; if the block fails, what stood there is back.

    Args:
        target: the file; it is replaced at once, when every example is written.
        rows: the examples, taken once.
        format_: one of `FORMATS`.
        scratch: an existing folder for a copy, where the examples are gone through twice.

    Raises:
        UsageError: a row is no mapping.
        BadDataError: a row is no JSON object, or the format cannot hold it.
    """
    with _kept(target):
        _write(target, rows, format_, scratch)
        yield


@contextmanager
def replaced(target: Path, pieces: Iterable[bytes]) -> Iterator[None]:
    """The same with the bytes of a text file.

    Raises:
        ResourceError: no space or no permission.
    """
    with _kept(target):
        with replacing(target) as handle:
            handle.writelines(pieces)
        yield


@contextmanager
def _kept(target: Path) -> Iterator[None]:
    """Put a file back, as it was or was not, where the block fails."""
    backup = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.tmp")
    there = os.path.lexists(target)
    with resource_errors(target):
        try:
            if there:
                copy_file(target, backup, durable=False)
            yield
        except BaseException:
            if backup.exists():
                backup.replace(target)
            elif not there:
                target.unlink(missing_ok=True)
            raise
        finally:
            backup.unlink(missing_ok=True)


def _write(target: Path, rows: Iterable[Mapping[str, Any]], format_: str, scratch: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if format_ in _ONE_PASS:
        write_examples(target, lambda: _checked(rows), format_)
        return
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        lines = Path(folder) / "rows.jsonl"
        write_examples(lines, lambda: _checked(rows), "jsonl")
        write_examples(target, examples_of(lines), format_)


def _checked(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise UsageError(
                f"row {number} is a {type(row).__name__}, not a mapping of names to values",
                kind="not-a-mapping",
                hint='a data frame gives them by .to_dict("records"), a table by .to_pylist()',
            )
        yield dict(row)


def examples_of(lines: Path) -> Examples:
    """The examples of a file of JSON lines, which can be gone through more than once."""

    def examples() -> Iterator[dict[str, Any]]:
        with lines.open("rb") as file:
            while batch := file.readlines(1 << 20):
                for row in parse_rows([line.rstrip(b"\n") for line in batch]):
                    if isinstance(row, RowFault):
                        raise BadDataError(f"a row is no example: {row.message}", kind=row.code)
                    yield row.value

    return examples
