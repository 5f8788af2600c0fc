"""Column files: fixed-width columns of equal height, to be mapped into memory or read row by row.

A file is a magic of 8 bytes, the header's length and CRC-32 (u32, little-endian), a JSON header,
padding to 64 bytes, the columns, and the SHA-256 of all that. Columns stand one after another,
each aligned to 64 bytes, or interleaved, so that what is known of a row lies in one place. A column
whose rows are all equal is kept as one value in the header.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from dslineage.errors import IntegrityError
from dslineage.members import count, member
from dslineage.store.files import replacing
from dslineage.store.framed import missing, newer

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"dslcol01"
_ALIGN = 64
_PREFIX = 16
_SPARSE = 32
"""Fewer than one row in so many are read one by one."""
_DTYPES = {"u1", "<u2", "<u4", "<u8", "<i8"}


class Column(NamedTuple):
    """One column: its values in memory, or where they are in the file and how far apart."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    values: NDArray[Any] | None = None
    offset: int = 0
    stride: int = 0

    @property
    def width(self) -> int:
        """Bytes of one value."""
        return self.dtype.itemsize * math.prod(self.shape)


@dataclass(frozen=True)
class ColumnFile:
    """An open column file. It is mapped when a whole column is first asked for."""

    path: Path
    rows: int
    meta: Mapping[str, Any]
    columns: Mapping[str, Column]

    @classmethod
    def in_memory(
        cls, path: Path, columns: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
    ) -> ColumnFile:
        """Columns that could not be written to `path`."""
        rows = len(next(iter(columns.values())))
        kept = {name: Column(one.dtype, one.shape[1:], one) for name, one in columns.items()}
        return cls(path, rows, meta, kept)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column = self.columns[name]
        if column.values is not None:
            return column.values
        strides = (column.stride, column.dtype.itemsize)[: 1 + len(column.shape)]
        shape = (self.rows, *column.shape)
        return np.ndarray(shape, column.dtype, self._mapped, column.offset, strides)

    def has(self, kinds: Mapping[str, str]) -> bool:
        """Whether there are such columns: what a row has in each, as numpy says it (`(32,)u1`)."""
        found = {name: np.dtype((one.dtype, one.shape)) for name, one in self.columns.items()}
        return all(found.get(name) == np.dtype(kind) for name, kind in kinds.items())

    def take(self, names: Sequence[str], rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Some rows of some columns; few rows of many are read one by one, not mapped.

        A map reads whole pages, and the kernel reads pages ahead.
        """
        if len(rows) * _SPARSE >= self.rows:
            return {name: self[name].take(rows, axis=0) for name in names}
        found = {}
        records: dict[tuple[int, int], NDArray[np.uint8]] = {}
        for name in names:
            column = self.columns[name]
            if column.values is not None:
                found[name] = column.values[rows]
                continue
            start = self._record_start(column)
            if (start, column.stride) not in records:
                records[start, column.stride] = self._records(start, column.stride, rows)
            inner = slice(column.offset - start, column.offset - start + column.width)
            values = np.ascontiguousarray(records[start, column.stride][:, inner])
            found[name] = values.view(column.dtype).reshape(len(rows), *column.shape)
        return found

    @cached_property
    def _mapped(self) -> memoryview:
        with self._opened() as handle:
            return memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))

    def _opened(self) -> FileIO:
        """The file again, which may have been collected as garbage since it was opened first."""
        try:
            return self.path.open("rb", buffering=0)
        except FileNotFoundError:
            raise missing(self.path.name) from None

    def _record_start(self, column: Column) -> int:
        """Where the first record begins in which a column is interleaved."""
        if column.stride == column.width:
            return column.offset
        return min(one.offset for one in self.columns.values() if one.stride == column.stride)

    def _records(self, start: int, stride: int, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        with self._opened() as handle:
            file = handle.fileno()
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
            data = b"".join([os.pread(file, stride, start + row * stride) for row in rows.tolist()])
        return np.frombuffer(data, np.uint8).reshape(len(rows), stride)


def write_columns(
    path: Path,
    columns: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
    *,
    interleaved: bool = False,
    durable: bool = True,
) -> None:
    """Write columns of equal height, each one-dimensional or of shape (rows, width)."""
    rows = len(next(iter(columns.values())))
    described: list[dict[str, Any]] = []
    data: list[NDArray[Any]] = []
    place = 0
    for name, column in columns.items():
        dense = np.ascontiguousarray(column)
        width = dense.dtype.itemsize * int(np.prod(dense.shape[1:], dtype=np.int64))
        entry: dict[str, Any] = {"name": name}
        entry |= {"dtype": dense.dtype.str.lstrip("|"), "shape": list(dense.shape[1:])}
        if rows and (dense == dense[0]).all():
            described.append(entry | {"constant": dense[0].tobytes().hex()})
        else:
            described.append(entry | {"offset": place, "stride": width})
            data.append(dense)
            place += width if interleaved else _padded(dense.nbytes)
    if interleaved and data:
        for entry in described:
            if "stride" in entry:
                entry["stride"] = place
        data = [np.concatenate([one.view("u1").reshape(rows, -1) for one in data], axis=1)]
    header = orjson.dumps({"rows": rows, "meta": dict(meta), "columns": described})
    hasher = hashlib.sha256()
    with replacing(path, durable=durable) as handle:

        def put(chunk: Any) -> None:
            handle.write(chunk)
            hasher.update(chunk)

        put(MAGIC + len(header).to_bytes(4, "little") + zlib.crc32(header).to_bytes(4, "little"))
        put(header.ljust(_padded(_PREFIX + len(header)) - _PREFIX, b"\0"))
        for dense in data:
            put(dense.data if dense.nbytes else b"")
            put(bytes(_padded(dense.nbytes) - dense.nbytes))
        handle.write(hasher.digest())


def read_columns(path: Path) -> ColumnFile:
    """Map a column file.

    Raises:
        IntegrityError: the file is not a column file, or is shorter than its header says.
        FileNotFoundError: there is none.
    """
    with path.open("rb", buffering=0) as handle:
        os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        size = os.fstat(handle.fileno()).st_size
        start = handle.read(_PREFIX)
        if size < 64 or len(start) < _PREFIX:
            raise _damaged(path, "it is too short")
        if start[:8] != MAGIC:
            if start[:6] == MAGIC[:6] and is_whole(path):
                raise newer(path.name)
            raise _damaged(path, "its first bytes are wrong")
        length, checksum = (int.from_bytes(start[place : place + 4], "little") for place in (8, 12))
        encoded = handle.read(length) if length < size else b""
    if zlib.crc32(encoded) != checksum:
        raise _damaged(path, "its header has another checksum")
    try:
        header = orjson.loads(encoded)
        columns = _columns(header, _padded(_PREFIX + length), size - 32)
        return ColumnFile(path, header["rows"], header["meta"], columns)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"its header cannot be read ({error})") from error


def check_columns(path: Path) -> None:
    """Hash a column file again.

    Raises:
        IntegrityError: the bytes are not those that were written.
    """
    hasher = hashlib.sha256()
    size = path.stat().st_size - 32
    with path.open("rb") as handle:
        while size > 0:
            chunk = handle.read(min(size, 1 << 20))
            if not chunk:
                break
            hasher.update(chunk)
            size -= len(chunk)
        if size != 0 or handle.read(33) != hasher.digest():
            raise _damaged(path, "its checksum does not match its bytes")


def is_whole(path: Path) -> bool:
    """Whether there is a column file with the bytes that were written."""
    try:
        check_columns(path)
    except (IntegrityError, FileNotFoundError):
        return False
    return True


def cached_columns(
    path: Path, kinds: Mapping[str, str], rows: int | None = None
) -> ColumnFile | None:
    """A column file of a cache; None where there is none, or another than would be written.

    Args:
        path: the file.
        kinds: the columns that it has to have; see `ColumnFile.has`.
        rows: how many it has to have; else no more than it has bytes, since a file of a few
            bytes can say that it has any number of equal ones.
    """
    if not is_whole(path):
        return None
    try:
        file = read_columns(path)
    except (IntegrityError, FileNotFoundError):
        return None
    many = file.rows <= path.stat().st_size if rows is None else file.rows == rows
    return file if many and file.has(kinds) else None


def _columns(header: dict[str, Any], base: int, end: int) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    rows = count(header, "rows")
    member(header, "meta", dict)
    for entry in header["columns"]:
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"unknown column type {entry['dtype']!r}")
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        if not all(type(size) is int and size >= 0 for size in shape):
            raise ValueError(f"rows of the shape {shape!r:.100}")
        if "constant" in entry:
            value = np.frombuffer(bytes.fromhex(entry["constant"]), dtype=dtype).reshape(shape)
            columns[entry["name"]] = Column(dtype, shape, np.broadcast_to(value, (rows, *shape)))
            continue
        offset, stride = count(entry, "offset"), count(entry, "stride")
        column = Column(dtype, shape, None, base + offset, stride)
        last = column.offset + (rows - 1) * column.stride + column.width
        if column.offset < base or column.stride < column.width or last > end:
            raise ValueError("a column reaches past the end of the file")
        columns[entry["name"]] = column
    return columns


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _damaged(path: Path, why: str) -> IntegrityError:
    return IntegrityError(
        f"damaged object {path.name}: {why}", kind="damaged-object", hint="dslineage verify"
    )
