"""A progress bar on one line of stderr, erased when the work is done."""

from __future__ import annotations

import shutil
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from dslineage_cli.sanitise import visible

if TYPE_CHECKING:
    from dslineage.versions.options import Progress

_EVERY = 0.1
_FIRST = 0.5
_CELLS = 28


class Bar:
    """Draws progress; nothing at all for work that takes less than half a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = time.monotonic()
        self._next = self._started + _FIRST
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def update(self, progress: Progress) -> None:
        """Draw how far the work has come, at most ten times a second."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        self._drawn = True
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r" + line(progress)[:width] + "\x1b[K")
        self._stream.flush()


def line(progress: Progress) -> str:
    """One line: what is done, a bar, and the part in per cent."""
    share = progress.done / progress.total if progress.total else 1.0
    full = round(share * _CELLS)
    return f"{visible(progress.phase):<10} {'━' * full}{'─' * (_CELLS - full)} {share:4.0%}"
