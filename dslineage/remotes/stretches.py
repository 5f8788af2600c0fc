"""Getting stretches of texts, where not all of a pack is wanted, into the cache of a store.

A copy of a text that is damaged makes way for the next one. Where none is left, the whole text is
asked for, so that it is said what is wrong with that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.errors import IntegrityError
from dslineage.remotes.textcopy import Stretch, TextCopy
from dslineage.store.framed import damaged
from dslineage.store.pack import Pack
from dslineage.store.sparse import keep_frames
from dslineage.store.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.ids import Digest
    from dslineage.remotes.copies import Copy
    from dslineage.remotes.receiving import Receiving

SMALL = 64 << 10
"""A text of no more bytes comes whole: it is hardly more than its table and some frames."""
_IN_MEMORY = 64 << 20
"""Bytes of texts that come before they are kept."""
_PACKS = 16
"""Packs of which it is in memory where their rows are."""


class _Asked(NamedTuple):
    """Rows of a pack whose text is wanted, and the copies of its text that were not tried."""

    pack: Pack
    rows: NDArray[np.int64]
    copies: tuple[Copy, ...]

    @property
    def name(self) -> str:
        """The object."""
        return f"packs/{self.pack.name.hex}.zst"

    @property
    def is_here(self) -> bool:
        """Whether the texts of all the rows are here."""
        if self.pack.has_text or not len(self.rows):
            return True
        sparse = self.pack.sparse_text()
        places = self.pack.file.take(["place"], self.rows)["place"].astype(np.int64)
        return sparse is not None and bool(sparse.holds(places).all())


@dataclass(eq=False)
class _Coming:
    """A copy of which stretches are on their way: `texts` of frames, until they are kept."""

    asked: _Asked
    seen: TextCopy
    stretches: Sequence[Stretch]
    texts: dict[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of the stretches."""
        return sum(stretch.size for stretch in self.stretches)

    def keep(self) -> None:
        """Keep the frames that came."""
        if self.texts:
            keep_frames(self.asked.pack.sparse_path, self.seen.table.places[:-1], self.texts)
            self.texts.clear()


