"""What was hashed, and when: a journal in the cache, so that a verification can go on.

Each line is a JSON array: a name, the state in which its bytes were found to be right, and the time
in seconds since 1970; or `begin` or `end` of a verification, and the time. A line that was cut off,
or that means nothing, is passed over; without the journal, everything is hashed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

import orjson

from dslineage.errors import ResourceError
from dslineage.store.files import sweep, write_file
from dslineage.versions.verified import Scope

DAY = 86_400.0
_BEGIN, _END = "begin", "end"


class Mark(NamedTuple):
    """That the bytes of something were right: in which state of its file, and when."""

    state: str
    time: float


@dataclass(slots=True)
class Checkpoint:
    """The marks of one place.

    `since` is the time from which on they count. `under_way` says that the verification has begun
    before; one of a sample never does.
    """

    path: Path
    since: float
    clock: Callable[[], float] = time.time
    marks: dict[str, Mark] = field(default_factory=dict)
    under_way: bool = False

    @classmethod
    def load(cls, path: Path, scope: Scope, clock: Callable[[], float] = time.time) -> Self:
        """Read a journal.

        Args:
            path: the journal.
            scope: which marks count: those since the verification began that was interrupted last,
                those that are young enough, or none.
            clock: gives the time, in seconds since 1970.
        """
        now = clock()
        begun: float | None = None
        marks = {}
        for name, state, when in _lines(path):
            if name == _BEGIN:
                begun = when
            elif name == _END:
                begun = None
            elif when <= now:
                marks[name] = Mark(state, when)
        begun = begun if scope.resume else None
        since = now if begun is None else begun
        if scope.max_age_days is not None:
            since = min(since, now - scope.max_age_days * DAY)
        return cls(path, since, clock, marks, begun is not None or scope.sample is not None)

    def knows(self, name: str, state: str) -> bool:
        """Whether the bytes of something were right in the state that it still has."""
        mark = self.marks.get(name)
        return mark is not None and mark.state == state and mark.time >= self.since

    def note(self, name: str, state: str) -> None:
        """Keep that the bytes of something are right, where the disk lets us."""
        if not self.under_way:
            self.under_way = True
            self._append(_BEGIN, "", self.since)
        self.marks[name] = Mark(state, self.clock())
        self._append(name, *self.marks[name])

    def finish(self) -> None:
        """Say that everything was looked at; one line for each mark is kept."""
        marks = [orjson.dumps((name, *mark)) for name, mark in sorted(self.marks.items())]
        with suppress(ResourceError, OSError):
            if self.path.parent.is_dir():
                sweep(self.path)
                end = orjson.dumps((_END, "", self.clock()))
                write_file(self.path, b"\n".join([*marks, end, b""]), durable=False)

    def _append(self, *line: str | float) -> None:
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as journal:
                journal.write(b"\n" + orjson.dumps(line) + b"\n")


def _lines(path: Path) -> Iterator[tuple[str, str, float]]:
    """The lines of a journal that can be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    for line in data.splitlines():
        with suppress(ValueError, TypeError):
            name, state, when = orjson.loads(line)
            yield str(name), str(state), float(when)
