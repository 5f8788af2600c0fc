"""Safetensors files made by hand, so that every part of one can be as a test wants it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Tensor(NamedTuple):
    """A tensor of bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def f32(*values: float) -> Tensor:
    """A vector."""
    return Tensor("F32", (len(values),), struct.pack(f"<{len(values)}f", *values))


def save(
    path: Path,
    tensors: Mapping[str, Tensor],
    *,
    metadata: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    padding: int = 0,
) -> None:
    """Write a file; `order` is that of the bytes, `padding` spaces end the header."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    data = b""
    for name in order or tensors:
        tensor = tensors[name]
        offsets = [len(data), len(data) + len(tensor.data)]
        header[name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": offsets}
        data += tensor.data
    write(path, json.dumps(header).encode() + b" " * padding, data)


def write(path: Path, header: bytes, data: bytes = b"", *, length: int | None = None) -> None:
    """Write a header and bytes as they are, with a length of the header that may be a lie."""
    path.parent.mkdir(parents=True, exist_ok=True)
    claimed = len(header) if length is None else length
    path.write_bytes(struct.pack("<Q", claimed) + header + data)
