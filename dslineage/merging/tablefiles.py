"""Parquet and Arrow files as they are read for a merge, and written like one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.errors import UsageError
from dslineage.formats import ipc, parquet
from dslineage.formats.base import Limits
from dslineage.formats.tables import open_table

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dslineage.formats.table_file import NumberedBatch, TableFile


def table_look(path: Path) -> TableFile:
    """The format, schema and row groups of a file."""
    with path.open("rb") as file:
        begins = file.read(len(parquet.MAGIC))
    return parquet.look(path) if begins == parquet.MAGIC else ipc.look(path, Limits())


def table_batches(path: Path) -> Iterator[NumberedBatch]:
    """The rows of a file, a few at a time.

    Raises:
        BadDataError: the file is damaged.
    """
    open_table(path, Limits())
    with path.open("rb") as file:
        begins = file.read(len(parquet.MAGIC))
    if begins == parquet.MAGIC:
        return parquet.batches(path, 0, 0, Limits())
    return ipc.batches(path, 0, 0)


def table_rows(path: Path, rows: NDArray[np.int64], schema: pa.Schema) -> pa.Table:
    """Some rows of a file; they rise."""
    import pyarrow as pa

    parts, at = [schema.empty_table()], 0
    for batch in table_batches(path) if len(rows) else ():
        stop = int(np.searchsorted(rows, batch.stop))
        if stop > at:
            taken = batch.batch.take(rows[at:stop] - batch.first)
            parts.append(pa.Table.from_batches([taken], schema))
        at = stop
        if at == len(rows):
            break
    return pa.concat_tables(parts)


def table_writer(handle: Any, file: TableFile, path: Path) -> Any:
    """A writer of the format and schema of a file, and of its codec."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.format == "arrow":
        return pa.ipc.new_file(handle, file.schema)
    if file.format == "arrow-stream":
        return pa.ipc.new_stream(handle, file.schema)
    metadata = pq.read_metadata(path)
    codec: Any = "zstd"
    if metadata.num_row_groups and metadata.num_columns:
        codec = metadata.row_group(0).column(0).compression.lower()
    codec = {"uncompressed": "none", "unknown": "zstd"}.get(codec, codec)
    return pq.ParquetWriter(handle, file.schema, compression=codec, write_page_checksum=True)


def refuse_other_columns(files: Sequence[tuple[str, Path]]) -> None:
    """Refuse tables whose columns or types differ.

    Args:
        files: their names, and where they are.

    Raises:
        UsageError: they differ.
    """
    schemas = [table_look(path).schema for _, path in files]
    for (name, _), schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0]):
            here, there = ({one.name: str(one.type) for one in s} for s in (schemas[0], schema))
            said = [
                f"{column} is {here.get(column, 'absent')} here and "
                f"{there.get(column, 'absent')} there"
                for column in here | there
                if here.get(column) != there.get(column)
            ]
            raise UsageError(
                f"{name} has other columns on each side: "
                f"{'; '.join(said[:3]) or 'they stand in another order'}",
                kind="other-form",
                hint="give the files of both sides the same columns and types, and dslineage add",
            )
