"""A merge in which nothing is open: what it holds, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage import merkle
from dslineage.canonical.jcs import digest_of, without_nulls
from dslineage.errors import UndecidableError
from dslineage.merging.files import CELLS, TEXT_FORMATS, MergedFile, New, merged_text
from dslineage.merging.tables import merged_tables
from dslineage.versions.opening import layouts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.ids import Digest
    from dslineage.merging.arranging import Arranged
    from dslineage.merging.rows import Rows
    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.store.store import Store


@dataclass(frozen=True)
class Decided:
    """The examples of a merge of `versions`, ours and theirs, in order."""

    store: Store
    versions: tuple[DatasetRecord, DatasetRecord]
    rows: Rows
    arranged: Arranged
    new: Sequence[New]

    @property
    def content_hash(self) -> Digest:
        """The content hash that the files must have."""
        items = self.arranged.items
        stored = self.rows.snapshot.digests(items[items >= 0])
        made = b"".join(digest_of(self._as_read(self.new[-1 - item].example)).raw
                        for item in items[items < 0].tolist())  # fmt: skip
        return merkle.content_hash(stored, np.frombuffer(made, np.uint8).reshape(-1, 32))

    @property
    def doubled(self) -> int:
        """How many keys stand more than once in the merge, and on neither side."""
        snapshot = self.rows.snapshot
        if snapshot.key is None:
            return 0
        items = self.arranged.items
        double, *before = (
            _more_than_once(snapshot.facets(rows)["key"])
            for rows in (items[items >= 0], *self.rows.sides)
        )
        return len(np.setdiff1d(double, np.concatenate(before)))

    def _as_read(self, example: dict[str, Any]) -> dict[str, Any]:
        """An example as it is read from its file: a line of cells has all columns."""
        if self.rows.reader["format"] in CELLS:
            return dict.fromkeys(self.rows.reader["header"], "") | example
        plain: dict[str, Any] = without_nulls(example)
        return plain

    def files(self) -> list[MergedFile]:
        """The files of the merge.

        Raises:
            UndecidableError: the bytes of a table were not kept.
        """
        order = (0, 1) if self.arranged.leads == 0 else (1, 0)
        lead, other = (self.versions[side] for side in order)
        layouts = [list(layouts_of(self.store, one.files)) for one in (lead, other)]
        if self.rows.reader["format"] in TEXT_FORMATS:
            return list(merged_text(lead, layouts[0], self.rows, self.arranged, self.new))
        paths = [whole_file(self.store, entry) for entry in (*lead.files, *other.files)]
        sizes = [layout.examples for some in layouts for layout in some]
        return list(merged_tables(lead, paths, sizes, self.rows, self.arranged, self.new))


def whole_file(store: Store, entry: FileEntry) -> Path:
    """The file of a table.

    Raises:
        UndecidableError: it was not kept.
    """
    path = store.blob(entry.sha256)
    if path is None:
        raise UndecidableError(
            f"the bytes of {entry.path} were not kept, and a table is merged of whole files",
            kind="bytes-not-kept",
            hint="merge the files yourself, and dslineage add the result",
        )
    return path


def _more_than_once(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values, counts = np.unique(keys, return_counts=True)
    double: NDArray[np.uint64] = values[(counts > 1) & (values != 0)]
    return double
