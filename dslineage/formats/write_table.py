"""Writing examples as Parquet or Arrow IPC, so that reading them gives the same content hash.

The examples are read twice: once for the types of the columns, once to write them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import BadDataError, UsageError
from dslineage.formats.shape import MAX_MEMBERS, NoTypeError, Shape, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

Examples = Callable[[], Iterator[dict[str, Any]]]

_BATCH_ROWS = 128
_GROUP_BYTES = 64 << 20
_GROUP_ROWS = 1 << 16
_NO_COLUMN = "_"


def write_table(
    handle: BinaryIO, examples: Examples, name: str, columns: Sequence[str] | None
) -> tuple[int, list[str]]:
    """Write all examples; the number of them, and what a reader should know.

    Args:
        handle: where to write, opened for binary writing.
        examples: gives the same examples each time it is called, without null members.
        name: `parquet` or `arrow`.
        columns: these columns, in this order, instead of all in the order first seen.

    Raises:
        BadDataError: a value is no JSON value, or there are too many columns.
    """
    schema, notices = table_schema(examples(), columns)
    rows = 0
    with _writer(handle, schema, name) as writer:
        for group in _groups(record_batches(examples(), schema)):
            writer.write_table(group, group.num_rows)
            rows += group.num_rows
    return rows, notices


def table_schema(
    examples: Iterator[dict[str, Any]], columns: Sequence[str] | None = None
) -> tuple[pa.Schema, list[str]]:
    """The columns that hold some examples by value, and what a reader should know.

    A column is typed where Arrow can hold its values, and JSON text (`Json()`) where it cannot.

    Raises:
        BadDataError: a value is no JSON value, or there are too many columns.
    """
    import pyarrow as pa

    shape = Shape()
    for number, example in enumerate(examples, 1):
        try:
            shape.see_members(example)
        except NoTypeError as error:
            raise BadDataError(f"example {number}: {error}", kind="not-json") from None
    if len(shape.members) > MAX_MEMBERS:
        message = f"the examples have more than {MAX_MEMBERS} different fields"
        raise BadDataError(message, kind="too-many-fields", hint="export as JSONL")
    fields, notices = [], []
    for column in shape.members if columns is None else columns:
        try:
            kind = arrow_type(shape.members.get(column, Shape()), column)
        except NoTypeError as error:
            kind = pa.json_(pa.string())
            notices.append(f"column {column!r} is written as JSON text (Json()), since {error}")
        fields.append(pa.field(column, kind))
    if not fields:
        fields = [pa.field(_NO_COLUMN, pa.null())]
    schema = pa.schema(fields)
    if notices:
        features = {field.name: _feature(field.type) for field in schema}
        text = json.dumps({"info": {"features": features}}, ensure_ascii=False)
        schema = schema.with_metadata({"huggingface": text})
    return schema, notices


def _feature(kind: Any) -> dict[str, Any]:
    """A type as `datasets` describes it."""
    import pyarrow as pa

    if isinstance(kind, pa.JsonType):
        return {"_type": "Json"}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"dtype": "float64" if kind == pa.float64() else str(kind), "_type": "Value"}


def record_batches(
    examples: Iterator[dict[str, Any]], schema: pa.Schema, size: int = _BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Examples as record batches of so many rows, under a schema that `table_schema` gave."""
    import pyarrow as pa

    while rows := list(islice(examples, size)):
        columns = [_column([row.get(field.name) for row in rows], field.type) for field in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(values: list[Any], kind: Any) -> Any:
    import pyarrow as pa

    try:
        if not isinstance(kind, pa.JsonType):
            return pa.array(values, kind)
        texts = [None if value is None else canonical_bytes(value).decode() for value in values]
        return pa.ExtensionArray.from_storage(kind, pa.array(texts, kind.storage_type))
    except (UnicodeEncodeError, UsageError) as error:
        raise BadDataError(f"a value is no JSON value: {error}", kind="not-json") from None


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together to row groups."""
    import pyarrow as pa

    group: list[pa.RecordBatch] = []
    size = rows = 0
    for batch in batches:
        group.append(batch)
        size, rows = size + batch.nbytes, rows + batch.num_rows
        if size >= _GROUP_BYTES or rows >= _GROUP_ROWS:
            yield pa.Table.from_batches(group).combine_chunks()
            group, size, rows = [], 0, 0
    if group:
        yield pa.Table.from_batches(group).combine_chunks()


def _writer(handle: BinaryIO, schema: pa.Schema, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if name == "arrow":
        return pa.ipc.new_file(handle, schema)  # type: ignore[arg-type]  # any file will do
    return pq.ParquetWriter(handle, schema, compression="zstd", write_page_checksum=True)
