"""The object store of one repository, and the numbering of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.errors import IntegrityError, ResourceError
from dslineage.ids import Digest
from dslineage.store.columns import ColumnFile, cached_columns, read_columns, write_columns
from dslineage.store.files import sweep, write_file
from dslineage.store.folder import ObjectFolder
from dslineage.store.framed import damaged
from dslineage.store.layout import Layout, Storage, expand_runs, read_layout, runs_of, write_layout
from dslineage.store.links import Links, read_links, write_links
from dslineage.store.lock import WAIT_SECONDS
from dslineage.store.media import MediaList, read_media, write_media
from dslineage.store.pack import Pack
from dslineage.store.rowfinder import RowFinder
from dslineage.store.view import view_path

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Store(ObjectFolder):
    """The folder of objects.

    Every row of every pack has a number: the pack's base, given when the pack is first opened,
    plus the row's place in it. Numbers hold as long as the Store object lives.

    Args:
        root: the folder.
        beneath: a store whose packs can be used as if they were here; nothing is written to it.
        durable: whether what is written must outlive a power cut.
        lock_seconds: how long to wait for another writer.

    `verified` says where files outside are whose hashes were checked in the life of this object;
    `damaged` why packs were passed over when rows were looked up.

    Raises:
        IntegrityError: the folder has a format that this release does not know.
    """

    def __init__(
        self,
        root: Path,
        *,
        beneath: Store | None = None,
        durable: bool = True,
        lock_seconds: float = WAIT_SECONDS,
    ) -> None:
        super().__init__(root, durable=durable, lock_seconds=lock_seconds)
        self.beneath = beneath
        self.verified: dict[Digest, Path] = {}
        self.damaged: dict[Digest, str] = {}
        self._whole: set[Path] = set()
        self._packs: dict[Digest, Pack] = {}
        self._bases: dict[Digest, int] = {}
        self._size = 0
        self._order: list[Digest] = []
        self._starts = np.zeros(0, dtype=np.int64)

    def pack(self, name: Digest) -> Pack:
        """An open pack; an IntegrityError where it is missing or damaged."""
        pack = self._packs.get(name)
        if pack is None:
            pack = self._packs[name] = Pack.open(self._folder_of(name), name)
            self._bases[name] = self._size
            self._order.append(name)
            self._size += pack.rows
        return pack

    def written(self, name: Digest) -> int:
        """The number of the first row of a pack that was just written here.

        It takes the place of a pack below that keeps less of the same rows.
        """
        if name in self._packs:
            self._packs[name] = Pack.open(self.packs_folder, name)
        return self.base(name)

    def _folder_of(self, name: Digest) -> Path:
        here = (self.packs_folder / f"{name.hex}.rows").exists()
        return self.packs_folder if here or self.beneath is None else self.beneath.packs_folder

    def base(self, name: Digest) -> int:
        """The number of a pack's first row."""
        self.pack(name)
        return self._bases[name]

    @property
    def size(self) -> int:
        """Row numbers given so far are below this."""
        return self._size

    def own_pack_names(self) -> set[Digest]:
        """The names of the packs in this folder."""
        names = (path.stem for path in self.packs_folder.glob("*.rows") if path.name[0] != ".")
        return {Digest(bytes.fromhex(name)) for name in names}

    def pack_names(self) -> list[Digest]:
        """The names of all packs, sorted."""
        below = self.beneath.pack_names() if self.beneath else []
        return sorted(self.own_pack_names().union(below))

    def by_pack(
        self, rows: NDArray[np.int64]
    ) -> Iterator[tuple[Pack, NDArray[np.int64], NDArray[np.int64]]]:
        """Split row numbers by pack: the pack, positions in `rows`, and rows inside the pack."""
        if not len(rows):
            return
        bases = self._base_array()
        owner = np.searchsorted(bases, rows, side="right") - 1
        # Numbers of 16 bits are sorted by counting, so many packs cost no more than few.
        order = np.argsort(owner.astype(np.min_scalar_type(len(bases))), kind="stable")
        stops = np.cumsum(np.bincount(owner))
        for number in np.flatnonzero(np.diff(stops, prepend=0)).tolist():
            where = order[stops[number - 1] if number else 0 : stops[number]]
            yield self._packs[self._order[number]], where, rows[where] - bases[number]

    def runs(self, rows: NDArray[np.int64]) -> tuple[tuple[Digest, ...], NDArray[np.int64]]:
        """The packs that rows are in, and the rows as runs of (pack number, first row, count)."""
        runs = runs_of(rows, self._base_array())
        used, runs[:, 0] = np.unique(runs[:, 0], return_inverse=True)
        return tuple(self._order[number] for number in used.tolist()), runs

    def rows_of(self, layout: Layout) -> NDArray[np.int64]:
        """The row number of each example of a layout, in file order."""
        bases = np.array([self.base(name) for name in layout.packs], dtype=np.int64)
        sizes = np.array([self.pack(name).rows for name in layout.packs], dtype=np.int64)
        numbers, firsts, counts = layout.runs.T
        if (firsts < 0).any() or (counts > sizes[numbers] - firsts).any():
            raise IntegrityError(
                "damaged object: a layout names rows that its packs do not have",
                kind="damaged-object",
                hint="dslineage verify",
            )
        return expand_runs(layout.runs, bases)

    def _base_array(self) -> NDArray[np.int64]:
        if len(self._starts) != len(self._order):
            starts = [self._bases[name] for name in self._order]
            self._starts = np.array(starts, dtype=np.int64)
        return self._starts

    def column(self, rows: NDArray[np.int64], name: str) -> NDArray[Any]:
        """One column of some rows, in the order asked."""
        out: NDArray[Any] | None = None
        for pack, where, inner in self.by_pack(rows):
            values = pack.file.take([name], inner)[name]
            if out is None:
                out = np.empty((len(rows), *values.shape[1:]), dtype=values.dtype)
            out[where] = values
        return np.zeros((0,)) if out is None else out

    def expect(self, rows: NDArray[np.int64]) -> None:
        """Be told that the texts of some rows are about to be read.

        Nothing is done here: what is not here is not read. A store that can get them does so.
        """

    def forgotten(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of which rows the bytes were forgotten."""
        found = np.zeros(len(rows), dtype=bool)
        if not any(len(pack.forgotten) for pack in self._packs.values()):
            return found
        for pack, where, inner in self.by_pack(rows):
            found[where] = pack.is_forgotten(inner)
        return found

    def layout(self, name: str) -> Layout:
        """A layout by name; an IntegrityError where it is missing or damaged."""
        if self.beneath is not None and not self.has_layout(name):
            return self.beneath.layout(name)
        return read_layout(self.layouts_folder, name)

    def has_layout(self, name: str) -> bool:
        """Whether there is a layout of that name."""
        return (self.layouts_folder / name).exists()

    def keeps(self, file_hash: Digest) -> bool:
        """Whether the bytes of a file are kept, and not only what is in it."""
        names = [path.name for path in self.layouts_folder.glob(f"{file_hash.hex}.*")]
        return any(self.layout(name).storage in {"text", "blob"} for name in names)

    def put_layout(self, name: str, layout: Layout) -> None:
        """Write a layout, unless it is there."""
        if not self.has_layout(name):
            write_layout(self.layouts_folder, name, layout, durable=self.durable)

    def view(self, pack: Pack, view: str, kinds: Mapping[str, str]) -> ColumnFile | None:
        """The facets of a pack's rows, or None where nobody has computed them.

        A view that is cached is hashed before it is believed; one that is damaged is none.

        Args:
            pack: the pack.
            view: the view's id.
            kinds: the columns that it has; see `ColumnFile.has`.

        Raises:
            IntegrityError: the view, which is no cached one, is damaged.
        """
        path = view_path(self.views_folder, pack.name, view)
        if path.exists():
            file = read_columns(path)
            if file.rows != pack.rows or not file.has(kinds):
                raise damaged(path.name, "it is not the view of its pack")
            return file
        path = view_path(self.cached_views_folder, pack.name, view)
        if path in self._whole:
            return read_columns(path)
        cached = cached_columns(path, kinds, pack.rows)
        if cached is not None:
            self._whole.add(path)
            return cached
        return self.beneath.view(pack, view, kinds) if self.beneath else None

    def cache_view(
        self, pack: Digest, view: str, columns: Mapping[str, NDArray[Any]]
    ) -> ColumnFile:
        """Keep facets that had to be computed, where the cache can be written."""
        if self.beneath is not None and not (self.packs_folder / f"{pack.hex}.rows").exists():
            return self.beneath.cache_view(pack, view, columns)
        path = view_path(self.cached_views_folder, pack, view)
        try:
            sweep(path)
            write_columns(path, columns, {"view": view}, interleaved=True, durable=False)
        except ResourceError:
            return ColumnFile.in_memory(path, columns, {"view": view})
        self._whole.add(path)
        return read_columns(path)

    def measures(self, pack: Digest, tag: str) -> Mapping[str, ColumnFile]:
        """The values of metrics for a pack's rows: each column's file, by the column's name.

        Those that are cached are hashed before they are believed.

        Args:
            pack: the pack.
            tag: 16 hex digits that name what was shown to the metrics.
        """
        found = dict(self.beneath.measures(pack, tag)) if self.beneath else {}
        name = f"{pack.hex}.{tag}.*"
        for path in sorted((self.root / "cache" / "measures").glob(name)):
            if file := cached_columns(path, {}, self.pack(pack).rows):
                found |= dict.fromkeys(file.columns, file)
        for path in sorted(self.measures_folder.glob(name)):
            file = read_columns(path)
            found |= dict.fromkeys(file.columns, file)
        return found

    def put_measures(
        self,
        pack: Digest,
        name: str,
        columns: Mapping[str, NDArray[Any]],
        names: Mapping[str, str],
        *,
        cached: bool = False,
    ) -> None:
        """Keep values of metrics for a pack's rows.

        Args:
            pack: the pack; its rows are those of the columns.
            name: the tag, a dot, and hex digits that name the set of columns.
            columns: one-dimensional, by name.
            names: what codes in them stand for.
            cached: whether they were computed by a command that only reads.
        """
        if cached and self.beneath is not None and pack not in self.own_pack_names():
            self.beneath.put_measures(pack, name, columns, names, cached=True)
            return
        folder = self.root / "cache" / "measures" if cached else self.measures_folder
        path = folder / f"{pack.hex}.{name}"
        sweep(path)
        durable = self.durable and not cached
        write_columns(path, columns, {"names": dict(names)}, interleaved=True, durable=durable)

    def ragged_path(self, pack: Digest, name: str) -> Path:
        """Where arrays of any length for a pack's rows are cached."""
        if self.beneath is not None and pack not in self.own_pack_names():
            return self.beneath.ragged_path(pack, name)
        return self.root / "cache" / "ragged" / f"{pack.hex}.{name}"

    def blob(self, file_hash: Digest) -> Path | None:
        """Where a file that is kept whole is."""
        path = self.blobs_folder / file_hash.hex
        if path.exists():
            return path
        return self.beneath.blob(file_hash) if self.beneath else None

    def media(self, digest: Digest) -> MediaList:
        """A media list; an IntegrityError where it is missing or damaged."""
        if self.beneath is not None and not (self.media_folder / digest.hex).exists():
            return self.beneath.media(digest)
        return read_media(self.media_folder, digest)

    def put_media(self, media: MediaList) -> None:
        """Write a media list, unless it is there."""
        write_media(self.media_folder, media, durable=self.durable)

    def key(self, digest: Digest) -> bytes | None:
        """The key of a deny list, or None where it is not here.

        Raises:
            IntegrityError: it is damaged.
        """
        path = self.keys_folder / digest.hex
        if not path.exists():
            return self.beneath.key(digest) if self.beneath else None
        key = path.read_bytes()
        if Digest.of(key) != digest:
            raise damaged(path.name, "its bytes have another hash")
        return key

    def put_key(self, key: bytes) -> Digest:
        """Keep the key of a deny list; its name."""
        digest = Digest.of(key)
        write_file(self.keys_folder / digest.hex, key, durable=self.durable)
        return digest

    def links(self, digest: Digest) -> Links:
        """Links between rows; an IntegrityError where they are missing or damaged."""
        return read_links(self.links_folder, digest)

    def put_links(self, links: Links) -> None:
        """Write links between rows, unless they are there."""
        write_links(self.links_folder, links, durable=self.durable)

    def row_finder(self, storage: Storage) -> RowFinder:
        """Look up, by row id, the rows over which a file that is kept so may be laid out.

        Rows of packs that cannot be opened are not found, so that they are stored again; nor are
        those whose bytes were forgotten.
        """
        found = []
        for name in self.pack_names():
            try:
                pack = self.pack(name)
                if _serves(pack, storage):
                    found.append((self._bases[name], _findable(pack)))
            except IntegrityError as error:
                if error.kind != "missing-object":  # collected as garbage since it was listed
                    self.damaged[name] = error.message
        return RowFinder(found)


def _findable(pack: Pack) -> NDArray[np.uint8]:
    """The row ids of a pack; what no row has, for those that were forgotten."""
    ids, forgotten = pack.file["row_id"], pack.forgotten
    if len(forgotten):
        ids = ids.copy()
        ids[forgotten] = 0
    return ids


def _serves(pack: Pack, storage: Storage) -> bool:
    """Whether rows of a pack are kept at least as well as the file that is laid out over them."""
    if storage == "index":
        return True
    in_blob = pack.source is not None and "path" not in pack.source
    return pack.has_text or (storage == "blob" and in_blob)
