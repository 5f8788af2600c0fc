"""Records of a file that lie close together, as one text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dslineage.canonical.fast import BATCH_BYTES
from dslineage.store.seekable import Frames, compress_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LF = 0x0A


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some records, and a text of all of them, a line feed behind each.

    `places` is where in the text each begins, and at last its size.
    """

    records: Sequence[bytes]
    text: memoryview
    places: NDArray[np.int64]

    def batches(self) -> Iterator[tuple[Sequence[bytes], memoryview]]:
        """Runs of records that fit a processor's cache, each with its text."""
        firsts = np.flatnonzero(np.diff(self.places[:-1] // BATCH_BYTES, prepend=-1))
        for first, stop in pairwise([*firsts.tolist(), len(self.records)]):
            yield self.records[first:stop], self._part(first, stop)

    def compressed(self, cuts: NDArray[np.int64]) -> Frames:
        """The text as compressed frames, cut before some records."""
        return compress_frames(self._part(*pair) for pair in pairwise(cuts.tolist()))

    def _part(self, first: int, stop: int) -> memoryview:
        return self.text[self.places[first] : self.places[stop]]


def stretch_of(records: Sequence[bytes]) -> Stretch:
    """Some records, put together."""
    sizes = np.fromiter(map(len, records), np.int64, len(records)) + 1
    places = np.append(0, np.cumsum(sizes))
    return Stretch(records, memoryview(b"\n".join([*records, b""])), places)


def read_stretch(path: Path, start: NDArray[np.int64], stop: NDArray[np.int64]) -> Stretch:
    """One or more records at places of a file; where they are lines of it, no byte is copied."""
    places = np.append(start, stop[-1] + 1) - start[0]
    if (start[1:] == stop[:-1] + 1).all():
        with path.open("rb") as handle:
            text = os.pread(handle.fileno(), int(places[-1]), int(start[0]))
        ends = places[1:] - 1
        if len(text) == places[-1] and (np.frombuffer(text, np.uint8)[ends] == _LF).all():
            spans = zip(places.tolist(), ends.tolist(), strict=False)
            return Stretch([text[first:last] for first, last in spans], memoryview(text), places)
    return stretch_of(read_spans(path, start, stop))


def read_spans(path: Path, start: NDArray[np.int64], stop: NDArray[np.int64]) -> list[bytes]:
    """The bytes of some records, in one read where they lie close together."""
    if not len(start):
        return []
    base, end = int(start.min()), int(stop.max())
    with path.open("rb") as handle:
        file = handle.fileno()
        if end - base <= 2 * int((stop - start).sum()) + 65536:
            data = os.pread(file, end - base, base)
            spans = zip((start - base).tolist(), (stop - base).tolist(), strict=True)
            return [data[first:last] for first, last in spans]
        spans = zip(start.tolist(), stop.tolist(), strict=True)
        return [os.pread(file, last - first, first) for first, last in spans]
