"""The header of a safetensors file: which tensors are in it, and where their bytes are.

The format is that of https://github.com/huggingface/safetensors: eight bytes with the length of a
JSON header, the header, and the bytes of the tensors, without a hole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from dslineage.errors import BadDataError
from dslineage.members import member

MOST_HEADER_BYTES = 100_000_000
"""As the reference implementation has it."""

_METADATA = "__metadata__"
_TOO_MANY = 1 << 63
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64,
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "F16": 16, "BF16": 16, "F32": 32, "F64": 64, "C64": 64,
}  # fmt: skip


class Place(NamedTuple):
    """A tensor in a file: its type and shape, and the bytes `[start, stop)` of the file."""

    path: Path
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Header:
    """The tensors of one file by name, and names that stand for another tensor of the file."""

    tensors: Mapping[str, Place]
    aliases: Mapping[str, str]


def read_header(path: Path) -> Header:
    """The header of a safetensors file.

    Raises:
        BadDataError: the file is not what the format says, in whatever way.
    """
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadDataError(
            f"{path} is no safetensors file: {error}",
            kind="bad-safetensors",
            hint="save the model again, or fetch the file again",
        ) from error


def _read(path: Path, file: BinaryIO) -> Header:
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(size - 8, MOST_HEADER_BYTES):
        raise ValueError(f"a header of {length:,} bytes, in a file of {size:,}")
    text = file.read(length).decode()
    document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    return _header(path, document, 8 + length, size)


def _header(path: Path, document: Any, base: int, size: int) -> Header:
    if type(document) is not dict:
        raise TypeError("its header is no JSON object")
    metadata = document.pop(_METADATA, {})
    if type(metadata) is not dict or any(type(text) is not str for text in metadata.values()):
        raise TypeError(f"{_METADATA} holds something else than texts")
    "".join((*document, *metadata)).encode()  # a ValueError where there is half a surrogate pair
    tensors = {name: _place(path, name, document[name], base) for name in document}
    end = base
    for name, place in sorted(tensors.items(), key=lambda one: (one[1].start, one[1].stop)):
        if place.start != end:
            raise ValueError(f"the bytes of {name!r:.100} begin at {place.start}, not at {end}")
        end = place.stop
    if end != size:
        raise ValueError(f"its tensors end at byte {end:,}, the file at {size:,}")
    aliases = {name: of for name, of in metadata.items() if of in tensors and name not in tensors}
    return Header(tensors, aliases)


def _place(path: Path, name: str, entry: Any, base: int) -> Place:
    if type(entry) is not dict:
        raise TypeError(f"{name!r:.100} is no object")
    dtype = member(entry, "dtype", str)
    shape = _naturals(member(entry, "shape", list))
    start, stop = _naturals(member(entry, "data_offsets", list))
    bits = _BITS.get(dtype)
    size = stop - start
    if size < 0 or (bits is not None and size * 8 != _elements(shape) * bits):
        form = f"{dtype:.20} of shape {list(shape)!s:.100}"
        raise ValueError(f"{name!r:.100} takes {size:,} bytes as {form}")
    return Place(path, dtype, shape, base + start, base + stop)


def _elements(shape: tuple[int, ...]) -> int:
    product = 1
    for side in shape:
        product *= side
        if product >= _TOO_MANY:
            raise ValueError(f"a shape of more than {_TOO_MANY:,} elements")
    return product


def _naturals(values: list[Any]) -> tuple[int, ...]:
    if any(type(value) is not int or not 0 <= value < _TOO_MANY for value in values):
        raise ValueError(f"{values!s:.100} holds something else than counts")
    return tuple(values)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in its header")
    return members


def _no_number(text: str) -> None:
    raise ValueError(f"{text} stands in its header")