class Stretches:
    """Gets the texts of rows from a source; `lacking` names what they are in and cannot be had."""

    def __init__(self, receiving: Receiving) -> None:
        self.lacking: set[str] = set()
        self._receiving = receiving
        self._packs: dict[Digest, Pack] = {}
        self._lock = Lock()

    def get(self, wanted: Mapping[Digest, NDArray[np.int64]]) -> None:
        """Have the texts of some rows here, as far as the source has them whole.

        What is in a file that is kept whole comes with that file. A text of which more than half
        would come, comes whole: then it is an object, and can be verified, repaired and sent.

        Args:
            wanted: rows of packs whose columns are here, ascending.

        Raises:
            RemoteError: the source refuses or goes away; what came before is kept.
            ResourceError: there is no room.
        """
        blobs: list[str] = []
        asked: list[_Asked] = []
        for name, rows in wanted.items():
            pack = self._pack(name)
            if pack.source is None:
                copies = self._receiving.holding.whole.get(f"packs/{name.hex}.zst", ())
                asked.append(_Asked(pack, rows[~pack.is_forgotten(rows)], copies))
            elif "path" not in pack.source:
                blobs.append(f"blobs/{pack.source['sha256']}")
        self._get_whole(blobs)
        asked = [one for one in asked if one.name not in self.lacking and not one.is_here]
        for first in range(0, len(asked), _PACKS):
            some = asked[first : first + _PACKS]
            while some:
                some = self._try(some)

    def _pack(self, name: Digest) -> Pack:
        if name not in self._packs:
            self._packs[name] = Pack.open(self._receiving.store.packs_folder, name)
        return self._packs[name]

    def _try(self, asked: Sequence[_Asked]) -> list[_Asked]:
        """Get stretches from the next copy of each text; those whose copy was damaged."""
        large = [one for one in asked if one.copies and one.copies[0].size > SMALL]
        coming: list[_Coming] = []
        self._receiving.together(large, lambda one: self._look(one, coming))
        part = [one for one in coming if 2 * one.size <= one.asked.copies[0].size]
        refused = {one.name for one in large} - {one.asked.name for one in coming}
        whole = {one.name for one in asked} - {one.asked.name for one in part} - refused
        self._get_whole(sorted(whole))
        self._get_stretches(part, refused)
        return [one._replace(copies=one.copies[1:]) for one in asked if one.name in refused]

    def _get_whole(self, names: Sequence[str]) -> None:
        self._receiving.get(names)
        self.lacking.update(name for name in names if not self._receiving.has(name))

    def _get_stretches(self, coming: Sequence[_Coming], refused: set[str]) -> None:
        """Get what is on its way, so much at once as there may be in memory."""
        size = sum(one.size for one in coming)
        self._receiving.check_room(size)
        self._receiving.pulse.total += size
        for some in _batches(coming):
            try:
                self._receiving.together(some, lambda one: self._take(*one, refused))
            finally:
                for one in coming:
                    one.keep()

    def _look(self, asked: _Asked, coming: list[_Coming]) -> None:
        """Find out from the table of a copy which stretches of it are needed."""
        copy, pack = asked.copies[0], asked.pack
        try:
            seen = TextCopy.look(pack, copy.size, lambda n, at: self._read(copy, at, at + n))
            stretches = list(seen.stretches(_lacking(seen, asked.rows)))
        except IntegrityError as error:
            self._note(asked, error)
        else:
            coming.append(_Coming(asked, seen, stretches))

    def _take(self, one: _Coming, stretch: Stretch, refused: set[str]) -> None:
        """Get a stretch, unless another one of the copy was damaged."""
        if one.asked.name in refused:
            return
        try:
            data = self._read(one.asked.copies[0], stretch.start, stretch.stop)
            one.texts.update(one.seen.texts(stretch, data))
        except IntegrityError as error:
            refused.add(one.asked.name)
            self._note(one.asked, error)
            return
        with self._lock:
            self._receiving.stretches += 1
            self._receiving.bytes += stretch.size

    def _note(self, asked: _Asked, error: IntegrityError) -> None:
        with self._lock:
            self._receiving.damaged[asked.name] = error.message

    def _read(self, copy: Copy, start: int, stop: int) -> bytes:
        """Some bytes of a copy.

        Raises:
            IntegrityError: the source gives more or fewer.
        """
        data = bytearray()
        for piece in self._receiving.source.get(copy.path, start, stop):
            data += piece
            self._receiving.pulse.beat(len(piece))
            if len(data) > stop - start:
                break
        if len(data) != stop - start:
            raise damaged(Path(copy.name).name, "other bytes came than were asked for")
        return bytes(data)


class SuppliedStore(Store):
    """A store that gets the texts of rows which are about to be read, as far as they can be had."""

    def __init__(self, store: Store, stretches: Stretches) -> None:
        super().__init__(store.root, durable=store.durable, lock_seconds=store.lock_seconds)
        self._stretches = stretches

    @property
    def lacking(self) -> set[str]:
        """The objects that are needed and could not be had."""
        return self._stretches.lacking

    def expect(self, rows: NDArray[np.int64]) -> None:
        """Get the texts of some rows."""
        wanted = {pack.name: np.unique(inner) for pack, _, inner in self.by_pack(rows)}
        self._stretches.get(wanted)


def _lacking(seen: TextCopy, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The frames of a copy that are needed to have the texts of some rows.

    Where what is here was cut in other places, it is asked for again: it cannot stay beside them.
    """
    sparse = seen.pack.sparse_text()
    if sparse is None:
        return seen.frames_of(rows)
    if np.array_equal(sparse.places, seen.table.places):
        frames = seen.frames_of(rows)
        return frames[~sparse.is_here[frames]]
    kept = np.flatnonzero(sparse.holds(seen.places))
    return seen.frames_of(np.union1d(rows, kept))


def _batches(coming: Sequence[_Coming]) -> Iterator[list[tuple[_Coming, Stretch]]]:
    """The stretches, in parts whose texts are not too large for memory."""
    batch: list[tuple[_Coming, Stretch]] = []
    size = 0
    for one in coming:
        for stretch in one.stretches:
            if batch and size + stretch.text_bytes > _IN_MEMORY:
                yield batch
                batch, size = [], 0
            batch.append((one, stretch))
            size += stretch.text_bytes
    if batch:
        yield batch
