"""Hashing objects again: each is checked by itself, so that the one that is damaged is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import DslineageError
from dslineage.ids import Digest
from dslineage.store.columns import check_columns, is_whole, read_columns
from dslineage.store.layout import Layout
from dslineage.store.links import Links
from dslineage.store.media import MediaList
from dslineage.store.pack import Pack

if TYPE_CHECKING:
    from dslineage.store.store import Store


def stored_objects(store: Store) -> Iterator[tuple[str, Path]]:
    """Every object of a store with its kind; what is cached or being written is none."""
    for kind, folder in (
        ("pack", store.packs_folder),
        ("view", store.views_folder),
        ("layout", store.layouts_folder),
        ("blob", store.blobs_folder),
        ("media", store.media_folder),
        ("links", store.links_folder),
        ("measures", store.measures_folder),
        ("key", store.keys_folder),
    ):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if not path.name.startswith("."):
                    yield kind, path


def check_object(kind: str, path: Path) -> list[str]:
    """What is wrong with an object, as sentences that name it."""
    try:
        return [f"damaged object {path.name}: {why}" for why in _CHECKS[kind](path)]
    except DslineageError as error:
        return [error.message]
    except (OSError, ValueError, LookupError) as error:
        return [f"damaged object {path.name}: {error}"]


def _check_pack(path: Path) -> Iterator[str]:
    name = Digest(bytes.fromhex(path.stem))
    if path.suffix == ".rows":
        yield from Pack.open(path.parent, name).check()
    elif path.with_suffix(".rows").exists():
        # Text alone, or of a pack that has its rows elsewhere, is what a kill left of a writer: no
        # version can need it.
        pack = Pack.open(path.parent, name)
        if pack.source is None:
            yield from pack.check_text(rows=is_whole(path.with_suffix(".rows")))


def _check_view(path: Path) -> Iterator[str]:
    check_columns(path)
    read_columns(path)
    yield from ()


def _check_layout(path: Path) -> Iterator[str]:
    Layout.decode(path.read_bytes(), path.name)
    yield from ()


def _check_blob(path: Path) -> Iterator[str]:
    with path.open("rb") as handle:
        if hashlib.file_digest(handle, "sha256").hexdigest() != path.name:
            yield "its bytes have another hash"


def _check_media(path: Path) -> Iterator[str]:
    MediaList.decode(path.read_bytes(), path.name)
    yield from ()


def _check_links(path: Path) -> Iterator[str]:
    Links.decode(path.read_bytes(), path.name)
    yield from ()


_CHECKS = {
    "pack": _check_pack,
    "view": _check_view,
    "measures": _check_view,
    "layout": _check_layout,
    "blob": _check_blob,
    "media": _check_media,
    "links": _check_links,
    "key": _check_blob,
}
