"""How the tests write tables with pyarrow, and read them with the library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dslineage.canonical.jcs import canonical_bytes
from dslineage.formats.base import Limits
from dslineage.formats.tables import TableSource, open_table, read_chunk

LIMITS = Limits()


def write_parquet(path: Path, table: pa.Table, **options: Any) -> Path:
    """Write a Parquet file, in folders that are made where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, **options)
    return path


def write_ipc(
    path: Path, table: pa.Table, *, stream: bool = False, rows: int | None = None
) -> Path:
    """Write an Arrow IPC file or stream, in batches of so many rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema) as writer:
        writer.write_table(table, rows)
    return path


def read_table(path: Path, limits: Limits = LIMITS, rows: int = 1000) -> list[dict[str, Any]]:
    """All examples of a file or folder."""
    return read_all(open_table(path, limits), rows)


def read_all(source: TableSource, rows: int = 1000) -> list[dict[str, Any]]:
    """All examples of a source, in chunks of so many rows."""
    return [
        example
        for chunk in source.chunks(rows)
        for examples in read_chunk(chunk)
        for example in examples
    ]


def canonical(examples: Sequence[dict[str, Any]]) -> list[str]:
    """The canonical forms: equal texts are equal examples."""
    return [canonical_bytes(example).decode() for example in examples]


def flip(path: Path, inside: bytes) -> None:
    """Flip a bit in the first place where some bytes stand in a file."""
    data = bytearray(path.read_bytes())
    at = data.index(inside) + len(inside) // 2
    data[at] ^= 1
    path.write_bytes(data)


def cut(path: Path, size: int) -> None:
    """Cut a file off, so many bytes before its end."""
    path.write_bytes(path.read_bytes()[:-size])
