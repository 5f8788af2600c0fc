"""The rows of whatever a trainer can be given, as examples in canonical form."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from dslineage.canonical.fast import parse_rows, write_values
from dslineage.canonical.rows import Row, RowFault
from dslineage.errors import BadDataError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 1000
_TABLES = {".parquet", ".arrow", ".feather", ".ipc"}


class Rows(Protocol):
    """Examples in an order, which can be read again."""

    def __len__(self) -> int: ...

    def at(self, places: Sequence[int]) -> list[Row]:
        """The examples at some places, which rise."""

    def chunks(self) -> Iterator[list[Row]]:
        """All examples, in order."""


def rows_of(data: Any, closing: ExitStack) -> Rows:
    """The rows of a data set.

    Args:
        data: a `datasets.Dataset` or `IterableDataset`, a path, a tuple of paths, or a sequence or
            other iterable of mappings. What has no length is read through once, into a temporary
            file; so is a path.
        closing: closes what was opened.

    Raises:
        UsageError: it is none of these, an iterator that could not be read again by the trainer,
            or a row is no JSON object.
        BadDataError: a file has faults.
    """
    if isinstance(data, (str, Path)):
        return Spooled.of(rows_in_file(Path(data), closing), closing)
    if isinstance(data, tuple) and data and all(isinstance(one, Path) for one in data):
        return Spooled.of(chain.from_iterable(rows_in_file(one, closing) for one in data), closing)
    library = sys.modules.get("datasets")
    if library is not None and isinstance(data, library.Dataset):
        return ArrowRows(data.with_format("arrow"))
    if library is not None and isinstance(data, library.IterableDataset):
        tables = data.with_format("arrow").iter(batch_size=_AT_ONCE)
        return Spooled.of(map(_of_table, tables), closing)
    listed = hasattr(data, "__getitem__") and hasattr(data, "__len__")
    if listed and not isinstance(data, Mapping):
        return ListedRows(data)
    return Spooled.of(_of_iterable(data), closing)


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """The rows of a `datasets.Dataset` whose format is `arrow`."""

    dataset: Any

    def __len__(self) -> int:
        return len(self.dataset)

    def at(self, places: Sequence[int]) -> list[Row]:
        """The examples at some places."""
        return _of_table(self.dataset[list(places)]) if places else []

    def chunks(self) -> Iterator[list[Row]]:
        """All examples."""
        return map(_of_table, self.dataset.iter(batch_size=_AT_ONCE))


@dataclass(frozen=True, slots=True)
class ListedRows:
    """Mappings that have places: a list, or a data set of torch."""

    rows: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: Sequence[int]) -> list[Row]:
        """The examples at some places."""
        return _plain([self.rows[place] for place in places])

    def chunks(self) -> Iterator[list[Row]]:
        """All examples."""
        for start in range(0, len(self), _AT_ONCE):
            yield self.at(range(start, min(start + _AT_ONCE, len(self))))


@dataclass(frozen=True, slots=True)
class Spooled:
    """Rows in a temporary file, in canonical form."""

    file: IO[bytes]
    ends: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def of(cls, chunks: Iterable[list[Row]], closing: ExitStack) -> Spooled:
        """Read rows through to their end."""
        spool = cls(closing.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 - closed by it
        for chunk in chunks:
            for row in chunk:
                spool.file.write(row.canonical)
                spool.ends.append(spool.ends[-1] + len(row.canonical))
        return spool

    def __len__(self) -> int:
        return len(self.ends) - 1

    def at(self, places: Sequence[int]) -> list[Row]:
        """The examples at some places."""
        return _parsed([self._record(place) for place in places])

    def chunks(self) -> Iterator[list[Row]]:
        """All examples."""
        for start in range(0, len(self), _AT_ONCE):
            yield self.at(range(start, min(start + _AT_ONCE, len(self))))

    def _record(self, place: int) -> bytes:
        self.file.seek(self.ends[place])
        return self.file.read(self.ends[place + 1] - self.ends[place])


def _of_table(table: pa.Table) -> list[Row]:
    from dslineage.canonical.arrow import examples
    from dslineage.canonical.arrow_json import ArrowValueError

    try:
        values = examples(table)
    except ArrowValueError as error:
        raise BadDataError(error.message, kind=error.code) from error
    return list(map(Row, values, write_values(values)))


def _of_iterable(data: Any) -> Iterator[list[Row]]:
    if isinstance(data, (Mapping, Iterator)) or not isinstance(data, Iterable):
        raise UsageError(
            f"{type(data).__name__} is no data set whose rows can be read more than once",
            kind="no-rows",
            hint="watch one split, a list, a path, or a datasets.Dataset",
        )
    rows = iter(data)
    while chunk := list(islice(rows, _AT_ONCE)):
        yield _plain(chunk)


def rows_in_file(path: Path, closing: ExitStack) -> Iterator[list[Row]]:
    """The rows of a file, or of a folder of Parquet or Arrow files.

    Args:
        path: the file or folder.
        closing: removes a decoded copy.

    Raises:
        BadDataError: a file has faults.
        UsageError: its format cannot be told.
    """
    from dslineage.formats.base import Limits
    from dslineage.formats.source import open_text
    from dslineage.formats.tables import open_table, read_chunk

    if path.is_dir() or path.suffix.lower() in _TABLES:
        for chunk in open_table(path, Limits()).chunks():
            for values in read_chunk(chunk):
                yield list(map(Row, values, write_values(values)))
        return
    spill = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="dslineage-")))
    source = open_text(path, limits=Limits(), spill=spill)
    with source.plain.open("rb") as file:
        for spans in source.format.scan(source.plain, 0, source.plain.stat().st_size, Limits()):
            if spans.bad:
                raise BadDataError(f"{path}: {spans.bad[0].message}", kind=spans.bad[0].code)
            records = []
            for start, stop in zip(spans.start.tolist(), spans.stop.tolist(), strict=True):
                file.seek(start)
                records.append(file.read(stop - start))
            yield _whole(source.format.parse(records, Limits()))


def _plain(values: Sequence[Any]) -> list[Row]:
    """Mappings in memory as rows; whatever they are made of, only JSON's types come out."""
    for value in values:
        if not isinstance(value, Mapping):
            raise UsageError(f"a row is {type(value).__name__}, no mapping", kind="no-rows")
    return _parsed(write_values([dict(value) for value in values]))


def _parsed(records: Sequence[bytes]) -> list[Row]:
    return _whole(parse_rows(records))


def _whole(rows: Iterable[Row | RowFault]) -> list[Row]:
    whole = []
    for row in rows:
        if isinstance(row, RowFault):
            raise BadDataError(f"a row is no example: {row.message}", kind=row.code)
        whole.append(row)
    return whole
