"""Readers of objects in a store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from dslineage.errors import DslineageError
from dslineage.ids import Digest
from dslineage.store import links, media
from dslineage.store.checking import check_object
from dslineage.store.framed import framed, unframed
from dslineage.store.layout import Layout
from dslineage.store.store import Store
from dslineage.versions.opening import open_version
from dslineage.versions.restoring import restored
from tests.fuzz import material
from tests.fuzz.target import Read, Target


def _object(kind: str, folder: str, suffix: str = "", *, whole: bool) -> Read:
    """An object of the repository is another: its version is opened and read.

    Where it has no right checksum (`whole`), checking it has to say so.
    """

    def read(data: bytes, place: Path) -> None:
        name = material.objects(folder, suffix)[0].relative_to(material.bench().objects)
        shutil.copytree(material.bench().objects, place / "objects")
        path = place / "objects" / name
        unchanged = path.read_bytes() == data
        path.write_bytes(data)
        wrong = check_object(kind, path)
        assert all(path.name[:64] in said for said in wrong)
        assert not whole or unchanged or wrong
        use(Store(place / "objects", durable=False))

    return read


def use(store: Store) -> None:
    """Open the versions of the repository, and read all of them."""
    first: DslineageError | None = None
    for ref in material.VERSIONS:
        record = material.version(ref)
        try:
            snapshot = open_version(store, record, trusting=False)
            rows = snapshot.rows()
            assert len(snapshot.digests(rows)) == len(rows)
            _ = snapshot.content_hash, snapshot.fields, snapshot.training_hash
            assert sum(1 for _ in snapshot.read(rows)) == len(rows)
            for pack in {name for layout in snapshot.layouts for name in layout.packs}:
                for tag in {one.name.split(".")[1] for one in store.measures_folder.iterdir()}:
                    for column, file in store.measures(pack, tag).items():
                        assert len(file[column]) == file.rows
            for _ in restored(store, record.files[0]):
                pass
        except DslineageError as error:
            first = first or error
    store.row_finder("text").find(np.zeros((2, 32), np.uint8))
    if first is not None:
        raise first


def _decoded(kind: type[links.Links | media.MediaList], magic: bytes) -> Read:
    def read(data: bytes, _: Path) -> None:
        found = kind.decode(framed(magic, data, level=1), Digest.of(data).hex)
        if isinstance(found, links.Links):
            for child in found.derived:
                assert found.get(child)
            assert all(found.reason(one.tobytes()) is not None for one in found.dropped)
        else:
            for example in range(len(found.references)):
                found.digests(example)
            assert found.read + sum(found.unread.values()) == len(found.media)

    return read


@cache
def _link_seeds() -> list[bytes]:
    builder = links.LinksBuilder()
    for number in range(20):
        child = Digest.of(b"%d" % number).raw
        builder.derive(
            child, [Digest.of(b"p%d" % number).raw, Digest.of(b"q").raw][: 1 + number % 2]
        )
        builder.drop(Digest.of(b"d%d" % number).raw, ("short", "refusal")[number % 2])
    built = builder.build()
    return [unframed(links.MAGIC, built.encoded, "a seed")]


def _media_seeds() -> list[bytes]:
    return [unframed(media.MAGIC, one.read_bytes(), "a seed") for one in material.objects("media")]


def _layout_bytes(data: bytes, _: Path) -> None:
    layout = Layout.decode(data, "a layout")
    assert Layout.decode(layout.encoded, "again").examples == layout.examples


def files(folder: str, suffix: str, opened: Callable[[bytes], bytes]) -> Callable[[], list[bytes]]:
    most = 1 if opened is same else 4
    return lambda: [opened(one.read_bytes()) for one in material.objects(folder, suffix)[:most]]


def same(data: bytes) -> bytes:
    return data


COLUMNS = (material.open_columns, material.sealed_columns)


TARGETS: Mapping[str, Target] = {
    "pack columns": Target(
        files("packs", ".rows", same), _object("pack", "packs", ".rows", whole=True), cost=4
    ),
    "pack columns, sealed": Target(
        files("packs", ".rows", COLUMNS[0]),
        _object("pack", "packs", ".rows", whole=False),
        COLUMNS[1],
        cost=4,
    ),
    "pack text": Target(
        files("packs", ".zst", same), _object("pack", "packs", ".zst", whole=True), cost=4
    ),
    "pack text, sealed": Target(
        lambda: [material.open_text(one) for one in material.objects("packs", ".zst")],
        _object("pack", "packs", ".zst", whole=False),
        material.sealed_text,
        cost=4,
    ),
    "layout": Target(files("layouts", "", same), _object("layout", "layouts", whole=True), cost=4),
    "layout, sealed": Target(
        files("layouts", "", material.open_layout),
        _object("layout", "layouts", whole=False),
        material.sealed_layout,
        cost=4,
    ),
    "layout, decoded": Target(
        files("layouts", "", material.open_layout), _layout_bytes, material.sealed_layout
    ),
    "view": Target(files("views", "", same), _object("view", "views", whole=True), cost=4),
    "view, sealed": Target(
        files("views", "", COLUMNS[0]), _object("view", "views", whole=False), COLUMNS[1], cost=4
    ),
    "measures": Target(
        files("measures", "", same), _object("measures", "measures", whole=True), cost=4
    ),
    "measures, sealed": Target(
        files("measures", "", COLUMNS[0]),
        _object("measures", "measures", whole=False),
        COLUMNS[1],
        cost=4,
    ),
    "media list": Target(files("media", "", same), _object("media", "media", whole=True), cost=4),
    "media list, decoded": Target(_media_seeds, _decoded(media.MediaList, media.MAGIC)),
    "links, decoded": Target(_link_seeds, _decoded(links.Links, links.MAGIC)),
    "blob": Target(files("blobs", "", same), _object("blob", "blobs", whole=True), cost=4),
}
