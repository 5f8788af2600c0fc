"""Compressed files: recognised by their first bytes, decoded into a file of their own.

Decoding is strict where the ready-made readers are not: what follows the last frame must be a
frame, and the last frame must be whole. Several members or frames, as `cat a.gz b.gz` makes
them, are one file. Memory is bounded by the smallness of the pieces that a decoder is fed.
"""

from __future__ import annotations

import shlex
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import zstandard

from dslineage.formats.faults import bad_file

if TYPE_CHECKING:
    from dslineage.errors import BadDataError
    from dslineage.formats.base import Limits

_PIECE = 1024
"""Bytes fed to a decoder at once: zstd may make 128 KB out of each four of them."""

_HARMLESS = 64 << 20
"""Decoded bytes that are no bomb, whatever the ratio."""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Codec:
    """A way of compression.

    Attributes:
        name: what people call it.
        suffix: the suffix of its files, without the dot.
        begins: whether some bytes, at least four, begin a member or frame.
        decoder: a new decoder of one member or frame.
        padding: bytes that may follow the last one.
    """

    name: str
    suffix: str
    begins: Callable[[bytes], bool]
    decoder: Callable[[], _Decoder]
    padding: bytes = b""


class _BrokenError(Exception):
    """Why compressed bytes cannot be decoded."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _begins_gzip(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b")


def _begins_zstd(head: bytes) -> bool:
    skippable = head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F
    return skippable or head.startswith(b"\x28\xb5\x2f\xfd")


def _gzip_decoder() -> _Decoder:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _zstd_decoder() -> _Decoder:
    return zstandard.ZstdDecompressor().decompressobj()


CODECS = (
    Codec("gzip", "gz", _begins_gzip, _gzip_decoder, padding=b"\0"),
    Codec("zstd", "zst", _begins_zstd, _zstd_decoder),
)


def codec_of(head: bytes) -> Codec | None:
    """How a file that begins with these bytes is compressed."""
    return next((codec for codec in CODECS if codec.begins(head)), None)


def codec_named(path: Path) -> Codec | None:
    """How a file is compressed, if its name tells the truth."""
    return next((codec for codec in CODECS if path.suffix.lower() == f".{codec.suffix}"), None)


def decompress(path: Path, codec: Codec, spill: Path, limits: Limits) -> Path:
    """Decode a file into a new file in the folder `spill`; on failure nothing is left there.

    Raises:
        BadDataError: the file is cut, damaged, followed by something else, or decodes to more
            than the limits allow.
    """
    with ExitStack() as undo, path.open("rb") as source:
        with tempfile.NamedTemporaryFile(dir=spill, prefix="decoded-", delete=False) as file:
            target = Path(file.name)
            undo.callback(target.unlink)
            try:
                for data in _limited(source, codec, path.stat().st_size, limits):
                    file.write(data)
            except (_BrokenError, zlib.error, zstandard.ZstdError) as error:
                file.flush()
                raise _bad_compression(path, target, codec, error) from error
        undo.pop_all()
    return target


def _limited(source: BinaryIO, codec: Codec, size: int, limits: Limits) -> Iterator[bytes]:
    decoded = 0
    for data in _decoded(source, codec):
        decoded += len(data)
        if decoded > limits.decoded_bytes:
            raise _BrokenError("bomb", f"decodes to more than {limits.decoded_bytes:,} bytes")
        if decoded > max(_HARMLESS, size * limits.ratio):
            raise _BrokenError("bomb", f"decodes to more than {limits.ratio:,} times its size")
        yield data


def _decoded(source: BinaryIO, codec: Codec) -> Iterator[bytes]:
    """The decoded bytes of all members or frames of a file."""
    pending = source.read(_PIECE)
    while pending:
        if len(pending) < 4:
            pending += source.read(_PIECE)
        if not codec.begins(pending):
            _check_padding(source, codec, pending)
            return
        decoder = codec.decoder()
        yield decoder.decompress(pending)
        while not decoder.eof:
            pending = source.read(_PIECE)
            if not pending:
                code = f"{codec.name}-truncated"
                raise _BrokenError(code, f"the {codec.name} data ends too early")
            yield decoder.decompress(pending)
        pending = decoder.unused_data or source.read(_PIECE)


def _check_padding(source: BinaryIO, codec: Codec, pending: bytes) -> None:
    while pending:
        if pending.strip(codec.padding):
            raise _BrokenError(
                f"{codec.name}-trailing-garbage", f"something else follows the {codec.name} data"
            )
        pending = source.read(_PIECE)


def _bad_compression(path: Path, target: Path, codec: Codec, error: Exception) -> BadDataError:
    if not isinstance(error, _BrokenError):
        error = _BrokenError(f"{codec.name}-corrupt", f"the {codec.name} data is damaged")
    if error.code == "bomb":
        hint = f"{codec.name} -dk {shlex.quote(str(path))}"
        return bad_file(path, error.code, str(error), hint)
    decoded = target.stat().st_size
    hint = f"{codec.name} -t {shlex.quote(str(path))}"
    return bad_file(path, error.code, str(error), hint, plain=target, offset=decoded)
