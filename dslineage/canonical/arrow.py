"""Arrow values as the JSON values whose canonical form is hashed.

The forms are those of `docs/format.md`, section Arrow and Parquet. Columns are converted whole and
put together into objects at the end, several times faster than a scalar at a time.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import Row
from dslineage.canonical.strict import MAX_DEPTH, JsonError, parse_json

if TYPE_CHECKING:
    import pyarrow as pa

_Array = Any  # a pyarrow array: the stubs do not say which class has which parts
_Converter = Callable[[_Array, Any], list[Any]]

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400
_JSON = {"_type": "Json"}
_JSON_TYPE = "arrow.json"


class ArrowValueError(ValueError):
    """A value that no example can hold.

    `code` is the stable name of the fault, `row` counts from 0 within the converted batch,
    `column` is the top-level column; it is empty where the schema itself is at fault.
    """

    def __init__(self, code: str, message: str, *, row: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row
        self.column = column


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
        feature = _member(features, name)
        try:
            columns.append(_values(column, feature))
        except ArrowValueError as error:
            row = _first_fault(column, feature)
            raise ArrowValueError(error.code, error.message, row=row, column=name) from None
    return _objects(batch.schema.names, columns, batch.num_rows)


def json_features(schema: pa.Schema) -> Any:
    """The Hugging Face features that a schema declares in its metadata, or None.

    Source: `datasets` writes `{"info": {"features": …}}` under the key `huggingface`.
    """
    text = (schema.metadata or {}).get(b"huggingface")
    try:
        declared = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    for key in ("info", "features"):
        declared = declared.get(key) if isinstance(declared, Mapping) else None
    return declared


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


def _first_fault(column: _Array, feature: Any) -> int:
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


def _values(array: _Array, feature: Any = None) -> list[Any]:
    """The JSON value of each slot; null is None."""
    return _converter(array.type)(array, feature)


@lru_cache(maxsize=1024)
def _converter(kind: pa.DataType) -> _Converter:
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return _json_extension if kind.extension_name == _JSON_TYPE else _extension
    return next(form for name, form in _FORMS if getattr(pa.types, f"is_{name}")(kind))


def _plain(array: _Array, feature: Any) -> list[Any]:
    values: list[Any] = array.to_pylist()
    return values


def _text(array: _Array, feature: Any) -> list[Any]:
    texts: list[Any] = array.to_pylist()
    return _parsed(texts) if _tag(feature) == "Json" else texts


def _floats(array: _Array, feature: Any) -> list[Any]:
    import pyarrow.compute as pc

    numbers: list[Any] = array.to_pylist()
    if pc.all(pc.is_finite(array)).as_py() is not False:
        return numbers
    return [x if x is None or math.isfinite(x) else _not_finite(x) for x in numbers]


def _not_finite(number: float) -> str:
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _decimals(array: _Array, feature: Any) -> list[Any]:
    return _mapped(array.to_pylist(), _decimal)


def _decimal(number: Decimal) -> str:
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _binary(array: _Array, feature: Any) -> list[Any]:
    return _mapped(array.to_pylist(), lambda data: base64.b64encode(data).decode())


def _timestamps(array: _Array, feature: Any) -> list[Any]:
    per_second = _UNITS[array.type.unit]
    zone = "" if array.type.tz is None else "Z"

    def text(ticks: int) -> str:
        seconds, fraction = divmod(ticks, per_second)
        days, seconds = divmod(seconds, _DAY)
        return f"{_date(days)}T{_clock(seconds)}{_fraction(fraction, per_second)}{zone}"

    return _mapped(_ticks(array), text)


def _dates(array: _Array, feature: Any) -> list[Any]:
    per_day = 1 if array.type.bit_width == 32 else _DAY * 1000
    return _mapped(_ticks(array), lambda ticks: _date(ticks // per_day))


def _times(array: _Array, feature: Any) -> list[Any]:
    per_second = _UNITS[array.type.unit]

    def text(ticks: int) -> str:
        seconds, fraction = divmod(ticks, per_second)
        return f"{_clock(seconds)}{_fraction(fraction, per_second)}"

    return _mapped(_ticks(array), text)


def _durations(array: _Array, feature: Any) -> list[Any]:
    per_second = _UNITS[array.type.unit]

    def text(ticks: int) -> str:
        seconds, fraction = divmod(abs(ticks), per_second)
        return f"{'-' if ticks < 0 else ''}PT{seconds}{_fraction(fraction, per_second)}S"

    return _mapped(_ticks(array), text)


def _intervals(array: _Array, feature: Any) -> list[Any]:
    return _mapped(
        array.to_pylist(),
        lambda it: {"days": it.days, "months": it.months, "nanoseconds": it.nanoseconds},
    )


def _ticks(array: _Array) -> list[Any]:
    import pyarrow as pa

    width = pa.int32() if array.type.bit_width == 32 else pa.int64()
    return _plain(array.view(width), None)


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    """The day that many days after 1970-01-01, in the proleptic Gregorian calendar.

    Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days.
    """
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year += 400 * era + (month <= 2)
    written = f"{year:04d}" if 0 <= year <= 9999 else f"{year:+07d}"
    return f"{written}-{month:02d}-{day:02d}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _fraction(ticks: int, per_second: int) -> str:
    return f".{ticks:0{len(str(per_second)) - 1}d}".rstrip("0") if ticks else ""


def _mapped(values: list[Any], form: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else form(value) for value in values]


def _extension(array: _Array, feature: Any) -> list[Any]:
    return _values(array.storage, feature)


def _json_extension(array: _Array, feature: Any) -> list[Any]:
    return _values(array.storage, _JSON)


def _dictionary(array: _Array, feature: Any) -> list[Any]:
    codes = array.indices
    used = codes.drop_null().unique()
    table = dict(zip(used.to_pylist(), _values(array.dictionary.take(used), feature), strict=True))
    return [table.get(code) for code in codes.to_pylist()]


def _run_ends(array: _Array, feature: Any) -> list[Any]:
    at, stop = array.offset, array.offset + len(array)
    values: list[Any] = []
    for end, value in zip(array.run_ends.to_pylist(), _values(array.values, feature), strict=True):
        if at < end:
            values += [value] * (min(end, stop) - at)
            at = min(end, stop)
    return values


def _lists(array: _Array, feature: Any) -> list[Any]:
    """Lists of any layout. Items that stand behind a null are no values, and are not looked at."""
    import pyarrow.compute as pc

    items = _values(array.flatten(), _items(feature))
    sizes = pc.list_value_length(array).to_pylist()
    stops = accumulate(size or 0 for size in sizes)
    return [
        None if size is None else items[stop - size : stop]
        for size, stop in zip(sizes, stops, strict=True)
    ]


def _maps(array: _Array, feature: Any) -> list[Any]:
    there = array.drop_null()
    offsets = there.offsets.to_pylist()
    first, size = offsets[0], offsets[-1] - offsets[0]
    columns = [_values(part.slice(first, size)) for part in (there.keys, there.items)]
    entries = _objects(["key", "value"], columns, size)
    maps = iter([entries[start - first : stop - first] for start, stop in pairwise(offsets)])
    return [next(maps) if valid else None for valid in array.is_valid().to_pylist()]


def _struct(array: _Array, feature: Any) -> list[Any]:
    names = [field.name for field in array.type]
    columns = [
        _values(child, _member(feature, name))
        for name, child in zip(names, array.flatten(), strict=True)
    ]
    return _masked(array, _objects(names, columns, len(array)))


def _unions(array: _Array, feature: Any) -> list[Any]:
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


def _masked(array: _Array, values: list[Any]) -> list[Any]:
    """The values, None where the array is null."""
    if not array.null_count:
        return values
    valid = array.is_valid().to_pylist()
    return [value if there else None for value, there in zip(values, valid, strict=True)]


def _parsed(texts: list[str | None]) -> list[Any]:
    """The values of JSON texts, of any root, without null members.

    Objects go through the fast parser as they are, arrays as the only member of an object: after
    a text that begins with `[` and ends with `]`, a further member can only be one that shows.
    """
    raw = [b"" if text is None else text.strip(" \t\r\n").encode() for text in texts]
    wrapped = [b'{"":%b}' % text if _is_array(text) else text for text in raw]
    quick = parse_rows([text if text[:1] == b"{" else b"{}" for text in wrapped], MAX_DEPTH + 1)
    values: list[Any] = []
    for given, text, found in zip(texts, raw, quick, strict=True):
        if given is None:
            values.append(None)
        elif isinstance(found, Row) and text[:1] == b"{":
            values.append(found.value)
        elif isinstance(found, Row) and _is_array(text) and found.value.keys() == {""}:
            values.append(found.value[""])
        else:
            values.append(_parse_strictly(text))
    return values


def _is_array(text: bytes) -> bool:
    return text[:1] == b"[" and text[-1:] == b"]"


def _parse_strictly(text: bytes) -> Any:
    try:
        return parse_json(text)
    except JsonError as error:
        _, message, offset, _ = error.fault
        raise ArrowValueError(
            error.fault.code, f"in a Json() text, at its byte {offset}: {message}"
        ) from None


def _tag(feature: Any) -> str | None:
    """The `_type` of a Hugging Face feature; None for a struct, a list in brackets, or nothing."""
    tag = feature.get("_type") if isinstance(feature, Mapping) else None
    return tag if isinstance(tag, str) else None


def _items(feature: Any) -> Any:
    """The feature of a list's items."""
    if isinstance(feature, list):
        return feature[0] if feature else None
    return feature.get("feature") if _tag(feature) else None


def _member(feature: Any, name: str) -> Any:
    """The feature of a struct's member. A Sequence of a struct is stored as a struct of lists."""
    if _tag(feature) == "Sequence":
        return {"_type": "List", "feature": _member(feature.get("feature"), name)}
    if isinstance(feature, Mapping) and _tag(feature) is None:
        return feature.get(name)
    return None


_FORMS: tuple[tuple[str, _Converter], ...] = (
    ("null", _plain),
    ("boolean", _plain),
    ("integer", _plain),
    ("floating", _floats),
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
    ("decimal", _decimals),
    ("binary", _binary),
    ("large_binary", _binary),
    ("binary_view", _binary),
    ("fixed_size_binary", _binary),
    ("timestamp", _timestamps),
    ("date", _dates),
    ("time", _times),
    ("duration", _durations),
    ("interval", _intervals),
)
