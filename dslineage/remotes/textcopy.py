"""The text of a pack as somebody else has it: where its frames are, and what of them is believed.

The seek table at the end of a copy says where each frame is. No more memory is asked for than the
columns of the pack allow, which are here; and no frame is kept before each of its rows has been
hashed against the row id that the columns have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.formats.base import Limits
from dslineage.store.framed import damaged
from dslineage.store.pack import FRAME_BYTES, Pack
from dslineage.store.seekable import SeekTable, decoded, read_table, table_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

JOINED = 16 << 10
"""Bytes that nobody asked for, up to which two stretches come with one request."""
_LONGEST = 4 << 20
"""Bytes of a stretch, unless it is one frame."""
_LONGEST_TEXT = 16 << 20
_LARGEST = Limits().record_bytes + FRAME_BYTES
"""Bytes of the text of a frame: the last row that begins in it has no more than a record."""


class Stretch(NamedTuple):
    """Neighbouring frames, by number, the last one not with them; where they are in the copy."""

    first: int
    last: int
    start: int
    stop: int
    text_bytes: int

    @property
    def size(self) -> int:
        """The bytes of the frames."""
        return self.stop - self.start


@dataclass(frozen=True)
class TextCopy:
    """The text of a pack as somebody else has it.

    `places` and `lengths` are those of the rows, `gone` says which were forgotten.
    """

    pack: Pack
    table: SeekTable
    places: NDArray[np.int64]
    lengths: NDArray[np.int64]
    gone: NDArray[np.bool_]

    @classmethod
    def look(cls, pack: Pack, size: int, read: Callable[[int, int], bytes]) -> TextCopy:
        """Read the seek table of a copy.

        Args:
            pack: the pack, whose columns are here.
            size: the bytes of the copy.
            read: gives a number of its bytes from some place on.

        Raises:
            IntegrityError: there is no table, or not one of this pack's text.
        """
        name = pack.text_path.name
        places, lengths = (pack.file[column].astype(np.int64) for column in ("place", "length"))
        gone = pack.is_forgotten(np.arange(pack.rows))
        end = int(places[-1] + lengths[-1]) + 1
        first = max(0, size - table_bytes(min(pack.rows, end // FRAME_BYTES + 1)))
        tail = read(size - first, first)

        def seen(length: int, place: int) -> bytes:
            if place < first:
                return read(length, place)
            return tail[place - first : place - first + length]

        table = read_table(name, size, seen, most=pack.rows)
        packed, texts = (np.diff(column)[:-1] for column in table)
        known = int(table.places[-1])
        # Of a row that was forgotten, nobody knows any more how long it was.
        if (known <= places[-1] if gone[-1] else known != end) or (np.diff(places) <= 0).any():
            raise damaged(name, "its seek table is not that of the rows of its pack")
        if (texts > _LARGEST).any() or (packed > texts + texts // 128 + 1024).any():
            raise damaged(name, "its seek table has a frame that is too large")
        return cls(pack, table, places, lengths, gone)

    def frames_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of the frames that hold some rows, ascending."""
        return np.unique(np.searchsorted(self.table.places, self.places[rows], side="right") - 1)

    def stretches(self, frames: NDArray[np.int64]) -> Iterator[Stretch]:
        """What to ask for to have some frames, ascending: neighbours with one request."""
        found: Stretch | None = None
        for number in frames.tolist():
            one = self._stretch(number, number + 1)
            if found is not None:
                both = self._stretch(found.first, one.last)
                if (
                    one.start - found.stop <= JOINED
                    and both.size <= _LONGEST
                    and both.text_bytes <= _LONGEST_TEXT
                ):
                    found = both
                    continue
                yield found
            found = one
        if found is not None:
            yield found

    def _stretch(self, first: int, last: int) -> Stretch:
        starts, places = self.table
        text_bytes = int(places[last] - places[first])
        return Stretch(first, last, int(starts[first]), int(starts[last]), text_bytes)

    def texts(self, stretch: Stretch, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The frames of a stretch by number, and their texts, as far as they are right.

        Raises:
            IntegrityError: a frame is damaged, or a row has other bytes than its row id says.
        """
        for number in range(stretch.first, stretch.last):
            start, stop = (
                int(self.table.starts[one]) - stretch.start for one in (number, number + 1)
            )
            size = int(self.table.places[number + 1] - self.table.places[number])
            text = decoded(self.pack.text_path.name, number, data[start:stop], size)
            yield number, self._screened(number, text)

    def _screened(self, number: int, text: bytes) -> bytes:
        """A frame's text that was checked row by row, with blanks for what was forgotten."""
        begin, end = (int(place) for place in self.table.places[number : number + 2])
        first, last = np.searchsorted(self.places, (begin, end)).tolist()
        starts = self.places[first:last] - begin
        stops = np.append(starts[1:], end - begin) - 1
        gone = self.gone[first:last]
        fits = (stops - starts == self.lengths[first:last]) | gone
        if first == last or starts[0] or not fits.all():
            raise damaged(self.pack.text_path.name, f"frame {number} is not cut between rows")
        rows = list(zip(starts.tolist(), stops.tolist(), gone.tolist(), strict=True))
        records = (text[start:stop] for start, stop, forgotten in rows if not forgotten)
        for why in self.pack.check_records(np.arange(first, last)[~gone], records):
            raise damaged(self.pack.text_path.name, why)
        if not gone.any():
            return text
        blanked = bytearray(text)
        for start, stop, forgotten in rows:
            if forgotten:
                blanked[start:stop] = b" " * (stop - start)
        return bytes(blanked)
