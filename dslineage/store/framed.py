"""An object that is one zstd frame, between eight bytes that tell its kind and its SHA-256.

Layouts, media lists and row links are such objects; see `docs/format.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import zstandard

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.store.marker import UPGRADE

FETCH = "dslineage fetch"
"""The command that brings objects to where they are not."""
_MOST_BYTES = 1 << 30


def framed(magic: bytes, content: bytes, *, level: int) -> bytes:
    """The bytes of an object with some content."""
    packed = magic + zstandard.ZstdCompressor(level=level).compress(content)
    return packed + hashlib.sha256(packed).digest()


def unframed(magic: bytes, data: bytes, name: str) -> bytes:
    """The content of an object.

    Raises:
        IntegrityError: the bytes are not those that `framed` gave.
    """
    sealed = hashlib.sha256(data[:-32]).digest() == data[-32:]
    if sealed and data[:6] == magic[:6] and data[:8] != magic:
        raise newer(name)
    if data[:8] != magic or not sealed:
        raise damaged(name, "its checksum does not match its bytes")
    try:
        if not 0 <= zstandard.frame_content_size(data[8:-32]) <= _MOST_BYTES:
            raise damaged(name, "it does not say that it has at most a gigabyte")
        return zstandard.ZstdDecompressor().decompress(data[8:-32])
    except zstandard.ZstdError as error:
        raise damaged(name, f"it cannot be decompressed ({error})") from error


def newer(name: str) -> IntegrityError:
    """The error for an object that is whole, in a form of another release."""
    return IntegrityError(
        f"the object {name} has a form that this release does not know",
        kind="newer-format",
        hint=UPGRADE,
    )


def damaged(name: str, why: str) -> IntegrityError:
    """The error for an object that cannot be what was written."""
    return IntegrityError(
        f"damaged object {name}: {why}", kind="damaged-object", hint="dslineage verify"
    )


def was_forgotten(digests: Iterable[Digest]) -> IntegrityError:
    """The error for examples whose bytes were forgotten."""
    first, *others = sorted({str(one) for one in digests})
    more = f" and {len(others):,} others were" if others else " was"
    return IntegrityError(
        f"the example {first}{more} forgotten: nobody can say what it was",
        kind="forgotten",
        hint="dslineage export VERSION --without-forgotten -o FILE writes the others",
    )


def missing(name: str, what: str = "") -> IntegrityError:
    """The error for an object that is not there, or of which some is not."""
    message = f"missing object {name}{what and f': {what}'}"
    return IntegrityError(message, kind="missing-object", hint=FETCH)
