"""A file as a stream of byte arrays, each with the bytes beside it.

Whoever looks for record boundaries needs the byte before and the byte after a place (is this CR
followed by LF, does this quote stand at the start of a field). So each chunk carries one byte
of context on both sides, and no scanner has a special case at the edge of a chunk.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LF, CR = 0x0A, 0x0D
BOM = codecs.BOM_UTF8
CHUNK_BYTES = 1 << 20
"""Large enough that a call of numpy costs nothing, small enough for a second-level cache."""

_WHITE_SPACE = b" \t\r\n"


class Chunk:
    """Some bytes of a file, valid until the next chunk is read.

    Attributes:
        base: the absolute offset of the first byte.
        data: the bytes.
        before: for each byte the one before it; LF where reading began.
        after: for each byte the one after it; 0 at the end of the file.
    """

    __slots__ = ("_buffer", "after", "base", "before", "data")

    def __init__(self, buffer: bytearray, base: int, length: int) -> None:
        window = np.frombuffer(buffer, np.uint8, length + 2)
        self._buffer = buffer
        self.base = base
        self.before: NDArray[np.uint8] = window[:-2]
        self.data: NDArray[np.uint8] = window[1:-1]
        self.after: NDArray[np.uint8] = window[2:]

    @property
    def stop(self) -> int:
        """The absolute offset behind the last byte."""
        return self.base + len(self.data)

    def has(self, byte: int) -> bool:
        """Whether a byte value occurs; much faster than a comparison of every byte."""
        return self._buffer.find(byte, 1, len(self.data) + 1) >= 0

    def text(self, start: int, stop: int) -> bytes:
        """Some of the bytes, by their place in the chunk."""
        return bytes(self._buffer[start + 1 : stop + 1])


def read_chunks(path: Path, start: int, size: int) -> Iterator[Chunk]:
    """The bytes of a file from `start` to its end, `size` of them at a time."""
    buffer = bytearray(size + 2)
    buffer[0] = LF
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        held = 0
        while length := held + _fill(file, memoryview(buffer)[1 + held :]):
            last = length <= size
            if last:
                buffer[length + 1] = 0
                yield Chunk(buffer, start, length)
                return
            yield Chunk(buffer, start, size)
            buffer[:2] = buffer[size : size + 2]
            start += size
            held = 1


def _fill(file: BinaryIO, room: memoryview) -> int:
    """Read until the room is full or the file at its end; the number of bytes read."""
    filled = 0
    while filled < len(room) and (count := file.readinto(room[filled:])):  # type: ignore[attr-defined]
        filled += count
    return filled


def bom_length(path: Path) -> int:
    """3 where a file begins with a UTF-8 byte-order mark, else 0."""
    with path.open("rb") as file:
        return len(BOM) if file.read(len(BOM)) == BOM else 0


def first_content(path: Path) -> int | None:
    """The offset of the first byte that is neither byte-order mark nor white space."""
    for chunk in read_chunks(path, bom_length(path), CHUNK_BYTES):
        text = chunk.text(0, len(chunk.data))
        if content := text.lstrip(_WHITE_SPACE):
            return chunk.stop - len(content)
    return None
