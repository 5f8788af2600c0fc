"""The data files of a training, hashed before it begins and looked at until it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dslineage.records import Evidence, Gap, RunInput
from dslineage.records.forgotten import DenyList
from dslineage.trainers.configured import NamedData
from dslineage.training.denied import refuse_forgotten
from dslineage.training.guard import Guard
from dslineage.training.received import Received, receive

_TABLES = {".parquet", ".arrow", ".feather", ".ipc"}


class Stamp(NamedTuple):
    """By what a file that is written anew is told, without reading it."""

    path: Path
    size: int
    changed: int
    inode: int


@dataclass
class Data:
    """One data set of a training, with its hashes as they were when it began.

    `received` is None where it was not read. `touched` says that a file was written since.
    """

    named: NamedData
    received: Received | None
    stamps: frozenset[Stamp]
    touched: bool = False

    def look(self) -> None:
        """See whether a file was written since the training began."""
        self.touched = self.touched or stamps_of(self.named) != self.stamps

    def as_input(self) -> RunInput:
        """The data set as an input of the run: by content hash, and not seen in the process."""
        found = self.received
        return RunInput(
            role=self.named.role,
            evidence=Evidence.DECLARED if found is None else Evidence.RECORDED,
            content_hash=found.content_hash if found else None,
            training_hash=found.training_hash if found else None,
            order_hash=found.order_hash if found else None,
            adapter=found.adapter if found else None,
            examples=found.examples if found else None,
            weight=self.named.weight,
            split=self.named.split,
            uri=self.named.uri,
        )

    def changes(self, guard: Guard) -> Iterator[Gap]:
        """What is to be said of a file that was written while the training ran."""
        self.look()
        if not self.touched or self.received is None:
            return
        now: Received | None = None
        with guard(f"hashing {self.named.uri} again", "unknown-data"):
            now = read(self.named)
        if now is not None and now.content_hash == self.received.content_hash:
            why = "and has the rows of the start again"
        else:
            why = "and has other rows now"
        yield Gap("unknown-data", f"{self.named.uri} was written while the training ran, {why}")


def hashed(named: NamedData, guard: Guard, denied: DenyList | None) -> Data:
    """A data set, hashed if it is here and can be read.

    Raises:
        BadDataError: examples of it were forgotten.
    """
    stamps = stamps_of(named)
    found: Received | None = None
    if named.paths:
        with guard(f"hashing {named.uri}", "unknown-data"):
            found = read(named, denied)
            refuse_forgotten(found, str(named.uri))
    return Data(named, found, stamps)


def read(named: NamedData, denied: DenyList | None = None) -> Received:
    """The hashes of the rows in the files of a data set, and which of them were forgotten.

    Raises:
        DslineageError: they cannot be read.
    """
    paths = [part for path in named.paths for part in _parts(path)]
    return receive(paths[0] if len(paths) == 1 else tuple(paths), denied)


def stamps_of(named: NamedData) -> frozenset[Stamp]:
    """The state of the files as the file system has it; none where they are not there."""
    return frozenset(stamp for path in named.paths for stamp in _stamps(path))


def _parts(path: Path) -> list[Path]:
    """The files that are read one after the other; a folder of tables is read as one."""
    if not path.is_dir():
        return [path]
    files = [one for one in _files(path) if one.parent == path]
    tables = not files or any(one.suffix.lower() in _TABLES for one in files)
    return [path] if tables else files


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = (one for one in path.rglob("*") if not one.name.startswith("."))
    return sorted(one for one in found if one.is_file())


def _stamps(path: Path) -> Iterator[Stamp]:
    try:
        for one in _files(path):
            state = one.stat()
            yield Stamp(one, state.st_size, state.st_mtime_ns, state.st_ino)
    except OSError:
        return
