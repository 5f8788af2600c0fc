"""Whether the shards of one data set have one schema, compared by what their values become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

_SAME_FORM = {
    "null": ("null",),
    "boolean": ("boolean",),
    "number": ("integer", "floating"),
    "text": ("string", "large_string", "string_view"),
    "binary": ("binary", "large_binary", "binary_view", "fixed_size_binary"),
    "decimal": ("decimal",),
    "date": ("date",),
    "time": ("time",),
    "duration": ("duration",),
    "interval": ("interval",),
    "map": ("map",),
    "list": ("list", "large_list", "fixed_size_list", "list_view", "large_list_view"),
    "object": ("struct",),
    "union": ("union",),
}
_ABSENT = "-"


class Place(NamedTuple):
    """What stands at a place of the schema: its form by value, and the Arrow type."""

    form: str
    type: str


class Difference(NamedTuple):
    """A place that is not the same in every shard; `types` has the Arrow type in each file."""

    path: str
    types: Mapping[str, str]


def differences(schemas: Mapping[str, pa.Schema]) -> list[Difference]:
    """Where the schemas differ by value, in the order of the columns.

    `string` and `large_string` are the same, as are a dictionary and its values, and all widths of
    numbers. A column that is null throughout one shard fits any type.
    """
    flat = {file: dict(_places(schema)) for file, schema in schemas.items()}
    paths = dict.fromkeys(path for places in flat.values() for path in places)
    found: list[Difference] = []
    for path in paths:
        here = {
            file: places.get(path, Place(_ABSENT, _ABSENT))
            for file, places in flat.items()
            if not _inside_other(path, places)
        }
        forms = {place.form for place in here.values()} - {"null"}
        if len(forms) > 1:
            found.append(Difference(path, {file: place.type for file, place in here.items()}))
    return found


def table(found: list[Difference]) -> str:
    """The differences as lines of text: a row for each place, a column for each kind of shard."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for file in dict.fromkeys(file for difference in found for file in difference.types):
        kinds = tuple(difference.types.get(file, "") for difference in found)
        columns.setdefault(kinds, []).append(file)
    heads = [
        files[0] + (f" (+{len(files) - 1})" if len(files) > 1 else "") for files in columns.values()
    ]
    rows = [["column", *heads]]
    rows += [
        [difference.path, *(kinds[at] for kinds in columns)] for at, difference in enumerate(found)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _inside_other(path: str, places: Mapping[str, Place]) -> bool:
    """Whether a place is missing only since what would hold it is absent, null or no container."""
    if path in places:
        return False
    outer = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]
    return bool(outer) and places.get(outer, Place(_ABSENT, "")).form != "object"


def _places(schema: pa.Schema) -> Iterator[tuple[str, Place]]:
    for field in schema:
        yield from _within(field.name, field.type)


def _within(path: str, kind: Any) -> Iterator[tuple[str, Place]]:
    import pyarrow as pa

    plain = _by_value(kind)
    form = _form(plain)
    yield path, Place(form, str(kind))
    if form == "object":
        for field in plain:
            yield from _within(f"{path}.{field.name}", field.type)
    elif form == "list":
        yield from _within(f"{path}[]", plain.value_type)
    elif pa.types.is_map(plain):
        yield from _within(f"{path}[].key", plain.key_type)
        yield from _within(f"{path}[].value", plain.item_type)


def _by_value(kind: Any) -> Any:
    """The type without the encodings around it."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _by_value(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType) and kind.extension_name != "arrow.json":
        return _by_value(kind.storage_type)
    return kind


def _form(kind: Any) -> str:
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return "json"
    if pa.types.is_timestamp(kind):
        return "timestamp" if kind.tz is None else "timestamp with zone"
    return next(
        form
        for form, names in _SAME_FORM.items()
        if any(getattr(pa.types, f"is_{name}")(kind) for name in names)
    )
