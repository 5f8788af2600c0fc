"""Reading Parquet: row groups in small batches, with every checksum that the file has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.formats.faults import bad_file
from dslineage.formats.table_file import (
    EXPANSION_FLOOR,
    NumberedBatch,
    TableFile,
    bad_row,
    batch_rows,
    decoding,
)

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from dslineage.formats.base import Limits

MAGIC = b"PAR1"
ENCRYPTED = b"PARE"
_SMALLEST = 12
_BUFFER = 1 << 20


def look(path: Path) -> TableFile:
    """The schema and row groups of a Parquet file, from its footer.

    Raises:
        BadDataError: there is no footer, or it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - len(MAGIC)))
        tail = file.read()
    if tail == ENCRYPTED:
        raise bad_file(path, "encrypted", "the Parquet file is encrypted")
    if tail != MAGIC or size < _SMALLEST:
        message = f"the file begins as Parquet and has no footer: it was cut off at byte {size}"
        raise bad_file(path, "truncated", message, "copy or write it again")
    with decoding(path, "the footer"), _opened(path) as file:
        metadata = file.metadata
        groups = tuple(
            metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)
        )
        return TableFile("parquet", file.schema_arrow, groups)


def batches(path: Path, group: int, before: int, limits: Limits) -> Iterator[NumberedBatch]:
    """The rows from a row group on, a few at a time; `before` rows of the file stand before it.

    What the metadata says about sizes is used to choose how much to decode at once, and not
    believed: the limits hold for the bytes that come out of each row group.

    A flipped bit is found where the writer stored page checksums, or where a page can no longer be
    decompressed or decoded; in an uncompressed page without checksum it goes unseen.

    Raises:
        BadDataError: a page is damaged, or a row group expands beyond the limits; the fault names
            the row group.
    """
    with decoding(path, "the footer"), _opened(path) as file:
        for number in range(group, file.metadata.num_row_groups):
            yield from _group(path, file, number, before, limits)
            before += file.metadata.row_group(number).num_rows


def _group(
    path: Path, file: pq.ParquetFile, group: int, before: int, limits: Limits
) -> Iterator[NumberedBatch]:
    metadata = file.metadata.row_group(group)
    stored = path.stat().st_size
    allowed = min(limits.ratio * max(stored, EXPANSION_FLOOR), limits.decoded_bytes)
    what = f"row group {group} (rows {before + 1} to {before + metadata.num_rows})"
    size = batch_rows(metadata.total_byte_size, metadata.num_rows)
    decoded, first = 0, before
    with decoding(path, what, before):
        for batch in file.iter_batches(size, row_groups=[group], use_threads=False):
            decoded += batch.nbytes
            if decoded > allowed:
                message = f"{what}: more than {allowed} bytes come out of a file of {stored}"
                raise bad_row(path, first, "expansion", message)
            batch.validate(full=True)
            yield NumberedBatch(group, first, batch)
            first += batch.num_rows


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    return pq.ParquetFile(  # type: ignore[call-arg]  # the stubs know no extension option
        path,
        pre_buffer=False,
        buffer_size=_BUFFER,
        page_checksum_verification=True,
        arrow_extensions_enabled=True,
    )
