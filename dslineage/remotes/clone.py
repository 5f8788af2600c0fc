"""The objects of another clone on this machine, to be read like those of a remote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.remotes.checking import file_digest
from dslineage.remotes.copies import Copy, Holding
from dslineage.store.folder import ObjectFolder
from dslineage.store.inventory import Inventory

_PIECE = 8 << 20
_JOBS = 2


@dataclass(frozen=True)
class Clone:
    """Another clone: the folder of its objects, and what it is called here."""

    folder: ObjectFolder
    name: str

    @property
    def url(self) -> str:
        """Where its objects are."""
        return str(self.folder.root)

    @property
    def jobs(self) -> int:
        """How many files are read at once."""
        return _JOBS

    def holding(self) -> Holding:
        """What it has; an object is hashed when it is asked for."""
        return Holding(_Copies(self.folder), ())

    def get(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes of a copy from some place on, in pieces; with `stop`, none behind that.

        Raises:
            RemoteError: they cannot be read.
        """
        folder, _, file = name.partition("/")
        copy = Copy.parse(folder, file)
        path = self.folder.root / (copy.name if copy else name)
        with _readable(path), path.open("rb") as handle:
            handle.seek(start)
            left = path.stat().st_size if stop is None else stop - start
            while piece := handle.read(min(_PIECE, left)):
                left -= len(piece)
                yield piece


class _Copies(Mapping[str, tuple[Copy, ...]]):
    """The objects of a folder as copies. To hash them all would take long, and few are needed."""

    def __init__(self, folder: ObjectFolder) -> None:
        self._folder = folder
        self._known: dict[str, Copy] = {}

    @cached_property
    def _sizes(self) -> dict[str, int]:
        found = Inventory.of(self._folder).objects
        return {name: entry.size for name, entry in found.items() if _is_name(name)}

    def __getitem__(self, name: str) -> tuple[Copy, ...]:
        if name not in self._known:
            path = self._folder.root / name
            with _readable(path):
                self._known[name] = Copy(name, self._sizes[name], file_digest(path))
        return (self._known[name],)

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise RemoteError(message, kind="remote-failed") from error


def _is_name(name: str) -> bool:
    """Whether a file is called as objects are: other names never become paths here."""
    folder, _, file = name.partition("/")
    return Copy.parse(folder, Copy(file, 0, Digest(bytes(32))).path) is not None
