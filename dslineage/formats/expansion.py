"""How many bytes come out of Arrow data whose rows share values: small files that mean large ones.

A dictionary, a run and a view let any number of rows be one long text, which a batch holds once.
Rows are read with texts of their own, so that is what they are counted with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.canonical.arrow import child_fields

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


def shares(schema: pa.Schema) -> bool:
    """Whether rows of such a table can have values in common."""
    return any(_shares(field.type) for field in schema)


def row_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """The bytes of the texts of each row, each with texts of its own."""
    return sum((_sizes(column) for column in batch.columns), np.zeros(batch.num_rows, np.int64))


def stretches(sizes: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Rows cut into stretches (first, stop) of so many bytes, or one row, at most."""
    first, total = 0, 0
    for row, size in enumerate(sizes.tolist()):
        if total + size > most and row > first:
            yield first, row
            first, total = row, 0
        total += size
    yield first, len(sizes)


def _shares(kind: Any) -> bool:
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    types = pa.types
    own = (
        types.is_dictionary(kind)
        or types.is_run_end_encoded(kind)
        or types.is_string_view(kind)
        or types.is_binary_view(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )
    return own or any(_shares(inner.type) for inner in child_fields(kind))


def _sizes(array: Any) -> NDArray[np.int64]:
    """The bytes of the texts in each value of an array."""
    import pyarrow as pa

    kind, types = array.type, pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _sizes(array.storage)
    if types.is_dictionary(kind):
        return _taken(
            _sizes(array.dictionary), np.where(_valid(array), _numbers(array.indices), -1)
        )
    if types.is_run_end_encoded(kind):
        places = np.arange(array.offset, array.offset + len(array))
        runs = np.searchsorted(_numbers(array.run_ends), places, side="right")
        return _taken(_sizes(array.values), runs)
    if types.is_struct(kind):
        return sum(map(_sizes, array.flatten()), _none(array))
    return _of_lists(array) if types.is_nested(kind) else _lengths(array)


def _of_lists(array: Any) -> NDArray[np.int64]:
    import pyarrow as pa

    kind, types = array.type, pa.types
    if types.is_list_view(kind) or types.is_large_list_view(kind):
        starts = _numbers(array.offsets)
        return _spans(array.values, starts, starts + _numbers(array.sizes))
    if types.is_fixed_size_list(kind):
        starts = (np.arange(len(array)) + array.offset) * kind.list_size
        return _spans(array.values, starts, starts + kind.list_size)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_map(kind):
        offsets = _numbers(array.offsets)
        values = [array.keys, array.items] if types.is_map(kind) else [array.values]
        return sum((_spans(one, offsets[:-1], offsets[1:]) for one in values), _none(array))
    return _none(array)


def _lengths(array: Any) -> NDArray[np.int64]:
    """The lengths of texts; nothing for numbers, which rows can have only once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind, types = array.type, pa.types
    if types.is_string_view(kind) or types.is_binary_view(kind):
        # The length of a view is the first of the four numbers that it is.
        count = array.offset + len(array)
        views = np.frombuffer(array.buffers()[1] or b"", "<i4", 4 * count).reshape(-1, 4)
        found = views[array.offset :, 0].astype(np.int64)
        return np.where(_valid(array), found, 0)
    if types.is_large_string(kind) or types.is_large_binary(kind) or types.is_string(kind) or (
        types.is_binary(kind)
    ):  # fmt: skip
        return np.where(_valid(array), _numbers(pc.binary_length(array)), 0)
    return _none(array)


def _spans(values: Any, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    ends = np.concatenate([[0], np.cumsum(_sizes(values))])
    return _taken(ends, stops) - _taken(ends, starts)


def _taken(sizes: NDArray[np.int64], places: NDArray[Any]) -> NDArray[np.int64]:
    """The sizes at some places; nothing where there is none."""
    inside = (places >= 0) & (places < len(sizes))
    if not len(sizes):
        return np.zeros(len(places), np.int64)
    return np.where(inside, sizes[np.where(inside, places, 0)], 0)


def _valid(array: Any) -> NDArray[np.bool_]:
    return np.not_equal(_numbers(array.is_valid().cast("int8")), 0)


def _numbers(array: Any) -> NDArray[np.int64]:
    """Whole numbers, nulls being any; `to_numpy` and `fill_null` would load pandas."""
    data = np.frombuffer(array.buffers()[1] or b"", str(array.type), array.offset + len(array))
    return data[array.offset :].astype(np.int64)


def _none(array: Any) -> NDArray[np.int64]:
    return np.zeros(len(array), np.int64)
