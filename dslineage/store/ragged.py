"""Arrays of any length for some rows of a pack: a cache of what was computed from their texts."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.disk import make_folder
from dslineage.errors import ResourceError
from dslineage.store.files import replacing, sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray


_DAMAGED = (
    OSError, ValueError, KeyError, EOFError, MemoryError, RuntimeError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What numpy and zipfile raise over bytes that are not those that were written."""


class RaggedRows(NamedTuple):
    """Array i, of row `rows[i]` (ascending), is `values[offsets[i]:offsets[i + 1]]`."""

    rows: NDArray[np.int64]
    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def take(self, places: NDArray[np.int64]) -> RaggedRows:
        """Some of the arrays, in the order asked."""
        lengths = np.diff(self.offsets)[places]
        offsets = np.append(0, np.cumsum(lengths))
        steps = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        values = self.values[np.repeat(self.offsets[places], lengths) + steps]
        return RaggedRows(self.rows[places], values, offsets)


def no_rows() -> RaggedRows:
    """No arrays."""
    return RaggedRows(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(1, np.int64))


def joined(parts: Sequence[RaggedRows]) -> RaggedRows:
    """Arrays behind one another, whatever their rows."""
    parts = [no_rows(), *parts]
    ends = np.cumsum([part.offsets[-1] for part in parts])
    later = (part.offsets[1:] + end for part, end in zip(parts[1:], ends, strict=False))
    return RaggedRows(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([parts[0].offsets, *later]),
    )


def merged(first: RaggedRows, second: RaggedRows) -> RaggedRows:
    """The arrays of two sets of rows that have none in common, by row."""
    both = joined([first, second])
    return both.take(np.argsort(both.rows, kind="stable"))


def read_ragged(path: Path) -> RaggedRows:
    """What is cached in a file; nothing where there is no file, or a damaged one."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            found = RaggedRows(file["rows"], file["values"], file["offsets"])
    except _DAMAGED:
        return no_rows()
    return found if _fits(found) else no_rows()


def _fits(found: RaggedRows) -> bool:
    """Whether arrays are such as `write_ragged` is given."""
    rows, values, offsets = found
    kinds = [(one.ndim, one.dtype.str) for one in found]
    return (
        kinds == [(1, "<i8"), (1, "<u8"), (1, "<i8")]
        and len(offsets) == len(rows) + 1
        and (offsets[0], offsets[-1]) == (0, len(values))
        and bool((np.diff(offsets) >= 0).all() and (np.diff(rows) > 0).all())
    )


def write_ragged(path: Path, ragged: RaggedRows) -> None:
    """Cache arrays, where the cache can be written; it is a convenience and nothing more."""
    try:
        make_folder(path.parent, durable=False)
        sweep(path)
        with replacing(path, durable=False) as handle:
            np.savez(handle, **ragged._asdict())
    except (ResourceError, OSError):
        return
