"""A pack: rows that were not stored before, in the order in which they came.

Two files: `<name>.rows`, the fixed-width columns, and `<name>.zst`, the raw bytes, each row
followed by a line feed. A pack without text belongs to files that are kept as blobs, or not at
all. The name is the SHA-256 of the ordered row ids, so it does not depend on the encoding. Of a
row that was forgotten, ids and digest stay; its bytes are blanks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.ids import Digest
from dslineage.members import mapping, matching, member, text
from dslineage.store.columns import ColumnFile, check_columns, read_columns, write_columns
from dslineage.store.files import replacing
from dslineage.store.framed import damaged, missing, was_forgotten
from dslineage.store.seekable import Frames, SeekableText, write_frames
from dslineage.store.sparse import SparseText, sparse_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME_BYTES = 16 * 1024
PACK_BYTES = 112 * 1024 * 1024
PACK_ROWS = 1 << 19
_BATCH = 4096
_HEX = re.compile(r"[0-9a-f]{64}")
_KINDS = (
    ("row_id", (np.dtype("u1"), (32,))),
    ("digest", (np.dtype("u1"), (32,))),
    ("length", (np.dtype("<u4"), ())),
    ("place", (np.dtype("<u8"), ())),
    ("shape", (np.dtype("<u4"), ())),
)


@dataclass(frozen=True, slots=True)
class PackPlan:
    """Which new rows go into one pack, and how its text is cut into frames.

    `first` and `stop` count new rows; `cuts` are the first rows of the frames, relative to
    `first`, and the number of rows at the end.
    """

    first: int
    stop: int
    cuts: NDArray[np.int64]


def plan_packs(lengths: NDArray[np.int64]) -> list[PackPlan]:
    """Cut new rows into packs and frames, from their lengths in bytes alone."""
    plans: list[PackPlan] = []
    first = 0
    while first < len(lengths):
        window = lengths[first : first + PACK_ROWS] + 1
        places = np.cumsum(window) - window
        rows = max(1, int(np.searchsorted(places + window, PACK_BYTES, side="right")))
        frames = places[:rows] // FRAME_BYTES
        starts = np.flatnonzero(np.diff(frames, prepend=-1))
        plans.append(PackPlan(first, first + rows, np.append(starts, rows)))
        first += rows
    return plans


def pack_name(row_ids: NDArray[np.uint8]) -> Digest:
    """The name of the pack of these rows."""
    return Digest(hashlib.sha256(np.ascontiguousarray(row_ids).data).digest())


@dataclass(slots=True)
class Pack:
    """An open pack."""

    name: Digest
    folder: Path
    file: ColumnFile
    _text: SeekableText | None = field(default=None)
    _sparse: SparseText | None = field(default=None)

    @classmethod
    def open(cls, folder: Path, name: Digest) -> Pack:
        """Open a pack by name.

        Raises:
            IntegrityError: it is missing or damaged.
        """
        path = folder / f"{name.hex}.rows"
        try:
            file = read_columns(path)
            _check_file(file)
        except FileNotFoundError:
            raise missing(path.name) from None
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(path.name, f"it is no pack ({error})") from error
        return cls(name, folder, file)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.file.rows

    @property
    def context(self) -> bytes:
        """What gives the rows' bytes their meaning, as canonical JSON."""
        return str(self.file.meta["context"]).encode()

    @property
    def shapes(self) -> Sequence[dict[str, str]]:
        """The distinct shapes: top-level field to JSON type."""
        shapes: list[dict[str, str]] = self.file.meta["shapes"]
        return shapes

    @property
    def source(self) -> dict[str, Any] | None:
        """For a pack without text, the file in which `place` counts: its hash and reader."""
        source: dict[str, Any] | None = self.file.meta["source"]
        return source

    @property
    def forgotten(self) -> NDArray[np.int64]:
        """The rows whose bytes were forgotten, ascending.

        Raises:
            IntegrityError: what stands there are no rows.
        """
        found = self.file.meta.get("forgotten", [])
        if not isinstance(found, list) or not all(
            type(row) is int and 0 <= row < self.rows for row in found
        ):
            raise damaged(self.file.path.name, "it names rows that it has not as forgotten")
        return np.array(found, np.int64)

    def is_forgotten(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some rows were forgotten."""
        return np.isin(rows, self.forgotten)

    def forgotten_with(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows whose bytes were forgotten and some more, ascending."""
        return np.union1d(self.forgotten, rows)

    @property
    def text_path(self) -> Path:
        """Where the text is, if it is kept."""
        return self.folder / f"{self.name.hex}.zst"

    @property
    def has_text(self) -> bool:
        """Whether the rows' bytes are kept in the pack, and are there."""
        return self.source is None and self.text_path.exists()

    def records(self, rows: NDArray[np.int64]) -> Sequence[bytes]:
        """The raw bytes of some rows, given in ascending order for speed.

        Where the text is not here, stretches of it will do that are.

        Raises:
            IntegrityError: the text is missing or damaged, or a row was forgotten.
        """
        self.refuse_forgotten(rows)
        found = self.file.take(["place", "length"], rows)
        places, lengths = (found[name].astype(np.int64) for name in ("place", "length"))
        text = self.sparse_text() if self._text is None and not self.text_path.exists() else None
        return (text or self.opened_text()).slices(places, lengths)

    def refuse_forgotten(self, rows: NDArray[np.int64]) -> None:
        """Refuse to say what rows were whose bytes were forgotten.

        Raises:
            IntegrityError: some were.
        """
        gone = rows[self.is_forgotten(rows)]
        if len(gone):
            raise was_forgotten(map(Digest, map(bytes, self.file["digest"][gone])))

    def opened_text(self) -> SeekableText:
        """The text; an IntegrityError where it is missing or damaged."""
        if self._text is None:
            try:
                self._text = SeekableText.open(self.text_path)
            except FileNotFoundError:
                raise missing(self.text_path.name) from None
        return self._text

    @property
    def sparse_path(self) -> Path:
        """Where stretches of the text are, if it is not here."""
        return sparse_path(self.folder.parent, self.name)

    def sparse_text(self) -> SparseText | None:
        """What is here of the text, beside it, as it is now; None where that is nothing."""
        if self._sparse is None or not self._sparse.is_current():
            self._sparse = SparseText.found(self.sparse_path)
        return self._sparse

    def check(self) -> Iterable[str]:
        """Hash the columns again; yields what is wrong, each as a sentence."""
        check_columns(self.file.path)
        if pack_name(self.file["row_id"]) != self.name:
            yield "its rows are not those that its name says"

    def check_text(self, *, rows: bool) -> Iterable[str]:
        """Hash the text again, and with `rows` every row in it; yields what is wrong."""
        self.opened_text().check()
        if not rows:
            return
        for first in range(0, self.rows, _BATCH):
            some = np.arange(first, min(first + _BATCH, self.rows))
            some = some[~self.is_forgotten(some)]
            yield from self.check_records(some, self.records(some))

    def check_records(self, rows: NDArray[np.int64], records: Iterable[bytes]) -> Iterable[str]:
        """Hash what is said to be the raw bytes of some rows; yields what is wrong."""
        base = hashlib.sha256(b"\x05" + hashlib.sha256(self.context).digest())
        ids = self.file["row_id"][rows]
        for row, id_, record in zip(rows.tolist(), ids, records, strict=True):
            hasher = base.copy()
            hasher.update(record)
            if hasher.digest() != id_.tobytes():
                yield f"row {row} has other bytes than its row id says"


Records = Callable[["NDArray[np.int64]"], Sequence[bytes]]
"""Gives the raw bytes of some rows of a pack, ascending."""


def checked_records(
    pack: Pack, rows: NDArray[np.int64], records: Records, gone: NDArray[np.int64]
) -> Iterator[bytes]:
    """The raw bytes of some rows of a pack, hashed again; none of those that are gone.

    Raises:
        IntegrityError: a row has other bytes than its row id says.
    """
    for some in np.split(rows, range(_BATCH, len(rows), _BATCH)):
        kept = some[~np.isin(some, gone)]
        found = dict(zip(kept.tolist(), records(kept) if len(kept) else (), strict=True))
        for why in pack.check_records(kept, found.values()):
            raise damaged(f"{pack.name.hex}.zst", why)
        yield from (found.get(row, b"") for row in some.tolist())


def _check_file(file: ColumnFile) -> None:
    """A KeyError, TypeError or ValueError where a column file does not say what a pack does."""
    if any((file.columns[name].dtype, file.columns[name].shape) != one for name, one in _KINDS):
        raise ValueError("a column is of another type")
    if file.rows > PACK_ROWS:  # a file of a few bytes can say that it has any number of equal ones
        raise ValueError(f"it says that it has {file.rows:,} rows")
    text(file.meta, "context")
    for shape in member(file.meta, "shapes", list):
        for name in shape:
            text(shape, name)
    if file.meta["source"] is not None:
        source = mapping(file.meta, "source")
        matching(source, "sha256", _HEX)
        text(mapping(source, "reader"), "format")


def write_text(path: Path, frames: Iterable[Frames], *, durable: bool) -> None:
    """Write a pack's text from compressed frames."""
    with replacing(path, durable=durable) as handle:
        write_frames(handle, frames)


def write_rows(
    folder: Path,
    name: Digest,
    *,
    context: bytes,
    columns: dict[str, NDArray[Any]],
    shapes: Sequence[dict[str, str]],
    source: dict[str, Any] | None,
    forgotten: Sequence[int] = (),
    durable: bool,
) -> None:
    """Write a pack's columns, which make it visible; its text, if any, is there already.

    Args:
        folder: the folder of packs.
        name: the pack's name.
        context: what gives the rows' bytes their meaning.
        columns: `row_id` and `digest` of shape (n, 32); `length`, `shape` and `place` of n.
        shapes: what the numbers in `shape` mean.
        source: for a pack without text, the file in which `place` counts.
        forgotten: the rows whose bytes were forgotten, ascending.
        durable: whether the file must outlive a power cut.
    """
    meta: dict[str, Any] = {"context": context.decode(), "shapes": list(shapes), "source": source}
    if forgotten:
        meta["forgotten"] = list(forgotten)
    write_columns(folder / f"{name.hex}.rows", columns, meta, durable=durable)


def text_places(lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Where each row begins in the text, every row being followed by a line feed."""
    return (np.cumsum(lengths + 1) - lengths - 1).astype("<u8")
