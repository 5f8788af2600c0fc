"""Arrow values as the JSON values whose canonical form is hashed.

The forms are those of `docs/format.md`, section Arrow and Parquet. Columns are converted whole and
put together into objects at the end, several times faster than a scalar at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from dslineage.canonical.arrow_forms import SCALAR_FORMS, Array
from dslineage.canonical.arrow_json import (
    JSON_FEATURE,
    JSON_TYPE,
    ArrowValueError,
    items,
    json_features,
    member,
    parsed,
    tag,
)

if TYPE_CHECKING:
    import pyarrow as pa

_Converter = Callable[[Array, Any], list[Any]]


def examples(batch: pa.RecordBatch | pa.Table) -> list[dict[str, Any]]:
    """The rows as JSON objects without null members, in order.

    They are to be read, not changed: rows that share a dictionary entry share its value. The batch
    must be valid (`batch.validate(full=True)`) where its bytes are not to be trusted.

    Raises:
        ArrowValueError: two columns or fields of one name, or a `Json()` text that is no JSON.
    """
    import pyarrow as pa

    if isinstance(batch, pa.Table):
        return [example for part in batch.to_batches() for example in examples(part)]
    features = json_features(batch.schema)
    refuse_duplicates(batch.schema)
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        feature = member(features, name)
        try:
            columns.append(_values(column, feature))
        except ArrowValueError as error:
            row = _first_fault(column, feature)
            raise ArrowValueError(error.code, error.message, row=row, column=name) from None
    return _objects(batch.schema.names, columns, batch.num_rows)


def refuse_duplicates(fields: pa.Schema | pa.StructType) -> None:
    """Raise ArrowValueError where columns, or fields of a struct at any depth, share a name."""
    for kind in _structs(fields):
        names = [field.name for field in kind]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            what = "columns" if kind is fields else "fields of one struct"
            raise ArrowValueError(
                "duplicate-column", f"several {what} are named {', '.join(map(repr, twice))}"
            )


def _structs(kind: Any) -> Iterator[Any]:
    import pyarrow as pa

    if isinstance(kind, (pa.Schema, pa.StructType)):
        yield kind
    for field in child_fields(kind):
        yield from _structs(field.type)


def child_fields(kind: pa.Schema | pa.DataType) -> Iterable[pa.Field[Any]]:
    """The fields inside a type, those of a dictionary's or extension's own type among them."""
    import pyarrow as pa

    if isinstance(kind, pa.Schema):
        return kind
    if isinstance(kind, pa.BaseExtensionType):
        return (pa.field("", kind.storage_type),)
    if pa.types.is_dictionary(kind):
        return (pa.field("", kind.value_type),)
    return tuple(kind.field(index) for index in range(kind.num_fields))


def _first_fault(column: Array, feature: Any) -> int:
    """The first row that cannot be converted, found by halving."""
    start, stop = 0, len(column)
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            _values(column.slice(start, middle - start), feature)
        except ArrowValueError:
            stop = middle
        else:
            start = middle
    return start


def _values(array: Array, feature: Any = None) -> list[Any]:
    """The JSON value of each slot; null is None."""
    return _converter(array.type)(array, feature)


@lru_cache(maxsize=1024)
def _converter(kind: pa.DataType) -> _Converter:
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return _json_extension if kind.extension_name == JSON_TYPE else _extension
    for name, form in _NESTED_FORMS:
        if getattr(pa.types, f"is_{name}")(kind):
            return form
    scalar = next(form for name, form in SCALAR_FORMS if getattr(pa.types, f"is_{name}")(kind))
    return lambda array, _: scalar(array)


def _text(array: Array, feature: Any) -> list[Any]:
    texts: list[Any] = array.to_pylist()
    return parsed(texts) if tag(feature) == "Json" else texts


def _extension(array: Array, feature: Any) -> list[Any]:
    return _values(array.storage, feature)


def _json_extension(array: Array, feature: Any) -> list[Any]:
    return _values(array.storage, JSON_FEATURE)


def _dictionary(array: Array, feature: Any) -> list[Any]:
    codes = array.indices
    used = codes.drop_null().unique()
    table = dict(zip(used.to_pylist(), _values(array.dictionary.take(used), feature), strict=True))
    return [table.get(code) for code in codes.to_pylist()]


def _run_ends(array: Array, feature: Any) -> list[Any]:
    at, stop = array.offset, array.offset + len(array)
    values: list[Any] = []
    for end, value in zip(array.run_ends.to_pylist(), _values(array.values, feature), strict=True):
        if at < end:
            values += [value] * (min(end, stop) - at)
            at = min(end, stop)
    return values


def _lists(array: Array, feature: Any) -> list[Any]:
    """Lists of any layout. Items that stand behind a null are no values, and are not looked at."""
    import pyarrow.compute as pc

    inner = _values(array.flatten(), items(feature))
    sizes = pc.list_value_length(array).to_pylist()
    stops = accumulate(size or 0 for size in sizes)
    return [
        None if size is None else inner[stop - size : stop]
        for size, stop in zip(sizes, stops, strict=True)
    ]


def _maps(array: Array, feature: Any) -> list[Any]:
    there = array.drop_null()
    offsets = there.offsets.to_pylist()
    first, size = offsets[0], offsets[-1] - offsets[0]
    columns = [_values(part.slice(first, size)) for part in (there.keys, there.items)]
    entries = _objects(["key", "value"], columns, size)
    maps = iter([entries[start - first : stop - first] for start, stop in pairwise(offsets)])
    return [next(maps) if valid else None for valid in array.is_valid().to_pylist()]


def _struct(array: Array, feature: Any) -> list[Any]:
    names = [field.name for field in array.type]
    columns = [
        _values(child, member(feature, name))
        for name, child in zip(names, array.flatten(), strict=True)
    ]
    return _masked(array, _objects(names, columns, len(array)))


def _unions(array: Array, feature: Any) -> list[Any]:
    """Unions, from their buffers, since pyarrow's `type_codes` and `offsets` forget slices."""
    import pyarrow as pa

    _, codes, *places = array.buffers()
    children = {
        code: _values(array.field(index)) for index, code in enumerate(array.type.type_codes)
    }
    at, size = array.offset, len(array)
    kinds = pa.Array.from_buffers(pa.int8(), size, [None, codes], offset=at).to_pylist()
    slots: Any = range(size)
    if array.type.mode == "dense":
        slots = pa.Array.from_buffers(pa.int32(), size, [None, places[0]], offset=at).to_pylist()
    return [children[kind][slot] for kind, slot in zip(kinds, slots, strict=True)]


def _objects(names: list[str], columns: list[list[Any]], rows: int) -> list[dict[str, Any]]:
    """One object for each row, without null members."""
    if not columns:
        return [{} for _ in range(rows)]
    if any(None in column for column in columns):
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in zip(*columns, strict=True)
        ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _masked(array: Array, values: list[Any]) -> list[Any]:
    """The values, None where the array is null."""
    if not array.null_count:
        return values
    valid = array.is_valid().to_pylist()
    return [value if there else None for value, there in zip(values, valid, strict=True)]


_NESTED_FORMS: tuple[tuple[str, _Converter], ...] = (
    ("string", _text),
    ("large_string", _text),
    ("string_view", _text),
    ("struct", _struct),
    ("list", _lists),
    ("large_list", _lists),
    ("fixed_size_list", _lists),
    ("list_view", _lists),
    ("large_list_view", _lists),
    ("dictionary", _dictionary),
    ("run_end_encoded", _run_ends),
    ("map", _maps),
    ("union", _unions),
)
