"""A remote, operation by operation: before each, somebody else can act, or a kill can come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dslineage.remotes.remote import Listed, Moved, OldVersion, Remote

Step = Callable[[int, str], None]
"""Called before each operation with its number, from 1, and what it is, such as `put claims/…`."""


class Killed(Exception):  # noqa: N818 - no error of the library
    """Stands for the end of the process."""


@dataclass
class Stepping:
    """A remote that does one thing after the other."""

    remote: Remote
    step: Step = lambda _, __: None
    done: list[str] = field(default_factory=list)
    jobs: int = 1
    reads_back: bool = False

    @property
    def name(self) -> str:
        return self.remote.name

    @property
    def url(self) -> str:
        return self.remote.url

    def listing(self, folder: str) -> list[Listed]:
        self._step(f"list {folder}")
        return self.remote.listing(folder)

    def old_versions(self, folder: str) -> list[OldVersion]:
        self._step(f"old {folder}")
        return self.remote.old_versions(folder)

    def put(self, source: Path, name: str, moved: Moved) -> None:
        self._step(f"put {name}")
        self.remote.put(source, name, moved)

    def get(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        self._step(f"get {name}")
        return self.remote.get(name, start, stop)

    def delete(self, name: str) -> None:
        self._step(f"delete {name}")
        self.remote.delete(name)

    def _step(self, what: str) -> None:
        self.done.append(what)
        self.step(len(self.done), what)


def at(number: int, act: Callable[[], object]) -> Step:
    """Have something happen before one operation."""

    def step(count: int, _: str) -> None:
        if count == number:
            act()

    return step


def dies() -> None:
    """End here."""
    raise Killed
