"""Objects without the bytes of some rows: each is published under its old name, by one rename.

A pack is named by its row ids and not by its encoding, so what is forgotten changes no name. Row
ids and example digests stay, so that audits hold. Of a row in a pack with text, the bytes become as
many blanks: the others stay in their places, so the columns and the text of a pack fit each other
whichever of the two is there first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.store.columns import ColumnFile, check_columns, write_columns
from dslineage.store.files import replacing
from dslineage.store.layout import Gaps, Layout
from dslineage.store.pack import (
    Pack,
    checked_records,
    plan_packs,
    text_places,
    write_rows,
    write_text,
)
from dslineage.store.seekable import Frames, compress_frames, rewrite_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.store.pack import PackPlan, Records

KEPT_FACET = "conversation"
"""The column of a view that stays: by it, what comes back is known."""
_NOT_APPLICABLE = {"u1": 0xFF, "<u4": 0xFFFFFFFF, "<i8": -(2**63), "<u8": 0}
"""What stands in measures where a metric does not apply, by the type of the column."""

Cut = Callable[[bytes], bytes]
"""Cuts what was forgotten out of bytes; gives the same bytes where there is nothing of it."""


def mark_rows(pack: Pack, rows: NDArray[np.int64], *, durable: bool) -> bool:
    """Write a pack's columns anew, with some more rows forgotten; whether there was need.

    Raises:
        IntegrityError: the columns are damaged.
    """
    if pack.is_forgotten(rows).sum() == len(rows):
        return False
    _write_rows(pack, rows, {}, pack.source, durable=durable)
    return True


def blank_text(pack: Pack, *, durable: bool) -> bool:
    """Write a pack's text anew, blanks for its forgotten rows; whether there was need.

    Raises:
        IntegrityError: the text is damaged.
    """
    if not pack.has_text or not len(pack.forgotten):
        return False
    text = pack.opened_text()
    changed = dict(_blanked(pack))
    if not changed:
        return False
    text.check()
    with replacing(pack.text_path, durable=durable) as handle:
        rewrite_frames(handle, text, changed)
    return True


def with_text(pack: Pack, rows: NDArray[np.int64], records: Records, *, durable: bool) -> None:
    """Write a pack whose text was in a file of its own with text in the pack, but for some rows.

    Raises:
        IntegrityError: a row has other bytes than its row id says.
    """
    gone = pack.forgotten_with(rows)
    lengths = pack.file["length"].astype(np.int64)
    lengths[gone] = 0
    [plan] = plan_packs(lengths)
    write_text(pack.text_path, _frames(pack, gone, records, plan), durable=durable)
    _write_rows(pack, rows, {"place": text_places(lengths)}, None, durable=durable)


def without_facets(file: ColumnFile, rows: NDArray[np.int64], *, durable: bool) -> bool:
    """Write a view anew without what it says of some rows; whether there was need."""
    columns = {name: file[name] for name in file.columns}
    new = {
        name: column if name == KEPT_FACET else _with(column, rows, 0)
        for name, column in columns.items()
    }
    return _rewritten(file, new, file.meta, durable=durable)


def without_values(file: ColumnFile, rows: NDArray[np.int64], *, durable: bool) -> bool:
    """Write measures anew as if their metrics did not apply to some rows; whether there was need.

    Names of categories that no row has any more are left out.
    """
    new = {
        name: _with(file[name], rows, _not_applicable(file, name, column.dtype.str.lstrip("|")))
        for name, column in file.columns.items()
    }
    names: Mapping[str, str] = file.meta.get("names", {})
    codes = [column for column in new.values() if column.dtype.str == "<u8"] if names else []
    used = set(np.unique(np.concatenate(codes)).tolist()) if codes else set()
    meta = {**file.meta, "names": {code: one for code, one in names.items() if int(code) in used}}
    return _rewritten(file, new, meta if names else file.meta, durable=durable)


def without_bytes(layout: Layout, cut: Cut) -> Layout:
    """A layout whose gaps have nothing of what was forgotten; the same one, where they had not.

    `extra` then says as `cut` how many bytes are gone.
    """
    texts = [cut(text) for text in layout.gaps.texts]
    if tuple(texts) == layout.gaps.texts:
        return layout
    coded = [(texts[number], count) for number, count in layout.gaps.runs]
    gone = sum(
        count * (len(layout.gaps.texts[number]) - len(texts[number]))
        for number, count in layout.gaps.runs
    )
    extra = dict(layout.extra or {})
    extra["cut"] = extra.get("cut", 0) + gone
    return replace(layout, gaps=Gaps.of(coded), extra=extra)


def is_blank(pack: Pack) -> bool:
    """Whether nothing is kept of the rows of a pack that were forgotten."""
    return not pack.has_text or next(_blanked(pack), None) is None


def _blanked(pack: Pack) -> Iterator[tuple[int, bytes]]:
    """The frames of a pack's text that have bytes of forgotten rows, and what to put there."""
    gone = pack.forgotten
    if not len(gone):
        return
    text = pack.opened_text()
    places = np.append(pack.file["place"].astype(np.int64), text.places[-1])
    starts, stops = places[gone], places[gone + 1] - 1
    numbers = text.frames_of(starts)
    for number in np.unique(numbers).tolist():
        before = text.frame(number)
        after, base = bytearray(before), int(text.places[number])
        for start, stop in zip(starts[numbers == number], stops[numbers == number], strict=True):
            after[start - base : stop - base] = b" " * int(stop - start)
        if after != before:
            yield number, bytes(after)


