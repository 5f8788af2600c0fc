"""Readers of what a remote has, and of what is said of remotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dslineage.ids import Digest
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.dvcremote import read_sections
from dslineage.remotes.fetching import Wanted, fetch
from dslineage.remotes.remote import Listed
from dslineage.remotes.settings import ConfigFile, chosen, merged
from dslineage.remotes.textcopy import TextCopy
from dslineage.store.pack import Pack
from dslineage.store.sparse import keep_frames
from dslineage.store.store import Store
from tests.fuzz import material
from tests.fuzz.objects import COLUMNS, files, use
from tests.fuzz.target import Read, Target, always


class _Remote:
    """A remote that says what it likes."""

    name, url, jobs, reads_back = "storage", "s3://somewhere", 1, False

    def __init__(self, files: Mapping[str, bytes], sizes: Mapping[str, int] | None = None) -> None:
        self.files = files
        self.sizes = sizes or {}

    def listing(self, folder: str) -> list[Listed]:
        return [
            Listed(name.rpartition("/")[2], self.sizes.get(name, len(data)))
            for name, data in self.files.items()
            if name.rpartition("/")[0] == folder
        ]

    def get(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        yield self.files[name][start:stop]

    def old_versions(self, folder: str) -> list[Any]:
        return []

    def put(self, source: Path, name: str, moved: Any) -> None:
        raise AssertionError("nothing is sent")

    def delete(self, name: str) -> None:
        raise AssertionError("nothing is deleted")


FORMAT = b'{"format":1,"features":[]}\n'


def _format_of_remote(data: bytes, _: Path) -> None:
    Holding.of(_Remote({"format": data}))


def _listing(data: bytes, _: Path) -> None:
    """Lines `NAME SIZE`, whatever they say: only names of objects ever become paths."""
    sizes = {}
    for line in data.decode(errors="surrogateescape").split("\n"):
        name, _space, size = line.rpartition(" ")
        if size.isascii() and size.isdigit() and len(size) < 30:
            sizes[name] = int(size)
    found = Holding.of(_Remote({"format": FORMAT} | dict.fromkeys(sizes, b""), sizes))
    for name, copies in found.whole.items():
        kind, _slash, rest = name.partition("/")
        assert rest.replace(".", "").removesuffix("rows").removesuffix("zst").isalnum()
        assert all(copy.path.startswith(f"{kind}/") for copy in copies)


def _copies() -> dict[str, bytes]:
    """All objects of the repository as a remote has them, by the object's name."""
    root = material.bench().objects
    folders = ("packs", "views", "measures", "layouts", "blobs", "media", "links")
    return {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in folders
        for path in sorted((root / folder).iterdir())
    }


def _listing_seeds() -> list[bytes]:
    lines = [
        f"{Copy(name, len(data), Digest.of(data)).path} {len(data)}"
        for name, data in _copies().items()
    ]
    return ["\n".join(lines[:8]).encode()]


def _received(folder: str, suffix: str = "") -> Read:
    """An object of a remote is another, under a name that says the size and hash of its bytes."""

    def read(data: bytes, place: Path) -> None:
        changed = material.objects(folder, suffix)[0].name
        files = {"format": FORMAT}
        for name, whole in _copies().items():
            served = data if name == f"{folder}/{changed}" else whole
            files[Copy(name, len(served), Digest.of(served)).path] = served
        store = Store(place / "objects", durable=False)
        wanted = [Wanted(material.version(ref), None) for ref in material.VERSIONS]
        fetch(store, _Remote(files), wanted, None, again="dslineage fetch")
        use(store)

    return read


def _columns_alone(place: Path) -> Pack:
    """The pack of the first text, in a folder of its own."""
    rows = material.objects("packs", ".zst")[0].with_suffix(".rows")
    path = place / "packs" / rows.name
    path.parent.mkdir(parents=True)
    path.write_bytes(rows.read_bytes())
    return Pack.open(path.parent, Digest(bytes.fromhex(rows.stem)))


def _stretches(data: bytes, place: Path) -> None:
    """What is believed of a copy of a text is the text."""
    pack = _columns_alone(place)
    seen = TextCopy.look(pack, len(data), lambda size, start: data[start : start + size])
    for stretch in seen.stretches(np.arange(len(seen.table.places) - 2)):
        texts = dict(seen.texts(stretch, data[stretch.start : stretch.stop]))
        keep_frames(pack.sparse_path, seen.table.places[:-1], texts)
    rows = np.arange(pack.rows)
    assert not [*pack.check_records(rows, pack.records(rows))]


def _config(data: bytes, place: Path) -> None:
    path = place / "config"
    path.write_bytes(data)
    chosen(merged([(ConfigFile(path, "config", committed=True), read_sections(path))]), None)


_REMOTES = b"""[core]
    remote = storage
['remote "storage"']
    url = s3://bucket/sets
    endpointurl = http://localhost:9000
    region = us-east-1
['remote "other"']
    url = remote://storage/below
"""


TARGETS: Mapping[str, Target] = {
    "pack columns of a remote": Target(
        files("packs", ".rows", COLUMNS[0]), _received("packs", ".rows"), COLUMNS[1], cost=8
    ),
    "pack text of a remote": Target(
        lambda: [material.open_text(one) for one in material.objects("packs", ".zst")],
        _received("packs", ".zst"),
        material.sealed_text,
        cost=8,
    ),
    "stretches of a remote's text": Target(
        lambda: [material.open_text(material.objects("packs", ".zst")[0])],
        _stretches,
        material.sealed_text,
    ),
    "layout of a remote": Target(
        files("layouts", "", material.open_layout),
        _received("layouts"),
        material.sealed_layout,
        cost=8,
    ),
    "view of a remote": Target(
        files("views", "", COLUMNS[0]), _received("views"), COLUMNS[1], cost=8
    ),
    "measures of a remote": Target(
        files("measures", "", COLUMNS[0]), _received("measures"), COLUMNS[1], cost=8
    ),
    "listing of a remote": Target(_listing_seeds, _listing),
    "format of a remote": Target(always(FORMAT), _format_of_remote),
    "remotes in .dslineage/config": Target(always(_REMOTES), _config),
}
