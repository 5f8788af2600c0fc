"""The table of rows as a file of the cache, believed only where it can be such a table.

Whoever can write there can have it say what is not so; but not have it name a pack, a line, a
version or a place that it has not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dslineage.disk import make_folder
from dslineage.errors import ResourceError, UsageError
from dslineage.ids import Digest
from dslineage.lineage.rowtable import Line, RowTable, Stays, as_columns
from dslineage.members import texts
from dslineage.store.columns import ColumnFile, cached_columns, read_columns, write_columns
from dslineage.store.files import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = {**dict.fromkeys([*Stays._fields, "place"], "<u4"), "key": "<u8", "shown": "<u8"}


class RowFile(NamedTuple):
    """The columns of a table (see `as_columns`), its packs and its lines."""

    file: ColumnFile
    packs: tuple[Digest, ...]
    lines: tuple[Line, ...]

    @property
    def versions(self) -> list[str]:
        """The digits of the versions in it, line by line."""
        return [digits for line in self.lines for digits in line.versions]

    @property
    def table(self) -> RowTable:
        """The table."""
        columns = {name: self.file[name] for name in Stays._fields}
        shown = np.empty(self.file.rows, "<u8")
        shown[self.file["place"]] = columns["shown"]
        return RowTable(self.lines, self.packs, Stays(**{**columns, "shown": shown}))

    @property
    def is_sound(self) -> bool:
        """Whether all that is named is there, and once, and keys are in their order."""
        columns = {name: self.file[name] for name in _KINDS}
        lines = [(line.dataset, line.view) for line in self.lines]
        ends = np.array([len(line.versions) for line in self.lines], np.int64)
        return (
            all(len(set(one)) == len(one) for one in (self.packs, self.versions, lines))
            and _all(columns["pack"] < len(self.packs))
            and _all(columns["line"] < len(self.lines))
            and _all(columns["first"] <= columns["last"])
            and _all(columns["last"] < ends[columns["line"]])
            and _all(columns["place"] < self.file.rows)
            and _all(np.bincount(columns["place"]) == 1)
            and all(_all(columns[name][1:] >= columns[name][:-1]) for name in ("key", "shown"))
        )


def read_rows(path: Path) -> RowFile | None:
    """The table as it was written; None where there is none, or a damaged one."""
    file = cached_columns(path, _KINDS)
    if file is None:
        return None
    try:
        packs = [Digest.parse(f"sha256:{name}") for name in texts(file.meta, "packs")]
        lines = [
            Line(str(name), str(view), texts({"ids": ids}, "ids"))
            for name, view, ids in file.meta["lines"]
        ]
    except (UsageError, KeyError, TypeError, ValueError):
        return None
    found = RowFile(file, tuple(packs), tuple(lines))
    return found if found.is_sound else None


def write_rows(path: Path, table: RowTable) -> RowFile:
    """Keep a table in a file, or in memory, where the cache cannot be written."""
    columns = as_columns(table)
    meta = {
        "packs": [pack.hex for pack in table.packs],
        "lines": [[line.dataset, line.view, list(line.versions)] for line in table.lines],
    }
    try:
        make_folder(path.parent, durable=False)
        sweep(path)
        write_columns(path, columns, meta, durable=False)
        file = read_columns(path)
    except (ResourceError, OSError):
        file = ColumnFile.in_memory(path, columns, meta)
    return RowFile(file, table.packs, table.lines)


def _all(column: NDArray[Any]) -> bool:
    return bool(column.all())
