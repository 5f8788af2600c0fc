"""Checking objects before they are sent, and before what was received becomes an object."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dslineage.errors import DslineageError, IntegrityError
from dslineage.ids import Digest
from dslineage.store.checking import check_object
from dslineage.store.columns import read_columns
from dslineage.store.pack import Pack
from dslineage.store.seekable import SeekableText

_KINDS = {
    "packs": "pack",
    "views": "view",
    "measures": "measures",
    "layouts": "layout",
    "blobs": "blob",
    "media": "media",
    "links": "links",
    "keys": "key",
}


def file_digest(path: Path) -> Digest:
    """The SHA-256 of a file."""
    with path.open("rb") as handle:
        return Digest(hashlib.file_digest(handle, "sha256").digest())


def check_sent(name: str, path: Path) -> None:
    """Check that an object is as it was written, before others get it.

    Raises:
        IntegrityError: it is damaged.
    """
    if path.suffix == ".zst":
        SeekableText.open(path).check()
        return
    _raise_first(check_object(kind_of(name), path))


def check_received(name: str, path: Path, packs: Path) -> None:
    """Check that a file which came from a remote is the object of that name.

    What a name says is checked whole: rows against the pack's name, texts against the row ids,
    blobs, media lists and links against their hash. A view and measures can only be as long as
    their pack, and whole.

    Args:
        name: the object's name.
        path: where the file is, under its final file name, in a folder of its own.
        packs: where the columns of its pack are.

    Raises:
        IntegrityError: it is not.
    """
    if path.suffix == ".zst":
        _check_text(path, packs)
        return
    _raise_first(check_object(kind_of(name), path))
    if kind_of(name) in {"view", "measures"}:
        rows = Pack.open(packs, _pack_of(path)).rows
        if read_columns(path).rows != rows:
            _raise_first([f"damaged object {path.name}: it is not as long as its pack"])


def _check_text(path: Path, packs: Path) -> None:
    """Check the text of a pack, row by row, against the row ids that its columns have."""
    name = _pack_of(path)
    try:
        pack = Pack(name, path.parent, read_columns(packs / f"{name.hex}.rows"))
        _raise_first([f"damaged object {path.name}: {why}" for why in pack.check_text(rows=True)])
    except DslineageError:
        raise
    except (OSError, ValueError, LookupError, MemoryError) as error:
        _raise_first([f"damaged object {path.name}: {error}"])


def _pack_of(path: Path) -> Digest:
    return Digest(bytes.fromhex(path.name.partition(".")[0]))


def kind_of(name: str) -> str:
    """The kind of an object, by its name: `pack`."""
    return _KINDS[name.partition("/")[0]]


def _raise_first(wrong: list[str]) -> None:
    if wrong:
        raise IntegrityError(wrong[0], kind="damaged-object", hint="dslineage verify")
