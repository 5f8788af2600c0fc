"""A pack: rows that were not stored before, in the order in which they came.

Two files: `<name>.rows`, the fixed-width columns, and `<name>.zst`, the raw bytes, each row
followed by a line feed. A pack without text belongs to files that are kept as blobs, or not at
all. The name is the SHA-256 of the ordered row ids, so it does not depend on the encoding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.ids import Digest
from dslineage.store.columns import ColumnFile, check_columns, read_columns, write_columns
from dslineage.store.files import replacing
from dslineage.store.framed import missing
from dslineage.store.seekable import Frames, SeekableText, write_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME_BYTES = 16 * 1024
PACK_BYTES = 112 * 1024 * 1024
PACK_ROWS = 1 << 19


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

    @classmethod
    def open(cls, folder: Path, name: Digest) -> Pack:
        """Open a pack by name.

        Raises:
            IntegrityError: it is missing or damaged.
        """
        path = folder / f"{name.hex}.rows"
        try:
            return cls(name, folder, read_columns(path))
        except FileNotFoundError:
            raise missing(path.name) from None

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
    def text_path(self) -> Path:
        """Where the text is, if it is kept."""
        return self.folder / f"{self.name.hex}.zst"

    @property
    def has_text(self) -> bool:
        """Whether the rows' bytes are kept in the pack, and are there."""
        return self.source is None and self.text_path.exists()

    def records(self, rows: NDArray[np.int64]) -> Sequence[bytes]:
        """The raw bytes of some rows, given in ascending order for speed.

        Raises:
            IntegrityError: the text is missing or damaged.
        """
        found = self.file.take(["place", "length"], rows)
        places, lengths = (found[name].astype(np.int64) for name in ("place", "length"))
        return self._opened_text().slices(places, lengths)

    def _opened_text(self) -> SeekableText:
        if self._text is None:
            try:
                self._text = SeekableText.open(self.text_path)
            except FileNotFoundError:
                raise missing(self.text_path.name) from None
        return self._text

    def check(self) -> Iterable[str]:
        """Hash the columns again; yields what is wrong, each as a sentence."""
        check_columns(self.file.path)
        if pack_name(self.file["row_id"]) != self.name:
            yield "its rows are not those that its name says"

    def check_text(self, *, rows: bool) -> Iterable[str]:
        """Hash the text again, and with `rows` every row in it; yields what is wrong."""
        self._opened_text().check()
        if not rows:
            return
        ids = self.file["row_id"]
        base = hashlib.sha256(b"\x05" + hashlib.sha256(self.context).digest())
        for first in range(0, self.rows, 4096):
            some = np.arange(first, min(first + 4096, self.rows))
            for row, record in zip(some.tolist(), self.records(some), strict=True):
                hasher = base.copy()
                hasher.update(record)
                if hasher.digest() != ids[row].tobytes():
                    yield f"row {row} has other bytes than its row id says"


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
        durable: whether the file must outlive a power cut.
    """
    meta = {"context": context.decode(), "shapes": list(shapes), "source": source}
    write_columns(folder / f"{name.hex}.rows", columns, meta, durable=durable)


def text_places(lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Where each row begins in the text, every row being followed by a line feed."""
    return (np.cumsum(lengths + 1) - lengths - 1).astype("<u8")
