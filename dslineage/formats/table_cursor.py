"""Going on where the last reader of a file stopped.

Rows inside a row group cannot be reached without decoding those before them. A file is mostly read
in chunks that follow each other, so each process keeps the one place where it stopped last.
Forgetting it changes nothing but the time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path

from dslineage.formats.table_file import NumberedBatch

_kept: dict[Hashable, _Cursor] = {}


class _Cursor:
    """A place in a file: the batch that was read last, and what follows it."""

    def __init__(self, batches: Iterator[NumberedBatch]) -> None:
        self.batches = batches
        self.current: NumberedBatch | None = None

    def reaches(self, group: int, start: int) -> bool:
        """Whether a row lies ahead, in the same row group or at the beginning of the next."""
        here = self.current
        return here is not None and (
            (here.group == group and here.first <= start) or here.stop == start
        )

    def run(self, start: int) -> Iterator[NumberedBatch]:
        """The batches from a row on."""
        while True:
            if self.current is not None and self.current.stop > start:
                yield self.current
            self.current = next(self.batches, None)
            if self.current is None:
                return


def resumed(
    path: Path,
    options: Hashable,
    group: int,
    start: int,
    opened: Callable[[], Iterator[NumberedBatch]],
) -> Iterator[NumberedBatch]:
    """The batches of a file from row `start`, which is in row group `group`.

    Args:
        path: the file.
        options: what else makes one reading differ from another.
        group: where the batches of `opened` begin.
        start: the number of the first row wanted.
        opened: reads the file from that group on, where no place can be resumed.
    """
    status = path.stat()
    state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    kept = (os.getpid(), path, state, options)
    cursor = _kept.pop(kept, None)
    _kept.clear()
    if cursor is None or not cursor.reaches(group, start):
        cursor = _Cursor(opened())
    try:
        yield from cursor.run(start)
    except GeneratorExit:
        _kept[kept] = cursor
        raise
