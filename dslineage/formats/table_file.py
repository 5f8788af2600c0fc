"""What the readers of Arrow data share: a file looked at, batch sizes, faults with places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import BadDataError, Fault

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 256
BATCH_BYTES = 32 << 20
EXPANSION_FLOOR = 1 << 20


class TableFile(NamedTuple):
    """One file of a table: its format, its schema, and the rows of each row group or batch."""

    format: str
    schema: pa.Schema
    groups: tuple[int, ...]


class NumberedBatch(NamedTuple):
    """Some rows of a file: the row group they are in, and the number of the first of them."""

    group: int
    first: int
    batch: pa.RecordBatch

    @property
    def stop(self) -> int:
        """The number of the first row after them."""
        return self.first + self.batch.num_rows


def batch_rows(size: int, rows: int) -> int:
    """How many rows to decode at once, where so many rows are said to take `size` bytes."""
    return max(1, min(BATCH_ROWS, BATCH_BYTES * rows // max(size, 1)))


def bad_row(path: Path, row: int, code: str, message: str, column: str = "") -> BadDataError:
    """The error for a row of a table file; rows count from 0, and stand as lines in the fault."""
    fault = Fault(code, message, str(path), row + 1, 1, 0, path=f"$.{column}" if column else "")
    return BadDataError(str(fault), (fault,), kind=code)


@contextmanager
def decoding(path: Path, what: str, first: int = 0) -> Iterator[None]:
    """Turn what Arrow says about bad bytes into the fault of a file.

    Args:
        path: the file.
        what: what is being read, such as `row group 2 (rows 1001 to 2000)`.
        first: the number of rows before it.

    Raises:
        BadDataError: the bytes are not what they claim to be.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        text = " ".join(str(error).split())
        message = f"{what} cannot be read: {text[:300]}"
        raise bad_row(path, first, _code(text), message) from error


def _code(message: str) -> str:
    if "checksum" in message:
        return "bad-checksum"
    return "invalid-utf8" if "UTF8" in message or "utf-8" in message else "bad-page"
