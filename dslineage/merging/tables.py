"""Parquet and Arrow files of a merge: rows as they stand in the files of both sides.

The values keep their types, since no row is read as JSON and written again. What a file has beside
its rows, such as its row groups and encodings, is chosen anew; its schema and codec are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from dslineage.merging.files import MergedFile, New
from dslineage.merging.tablefiles import table_batches, table_look, table_rows, table_writer
from dslineage.store.files import replacing

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dslineage.merging.arranging import Arranged
    from dslineage.merging.rows import Rows
    from dslineage.records import DatasetRecord

Example = Mapping[str, Any]
_ROWS = 1 << 14
_NEW = -1


@dataclass(frozen=True, slots=True)
class NewRow:
    """An example that is in no file, and those whose cells it takes where they are equal.

    `like` are pairs of a file and a row of it; `examples` are what stands there.
    """

    example: Example
    like: tuple[tuple[int, int], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TableMerge:
    """A table made of the rows of others, whose form is that of the file of number `lead`.

    Each row stands in file `sources` at row `places`, or is in `new`, where `sources` is -1.
    """

    paths: tuple[Path, ...]
    lead: int
    sources: NDArray[np.int64]
    places: NDArray[np.int64]
    new: Sequence[NewRow]

    def write(self, target: Path) -> None:
        """Write the table.

        Raises:
            UsageError: a new example does not fit the columns.
            ResourceError: no space or no permission.
        """
        import pyarrow as pa

        path = self.paths[self.lead]
        lead = table_look(path)
        with replacing(target) as handle, closing(table_writer(handle, lead, path)) as writer:
            group: list[pa.Table] = []
            size = max(1, *lead.groups) if lead.groups else _ROWS
            for table in self._tables(lead.schema):
                group.append(table)
                if sum(one.num_rows for one in group) >= size:
                    whole = pa.concat_tables(group)
                    writer.write_table(whole.slice(0, size), size)
                    group = [whole.slice(size)]
            if group:
                writer.write_table(pa.concat_tables(group), size)

    def _tables(self, schema: pa.Schema) -> Iterator[pa.Table]:
        """The rows in order, a batch of the leading file and what goes with it at a time."""
        import pyarrow as pa

        here = self.sources == self.lead
        before = np.maximum.accumulate(np.where(here, self.places, -1))
        direct = here & (self.places == before)
        extra, slots = self._extra(schema, np.flatnonzero(~direct))
        start = 0
        for batch in table_batches(self.paths[self.lead]):
            stop = int(np.searchsorted(before, batch.stop))
            mine = np.arange(start, stop)
            others = slots[mine[~direct[mine]]]
            whole = pa.concat_tables(
                [pa.Table.from_batches([batch.batch], schema), extra.take(others)]
            )
            taken = np.where(direct[mine], self.places[mine] - batch.first, 0)
            taken[~direct[mine]] = batch.batch.num_rows + np.arange(len(others))
            yield whole.take(taken)
            start = stop
        yield extra.take(slots[start:])

    def _extra(
        self, schema: pa.Schema, at: NDArray[np.int64]
    ) -> tuple[pa.Table, NDArray[np.int64]]:
        """The rows that do not simply follow in the leading file; and where each of them is."""
        import pyarrow as pa

        parts, slots, size = [schema.empty_table()], np.zeros(len(self.sources), np.int64), 0
        for number, path in enumerate(self.paths):
            here = at[self.sources[at] == number]
            found, inverse = np.unique(self.places[here], return_inverse=True)
            parts.append(table_rows(path, found, schema))
            slots[here] = size + inverse
            size += len(found)
        for place in at[self.sources[at] == _NEW]:
            parts.append(self._made(self.new[self.places[place]], schema))
            slots[place] = size
            size += 1
        return pa.concat_tables(parts), slots

    def _made(self, row: NewRow, schema: pa.Schema) -> pa.Table:
        import pyarrow as pa

        unknown = [name for name, value in row.example.items()
                   if value is not None and name not in schema.names]  # fmt: skip
        if unknown:
            raise UsageError(f"the table has no column {unknown[0]!r}", kind="bad-choice")
        cells = [
            table_rows(self.paths[number], np.array([place]), schema) for number, place in row.like
        ]
        columns = []
        for field in schema:
            value = row.example.get(field.name)
            for table, known in zip(cells, row.examples, strict=True):
                if _text(known.get(field.name)) == _text(value):
                    columns.append(table.column(field.name))
                    break
            else:
                columns.append(_cell(field, value))
        return pa.Table.from_arrays(columns, schema=schema)


def _cell(field: pa.Field[Any], value: Any) -> pa.ChunkedArray[Any]:
    import pyarrow as pa

    dated = pa.types.is_temporal(field.type) or pa.types.is_decimal(field.type)
    fault: Exception | str = "it may not be empty"
    if value is not None or field.nullable:
        try:
            cells = pa.array([value]).cast(field.type) if dated else pa.array([value], field.type)
            return pa.chunked_array([cells])
        except (pa.ArrowException, TypeError, OverflowError) as error:
            fault = error
    raise UsageError(
        f"column {field.name!r} holds {field.type}, and no such value: {fault}",
        kind="bad-choice",
        hint="choose one of the sides, or give a value of that type",
    )


def _text(value: Any) -> bytes:
    return b"" if value is None else canonical_bytes(value)


def merged_tables(
    lead: DatasetRecord,
    paths: Sequence[Path],
    sizes: Sequence[int],
    rows: Rows,
    arranged: Arranged,
    new: Sequence[New],
) -> Iterator[MergedFile]:
    """The tables of a merge; see `merged_text`.

    Args:
        lead: the version that gives the order.
        paths: where the files of the leading version are, and then those of the other.
        sizes: how many rows each of them has.
        rows: reads examples.
        arranged: the merge.
        new: the examples that are in none of the versions.
    """
    order = (0, 1) if arranged.leads == 0 else (1, 0)
    numbers = np.concatenate([rows.sides[side] for side in order])
    places = np.concatenate([np.arange(size) for size in sizes])
    sources = np.repeat(np.arange(len(sizes)), sizes)
    starts = {order[0]: 0, order[1]: len(rows.sides[order[0]])}
    distinct, first = np.unique(numbers, return_index=True)

    def spot(side: int, at: int) -> tuple[int, int]:
        return int(sources[starts[side] + at]), int(places[starts[side] + at])

    made = [
        NewRow(
            one.example,
            tuple(spot(side, at) for side, at in enumerate(one.like) if at is not None),
            tuple(example for example in one.examples if example is not None),
        )
        for one in new
    ]
    at = first[np.minimum(np.searchsorted(distinct, arranged.items), len(distinct) - 1)]
    own = (arranged.places >= 0) & (numbers[np.maximum(arranged.places, 0)] == arranged.items)
    at = np.where(own, arranged.places, at)
    stored = arranged.items >= 0
    sources = np.where(stored, sources[at], _NEW)
    places = np.where(stored, places[at], -1 - arranged.items)
    for number, entry in enumerate(lead.files):
        mine = arranged.files == number
        yield MergedFile(
            entry.path,
            TableMerge(
                tuple(paths),
                number,
                sources[mine],
                places[mine],
                made,
            ),
        )
