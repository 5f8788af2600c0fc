"""A staging store: objects of a version that is being made, published all at once or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from dslineage.disk import make_folder, sync_directory
from dslineage.ids import Digest
from dslineage.store.checking import check_object
from dslineage.store.columns import is_whole, read_columns
from dslineage.store.files import resource_errors
from dslineage.store.layout import Layout
from dslineage.store.lock import Holder
from dslineage.store.store import Store
from dslineage.store.view import view_path

_PUBLISHED = {
    "blobs": "blob",
    "packs": "pack",
    "views": "view",
    "measures": "measures",
    "layouts": "layout",
    "media": "media",
    "links": "links",
    "keys": "key",
}
"""Folders of objects, in the order in which they are filled, and what they hold."""
_KEEPING = {"index": 0, "rows": 1, "blob": 2, "text": 2}


class Swept(Exception):  # noqa: N818 - work to be done again, not an error for users
    """An object on which a staging store rests was deleted: it was garbage until then."""


@contextmanager
def staging(store: Store) -> Iterator[Store]:
    """A store over `store`, in its temporary folder, that is gone when the block ends.

    What an interrupted command left in the temporary folder is removed first.
    """
    with resource_errors(store.root):
        store.prepare()
        sweep_abandoned(store.temporary_folder)
    folder = store.temporary_folder / secrets.token_hex(8)
    with _owned(folder), scratch(folder, beneath=store, durable=store.durable) as staged:
        yield staged


@contextmanager
def scratch(folder: Path, *, beneath: Store | None, durable: bool = False) -> Iterator[Store]:
    """A store in a folder of its own that is gone when the block ends."""
    staged = Store(folder, beneath=beneath, durable=durable)
    try:
        with resource_errors(folder):
            staged.prepare()
        yield staged
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(staged: Store, store: Store) -> list[str]:
    """Move every object of a staging store into the store below, rows last, names durable.

    A pack's columns make it visible and a layout needs its packs, so text goes before columns
    and layouts go last. An object that is there already is replaced by its equal, except by one
    that keeps less of the data. One that is damaged is replaced and set aside.

    Returns:
        The names of the objects that were set aside, in the folder `damaged`.
    """
    return _move(staged, store, lambda path, target: not _keeps_less(path, target))


def require(staged: Store, store: Store) -> None:
    """See that all that a staging store rests on is still in the store below.

    The caller holds the lock, under which objects are deleted.

    Raises:
        Swept: something was collected as garbage since it was found there.
    """
    for path in staged.layouts_folder.iterdir():
        layout = staged.layout(path.name)
        needed = [f"packs/{pack.hex}.rows" for pack in layout.packs]
        needed += [f"blobs/{path.stem}"] if layout.storage == "blob" else []
        for name in needed:
            if not (staged.root / name).exists() and not (store.root / name).exists():
                raise Swept(name)


def restore_missing(staged: Store, store: Store) -> list[str]:
    """Move those objects of a staging store into the store below that it lacks; see `publish`.

    It lacks those that are not there, those that are damaged, and layouts over packs that are.
    """
    return _move(staged, store, lambda _, target: _is_over(target, staged.damaged))


def keep_views(store: Store, packs: Iterable[Digest], view: str) -> None:
    """Make objects of those views that had to be computed, and so are in the cache only."""
    found = [
        (cached, target)
        for name in packs
        for cached in [view_path(store.cached_views_folder, name, view)]
        for target in [view_path(store.views_folder, name, view)]
        if not target.exists() and is_whole(cached)
    ]
    with resource_errors(store.views_folder):
        for cached, target in found:
            if store.durable:
                with cached.open("rb") as handle:
                    os.fsync(handle.fileno())
            cached.replace(target)
        if found and store.durable:
            sync_directory(store.views_folder)


def _move(staged: Store, store: Store, wanted: Callable[[Path, Path], bool]) -> list[str]:
    aside: list[str] = []
    for folder, kind in _PUBLISHED.items():
        target = store.root / folder
        found = sorted((staged.root / folder).iterdir(), key=lambda path: path.suffix != ".zst")
        there = [path.name for path in found if (target / path.name).exists()]
        damaged = {name for name in there if check_object(kind, target / name)}
        moved = [
            path
            for path in found
            if path.name in damaged or path.name not in there or wanted(path, target / path.name)
        ]
        with resource_errors(target):
            for name in sorted(damaged):
                set_aside(store, target / name)
            for path in moved:
                path.replace(target / path.name)
            if moved and store.durable:
                sync_directory(target)
        aside += sorted(damaged)
    return aside


def set_aside(store: Store, path: Path) -> None:
    """Keep the bytes of a damaged object, out of the way: somebody may be able to mend them.

    The caller holds the lock. Nothing happens where there is no object.
    """
    if not path.exists():
        return
    folder = store.root / "damaged"
    make_folder(folder, durable=store.durable)
    names = chain([path.name], (f"{path.name}.{number}" for number in count(2)))
    path.replace(next(folder / name for name in names if not (folder / name).exists()))


def _is_over(layout: Path, damaged: Container[Digest]) -> bool:
    """Whether an object that is whole is a layout over a damaged pack."""
    if layout.parent.name != "layouts":
        return False
    packs = Layout.decode(layout.read_bytes(), layout.name).packs
    return any(name in damaged for name in packs)


def _keeps_less(path: Path, target: Path) -> bool:
    """Whether an object would take the place of one that keeps more of the data; both are whole."""
    if path.suffix == ".rows":
        kept = [_text_kept(read_columns(one).meta["source"]) for one in (target, path)]
        return kept[0] > kept[1]
    if path.parent.name == "layouts":
        kept_as = [Layout.decode(one.read_bytes(), one.name).storage for one in (target, path)]
        return _KEEPING[kept_as[0]] > _KEEPING[kept_as[1]]
    return False


def _text_kept(source: Mapping[str, Any] | None) -> int:
    """How well a pack's text is kept: in the pack, in a blob, or nowhere; more is better."""
    if source is None:
        return 2
    return 0 if "path" in source else 1


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Hold a kernel lock on a staging folder, so that others know that it is in use."""
    owner = folder.with_suffix(".owner")
    with resource_errors(owner), _locked(owner):
        try:
            yield
        finally:
            owner.unlink(missing_ok=True)


@contextmanager
def _locked(owner: Path) -> Iterator[None]:
    """Make a file and lock it, again where it was swept between the one and the other.

    It says on which machine that is, since the lock may not be seen on others.
    """
    while True:
        with owner.open("wb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.write(Holder.here().to_bytes())
            handle.flush()
            if owner.exists():
                yield
                return


def sweep_abandoned(folder: Path) -> None:
    """Remove staging folders whose process is gone, and was of this machine."""
    here = Holder.here()
    for owner in folder.glob("*.owner"):
        try:
            with owner.open("r+b") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                whose = Holder.parse(handle.read())
                if whose is not None and not whose.is_of(here):
                    continue
                shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
                owner.unlink(missing_ok=True)
        except (BlockingIOError, PermissionError, FileNotFoundError):
            continue


def copy_file(source: Path, target: Path, *, durable: bool) -> None:
    """Copy a file's bytes, sharing them where the file system can."""
    with resource_errors(target), source.open("rb") as reading, target.open("xb") as writing:
        try:
            fcntl.ioctl(writing, _FICLONE, reading.fileno())
        except OSError:
            shutil.copyfileobj(reading, writing, 1 << 20)
        writing.flush()
        if durable:
            os.fsync(writing.fileno())


_FICLONE = 0x40049409