def _frames(
    pack: Pack, gone: NDArray[np.int64], records: Records, plan: PackPlan
) -> Iterator[Frames]:
    kept = checked_records(pack, np.arange(pack.rows), records, gone)
    for first, stop in pairwise(plan.cuts.tolist()):
        yield compress_frames([b"".join(one + b"\n" for one in islice(kept, stop - first))])


def _write_rows(
    pack: Pack,
    rows: NDArray[np.int64],
    others: Mapping[str, NDArray[Any]],
    source: dict[str, Any] | None,
    *,
    durable: bool,
) -> None:
    check_columns(pack.file.path)
    gone = pack.forgotten_with(rows)
    columns = {name: pack.file[name] for name in pack.file.columns} | dict(others)
    columns["length"] = _with(columns["length"], gone, 0)
    shapes, columns["shape"] = _shapes(pack, gone)
    write_rows(
        pack.folder,
        pack.name,
        context=pack.context,
        columns=columns,
        shapes=shapes,
        source=source,
        forgotten=gone.tolist(),
        durable=durable,
    )


def _shapes(
    pack: Pack, gone: NDArray[np.int64]
) -> tuple[list[dict[str, str]], NDArray[np.unsignedinteger[Any]]]:
    """The shapes that other rows have, too, and the number of each row's; else it is empty."""
    numbers = pack.file["shape"]
    kept = np.unique(np.delete(numbers, gone)).tolist()
    shapes = [pack.shapes[number] for number in kept]
    new = np.full(len(pack.shapes), len(kept), numbers.dtype)
    new[kept] = np.arange(len(kept), dtype=numbers.dtype)
    if len(kept) < len(np.unique(numbers)):
        shapes.append({})
    return shapes, new[numbers]


def _with(column: NDArray[Any], rows: NDArray[np.int64], value: int) -> NDArray[Any]:
    changed = column.copy()
    changed[rows] = value
    return changed


def _not_applicable(file: ColumnFile, name: str, dtype: str) -> int:
    """What a column has where its metric does not apply; a rate is known by its second column."""
    if name.endswith("/whole") or f"{name}/whole" in file.columns:
        return 0
    return _NOT_APPLICABLE[dtype]


def _rewritten(
    file: ColumnFile,
    columns: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
    *,
    durable: bool,
) -> bool:
    same = all(np.array_equal(file[name], column) for name, column in columns.items())
    if same and dict(meta) == dict(file.meta):
        return False
    check_columns(file.path)
    write_columns(file.path, columns, meta, interleaved=True, durable=durable)
    return True
