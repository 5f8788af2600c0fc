"""Text in independent zstd frames with a seek table (the zstd seekable format).

`zstd -d` reads such a file as any other; a reader that knows the table decodes one frame alone.
The last frame of the table is a skippable one with the SHA-256 of everything else in the file.
Source: zstd, contrib/seekable_format, version 0.1.0.
"""

from __future__ import annotations

import hashlib
import os
import struct
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

import numpy as np
import zstandard

from dslineage.store.framed import damaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 1
_SKIPPABLE = 0x184D2A5E
_SEEKABLE = 0x8F92EAB1
_CHECKSUM = struct.pack("<II", 0x184D2A5D, 32)
_FOOTER = struct.Struct("<IBI")
_ENTRY = struct.Struct("<II")
_PIECE = 1 << 20


@lru_cache(maxsize=1)
def _compressor() -> zstandard.ZstdCompressor:
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, write_checksum=True, write_content_size=True
    )
    return zstandard.ZstdCompressor(compression_params=parameters)


class Frames(NamedTuple):
    """Compressed frames, one behind the other; `sizes` has that of each, and of its text."""

    data: bytes
    sizes: list[tuple[int, int]]


def compress_frames(texts: Iterable[bytes | memoryview]) -> Frames:
    """Each text as a frame, with a checksum of its content."""
    compress = _compressor().compress
    frames = [(compress(text), len(text)) for text in texts]
    return Frames(b"".join([data for data, _ in frames]), [(len(data), n) for data, n in frames])


def write_frames(handle: BinaryIO, frames: Iterable[Frames]) -> None:
    """Write compressed frames, their checksum and the table."""
    hasher = hashlib.sha256()
    sizes: list[tuple[int, int]] = []
    for some in frames:
        handle.write(some.data)
        hasher.update(some.data)
        sizes += some.sizes
    table = _seek_table([*sizes, (len(_CHECKSUM) + 32, 0)])
    hasher.update(table)
    handle.write(_CHECKSUM + hasher.digest() + table)


def rewrite_frames(handle: BinaryIO, text: SeekableText, changed: Mapping[int, bytes]) -> None:
    """Write a file of frames again with some of them changed, each to a text of equal length."""

    def frames() -> Iterator[Frames]:
        for number, size in enumerate(np.diff(text.places[:-1]).tolist()):
            if number in changed:
                yield compress_frames([changed[number]])
            else:
                data = text.packed(number)
                yield Frames(data, [(len(data), size)])

    write_frames(handle, frames())


def _seek_table(frames: Sequence[tuple[int, int]]) -> bytes:
    entries = b"".join(_ENTRY.pack(*sizes) for sizes in frames)
    footer = _FOOTER.pack(len(frames), 0, _SEEKABLE)
    return struct.pack("<II", _SKIPPABLE, len(entries) + len(footer)) + entries + footer


class SeekTable(NamedTuple):
    """Where frames begin in a file, and their texts in the whole text; and where the last ends.

    The last frame is the one with the checksum, which has no text.
    """

    starts: NDArray[np.int64]
    places: NDArray[np.int64]


def table_bytes(frames: int) -> int:
    """The bytes of what stands behind so many frames: checksum, table and footer."""
    return len(_CHECKSUM) + 32 + 8 + _ENTRY.size * (frames + 1) + _FOOTER.size


