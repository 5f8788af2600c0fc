"""A data file of any format, as the ingest sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dslineage.errors import BadDataError, Fault
from dslineage.formats.base import Limits
from dslineage.formats.shards import shard_faults
from dslineage.formats.source import open_text
from dslineage.store.layout import Gaps, Layout
from dslineage.versions.filenames import SIDECARS, TABLE_SUFFIXES
from dslineage.versions.textfile import TextFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.formats.base import Note
    from dslineage.formats.lines import FileSpan
    from dslineage.store.layout import Storage
    from dslineage.store.store import Store
    from dslineage.versions.executor import Executor
    from dslineage.versions.options import ReadOptions
    from dslineage.versions.packing import FaultyRows

TABLE_FORMATS = ("parquet", "arrow", "arrow-stream")


class DataFile(Protocol):
    """A file that has been looked at and can be stored."""

    @property
    def reader(self) -> dict[str, Any]:
        """How the file was read, so that it can be read so again."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was accepted but is worth saying."""

    @property
    def records(self) -> int:
        """How many records there are."""

    def sample(self, count: int) -> list[dict[str, Any]]:
        """Examples from places spread evenly over the file."""

    def store_into(
        self,
        store: Store,
        executor: Executor,
        *,
        adapter: Adapter,
        key: str | None,
        view: str,
        storage: Storage,
        origin: Mapping[str, Any],
    ) -> Layout:
        """Store the rows that are new; how the file is made of rows. Or raise FaultyRows."""

    def faults(self, error: FaultyRows | None, name: str) -> tuple[Fault, ...]:
        """Every fault of the file, with line and column."""

    def spans(self, records: NDArray[np.int64]) -> list[FileSpan]:
        """Where some records stand, given by their numbers."""

    def quarantining(self, error: FaultyRows) -> DataFile:
        """The same file with its faulty records put aside."""

    def quarantined(self) -> bytes:
        """The SHA-256 of each span put aside, in file order, 32 bytes each."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file that is kept with the data and holds no examples; see `DataFile`."""

    reader: dict[str, Any] = field(default_factory=lambda: {"format": "sidecar"})
    notes: tuple[Note, ...] = ()
    records: int = 0

    def sample(self, count: int) -> list[dict[str, Any]]:
        """No examples."""
        return []

    def store_into(self, store: Store, executor: Executor, **_: Any) -> Layout:
        """A file of no rows, kept whole."""
        nothing = np.zeros((0, 3), dtype=np.int64)
        return Layout(0, (), nothing, "blob", Gaps((b"",), ((0, 1),)))

    def faults(self, error: FaultyRows | None, name: str) -> tuple[Fault, ...]:
        """None: its content is not looked at."""
        return ()

    def spans(self, records: NDArray[np.int64]) -> list[FileSpan]:
        """None: it has no records."""
        return []

    def quarantining(self, error: FaultyRows) -> Sidecar:
        """Itself."""
        return self

    def quarantined(self) -> bytes:
        """Nothing is put aside."""
        return b""


def open_data_file(
    store: Store, path: Path, name: str, options: ReadOptions, executor: Executor
) -> DataFile:
    """Look at a file and find its records.

    Args:
        store: whose temporary folder may be used.
        path: the file.
        name: its path in the data set, whose folders may be partitions.
        options: how it is read.
        executor: where text is scanned.

    Raises:
        BadDataError: the file as a whole is not what it claims to be.
    """
    if "/" in name and path.name in SIDECARS:
        return Sidecar()
    if is_table(path, options.format):
        from dslineage.versions.tablefile import TableData

        return TableData.open(path, name, options.limits)
    source = open_text(
        path,
        name=options.format,
        limits=options.limits,
        spill=store.temporary_folder,
        delimiter=options.delimiter,
    )
    return TextFile.scan(
        source,
        options.limits,
        executor,
        store.temporary_folder,
        options.chunk_bytes,
        options.measurer,
    )


def is_table(path: Path, format_name: str | None) -> bool:
    """Whether a file is to be read as Parquet or Arrow."""
    return format_name in TABLE_FORMATS or (
        format_name is None and path.suffix.lower() in TABLE_SUFFIXES
    )


def check_folder(root: Path, names: Sequence[str]) -> None:
    """Refuse sets of files in which shards are missing, or whose schemas do not fit together.

    Raises:
        BadDataError: with the faults, and a table of differences.
    """
    data = [name for name in names if Path(name).name not in SIDECARS]
    folders = {name.split("/", 1)[0] if "/" in name else "" for name in data}
    if len(folders) == 1 and "" not in folders and all(is_table(Path(n), None) for n in data):
        from dslineage.formats.tables import open_table

        open_table(root / folders.pop(), Limits())
        return
    faults = shard_faults(names)
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise BadDataError(f"shards are missing\n{lines}", tuple(faults), kind=faults[0].code)
