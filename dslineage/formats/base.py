"""The types that every text format shares.

A text format is read in two steps. `scan` finds where records begin and end, without parsing
them; `parse` turns the bytes of records into rows. So a file whose records are mostly known
already costs a scan and a hash, and a record's bytes are parsed once in the life of a store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.canonical.rows import Row, RowFault


TOLD = 10_000
"""Faults of a file of which it is said what they are; of others, only where."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that hostile or broken data runs into before memory does.

    `faults` is after how many faults of a file one stops looking for more.
    """

    record_bytes: int = 100 * 1024 * 1024
    depth: int = 256
    decoded_bytes: int = 1 << 44
    ratio: int = 1000
    faults: int = TOLD


class Note(NamedTuple):
    """Something accepted but worth saying once, such as a byte-order mark.

    `offset` is the byte of the decoded file where it was first seen; `count` how often. (An
    offset, since a scan of a part of a file knows no line numbers; `locate` finds them.)
    """

    code: str
    message: str
    offset: int
    count: int = 1  # type: ignore[assignment]  # hides `tuple.count`, which a note has no use for


class BadSpan(NamedTuple):
    """Bytes that are no record: `[start, stop)` of the decoded file, and why.

    `offset` is the absolute byte offset of the fault itself, inside or before `stop`.
    """

    start: int
    stop: int
    code: str
    message: str
    offset: int
    path: str = ""


class Spans(NamedTuple):
    """Records found in one stretch of a decoded file, in file order.

    `start` and `stop` are int64 arrays of absolute byte offsets. A record's bytes exclude the
    white space and separators around it. `bad` are the stretches that can be no record.
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    bad: tuple[BadSpan, ...] = ()
    notes: tuple[Note, ...] = ()


class TextFormat(Protocol):
    """A format whose files can be restored from the bytes of their records.

    Instances are frozen dataclasses, can be pickled, and hold all that gives record bytes
    their meaning (for CSV: delimiter, quoting and the header).
    """

    @property
    def name(self) -> str:
        """`jsonl`, `json`, `csv` or `tsv`."""

    @property
    def context(self) -> bytes:
        """What gives record bytes their meaning, as canonical JSON: part of every row id.

        The same constant for `jsonl` and `json`.
        """

    @property
    def splittable(self) -> bool:
        """True where any byte range can be scanned by itself (JSONL)."""

    def scan(self, path: Path, start: int, stop: int, limits: Limits) -> Iterator[Spans]:
        """The records that begin in `[start, stop)`, in stretches of bounded size.

        Where the format is not splittable, the range is the whole file.
        """

    def parse(
        self, records: Sequence[bytes], limits: Limits, raw: memoryview | None = None
    ) -> list[Row | RowFault]:
        """The rows of some records, one result for each.

        `raw` has all of them one behind the other, where somebody has them so.
        """


@dataclass(frozen=True, slots=True)
class TextSource:
    """A data file that has been looked at, ready to be scanned.

    `plain` is where the decoded bytes are: the file itself, or a spilled copy of a compressed
    one. `compression` is "", "gz" or "zst".
    """

    path: Path
    plain: Path
    size: int
    format: TextFormat
    compression: str = ""
    notes: tuple[Note, ...] = field(default=())