def read_table(
    name: str, size: int, read: Callable[[int, int], bytes], most: int | None = None
) -> SeekTable:
    """The table at the end of a file of frames.

    Args:
        name: what the file is called.
        size: its bytes.
        read: gives a number of its bytes from some place on.
        most: how many frames with text it can have.

    Raises:
        IntegrityError: there is no seek table, or it does not fit the file.
    """
    if size < 8 + _FOOTER.size:
        raise damaged(name, "it is too short")
    count, _, magic = _FOOTER.unpack(read(_FOOTER.size, size - _FOOTER.size))
    table = size - _FOOTER.size - _ENTRY.size * count
    if magic != _SEEKABLE or table < 8:
        raise damaged(name, "its seek table is missing")
    if most is not None and count > most + 1:
        raise damaged(name, "its seek table has more frames than there are rows")
    entries = np.frombuffer(read(_ENTRY.size * count, table), "<u4").reshape(-1, 2)
    starts, places = (
        np.concatenate([[0], np.cumsum(entries[:, i], dtype=np.int64)]) for i in (0, 1)
    )
    if len(entries) != count or starts[-1] != table - 8:
        raise damaged(name, "its seek table does not fit its size")
    return SeekTable(starts, places)


def decoded(name: str, number: int, packed: bytes, size: int) -> bytes:
    """The text of a frame, which has so many bytes.

    Raises:
        IntegrityError: the frame is damaged, or has another size; no more memory is asked for.
    """
    try:
        fits = zstandard.frame_content_size(packed) in (size, -1)
        text = (
            zstandard.ZstdDecompressor().decompress(packed, max_output_size=size) if fits else b""
        )
    except zstandard.ZstdError as error:
        raise damaged(name, f"frame {number} cannot be decoded") from error
    if len(text) != size:
        raise damaged(name, f"frame {number} has another size than the seek table says")
    return text


@dataclass(frozen=True)
class SeekableText:
    """An open file of frames. `starts` and `places` have one entry more than there are frames."""

    path: Path
    file: int
    size: int
    starts: NDArray[np.int64]
    places: NDArray[np.int64]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file and read its seek table; it is closed with the object.

        Raises:
            IntegrityError: there is no seek table, or it does not fit the file.
        """
        with ExitStack() as stack:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            stack.callback(os.close, file)
            size = os.fstat(file).st_size
            text = cls(path, file, size, *read_table(path.name, size, partial(os.pread, file)))
            weakref.finalize(text, stack.pop_all().close)
        return text

    def check(self) -> None:
        """Hash the file again.

        Raises:
            IntegrityError: the bytes are not those that were written.
        """
        first, stop = (int(place) for place in self.starts[-2:]) if len(self.starts) > 1 else (0, 0)
        hasher = hashlib.sha256()
        for begin, end in ((0, first), (stop, self.size)):
            for place in range(begin, end, _PIECE):
                hasher.update(os.pread(self.file, min(_PIECE, end - place), place))
        if os.pread(self.file, stop - first, first) != _CHECKSUM + hasher.digest():
            raise damaged(self.path.name, "its checksum does not match its bytes")

    def packed(self, number: int) -> bytes:
        """One frame as it is stored."""
        start, stop = int(self.starts[number]), int(self.starts[number + 1])
        return os.pread(self.file, stop - start, start)

    def frame(self, number: int) -> bytes:
        """The text of one frame.

        Raises:
            IntegrityError: the frame is damaged.
        """
        size = int(self.places[number + 1] - self.places[number])
        return decoded(self.path.name, number, self.packed(number), size)

    def frames_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the frame that holds each place of the text."""
        return np.searchsorted(self.places, places, side="right") - 1

    def slices(self, places: NDArray[np.int64], lengths: NDArray[np.int64]) -> Sequence[bytes]:
        """The bytes at some places, each inside one frame; a frame is decoded once if sorted."""
        if len(places) and not 0 <= places.min() <= places.max() < self.places[-1]:
            raise damaged(self.path.name, "a row is said to begin outside of it")
        numbers = self.frames_of(places)
        inner = places - self.places[numbers]
        if (places + lengths > self.places[numbers + 1]).any():
            raise damaged(self.path.name, "a row is said to reach over the end of a frame")
        out: list[bytes] = []
        current, text = -1, b""
        for number, start, length in zip(
            numbers.tolist(), inner.tolist(), lengths.tolist(), strict=True
        ):
            if number != current:
                current, text = number, self.frame(number)
            out.append(text[start : start + length])
        return out
