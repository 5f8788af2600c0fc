"""A search for bytes wherever a program could read them: decompressed, decoded, and in tables."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from dslineage.store.layout import Layout

_ZSTD = b"\x28\xb5\x2f\xfd"


def where(needle: bytes, *folders: Path) -> list[str]:
    """The files below some folders in which a text is, however it is packed."""
    return sorted(
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and any(needle in data for data in _readings(path))
    )


def _readings(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and all that can be made of them."""
    data = path.read_bytes()
    yield data
    if "layouts" in path.parts and data[:8] == b"dsllay01":
        yield from Layout.decode(data, path.name).gaps.texts
    for start in _frames(data):
        yield _frame(data[start:])
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    if path.parent.parent.name == "objects":
        yield zlib.decompress(data)
    if data[:4] == b"PAR1":
        import pyarrow.parquet as pq

        yield json.dumps(pq.read_table(io.BytesIO(data)).to_pylist(), default=str).encode()


def _frames(data: bytes) -> Iterator[int]:
    place = data.find(_ZSTD)
    while place >= 0:
        yield place
        place = data.find(_ZSTD, place + 1)


def _frame(data: bytes) -> bytes:
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    except zstandard.ZstdError:
        return b""
