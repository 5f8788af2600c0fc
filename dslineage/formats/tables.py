"""Tables as sources of examples: Parquet, Arrow IPC, shards in a folder, Hugging Face folders.

Looking at a table reads footers and headers only. No extension type runs code, and no link leads
out of a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.canonical.arrow import child_fields, refuse_duplicates
from dslineage.canonical.arrow_json import JSON_TYPE, ArrowValueError
from dslineage.errors import BadDataError, Fault
from dslineage.formats import drift, ipc, parquet, sniff
from dslineage.formats.base import Limits, Note
from dslineage.formats.faults import bad_file
from dslineage.formats.table_file import EXPANSION_FLOOR, TableFile
from dslineage.formats.table_folder import data_files, partition_values
from dslineage.formats.table_rows import TableChunk, TableSource, read_chunk, read_rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableChunk", "TableSource", "open_table", "read_chunk", "read_rows"]


def open_table(path: Path, limits: Limits) -> TableSource:
    """Look at a Parquet or Arrow file, or at a folder of them.

    Raises:
        BadDataError: a file is damaged or something else, shards are missing or differ in their
            schema, or a column name is not unique.
    """
    folder = data_files(path) if path.is_dir() else None
    names = folder.files if folder else (path.name,)
    files = {name: _look(path / name if folder else path, limits) for name in names}
    _refuse_mixture(path, files)
    for name, file in files.items():
        place = path / name if folder else path
        _refuse_equal_names(place, file, name if folder else "")
        _refuse_impossible(place, file, limits)
    _refuse_drift(path, files)
    first = next(iter(files.values()))
    return TableSource(
        path,
        tuple(files),
        folder.format if folder and folder.format else first.format,
        tuple(file.groups for file in files.values()),
        first.schema.to_string(show_field_metadata=False, show_schema_metadata=False),
        limits,
        (folder.notes if folder else ()) + _extension_notes(first.schema),
    )


def _look(path: Path, limits: Limits) -> TableFile:
    """One file, by what its first bytes say it is."""
    if not path.is_file():
        raise bad_file(path, "no-file", "not a regular file")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise bad_file(path, "empty-file", "the file is empty")
    if head.startswith((parquet.MAGIC, parquet.ENCRYPTED)):
        return parquet.look(path)
    if head.startswith((ipc.MAGIC, ipc.CONTINUATION)):
        return ipc.look(path, limits)
    finding = sniff.foreign(path, head) or sniff.misplaced(path, head)
    if finding:
        raise bad_file(path, finding.code, finding.message, finding.hint)
    raise bad_file(path, "not-a-table", "neither Parquet nor Arrow IPC")


def _refuse_impossible(path: Path, file: TableFile, limits: Limits) -> None:
    """Row counts are claims: nulls take no bytes, so a small file may claim any number of rows."""
    allowed = limits.ratio * max(path.stat().st_size, EXPANSION_FLOOR)
    if min(file.groups, default=0) < 0 or sum(file.groups) > allowed:
        message = f"the file claims {sum(file.groups)} rows; at most {allowed} are allowed"
        raise bad_file(path, "expansion", message)


def _refuse_mixture(path: Path, files: dict[str, TableFile]) -> None:
    formats = sorted({file.format for file in files.values()})
    if len(formats) > 1:
        raise bad_file(path, "mixed-formats", f"the folder mixes {' and '.join(formats)} files")


def _refuse_equal_names(path: Path, file: TableFile, name: str) -> None:
    try:
        refuse_duplicates(file.schema)
    except ArrowValueError as error:
        raise bad_file(path, error.code, error.message) from None
    except UnicodeDecodeError:
        raise bad_file(path, "invalid-utf8", "the name of a column is not UTF-8") from None
    if both := sorted(partition_values(name).keys() & set(file.schema.names)):
        message = f"{', '.join(both)} is both a column of the file and a folder name"
        raise bad_file(path, "duplicate-column", message)


def _refuse_drift(path: Path, files: dict[str, TableFile]) -> None:
    found = drift.differences({name: file.schema for name, file in files.items()})
    if not found:
        return
    faults = []
    for difference in found:
        here, usual = next(iter(difference.types.items()))
        faults += [
            Fault(
                "schema-drift",
                f"the type is {kind}, in {here} it is {usual}",
                str(path / name),
                1,
                1,
                0,
                path=f"$.{difference.path}",
            )
            for name, kind in difference.types.items()
            if kind != usual
        ]
    raise BadDataError(
        f"the files in {path} have different schemas (- is absent):\n{drift.table(found)}",
        tuple(faults),
        kind="schema-drift",
        hint="write them again with one schema",
    )


def _extension_notes(schema: pa.Schema) -> tuple[Note, ...]:
    return tuple(
        Note(
            "extension-type",
            f"column {column.name!r} holds the extension type {name!r}, read as its storage",
            0,
        )
        for column in schema
        for name in dict.fromkeys(_extensions(column))
        if name != JSON_TYPE
    )


def _extensions(column: Any) -> Iterator[str]:
    """The names of the extension types in a field, registered with pyarrow or not."""
    import pyarrow as pa

    if isinstance(column.type, pa.BaseExtensionType):
        yield column.type.extension_name
    elif name := (column.metadata or {}).get(b"ARROW:extension:name"):
        yield name.decode(errors="replace")
    for inner in child_fields(column.type):
        yield from _extensions(inner)
