"""The files of a version with some examples edited or dropped, every other byte as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.errors import UsageError
from dslineage.formats.writers import FORMATS
from dslineage.reviewing.edits import Plan, edited
from dslineage.reviewing.splicing import cells_spliced, json_spliced, without_line
from dslineage.store.layout import layout_name
from dslineage.versions.restoring import raw_records

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.reviewing.leaves import Path
    from dslineage.store.layout import Layout
    from dslineage.store.store import Store
    from dslineage.versions.stored import StoredSnapshot

_JSON = ("jsonl", "json")
_CELLS = ("csv", "tsv")
TEXT_FORMATS = {*_JSON, *_CELLS}


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that changes: the pieces of its new bytes, or for a table its new examples."""

    entry: FileEntry
    pieces: Iterator[bytes]
    examples: Iterator[dict[str, Any]] | None


def new_files(
    store: Store, record: DatasetRecord, current: StoredSnapshot, plan: Plan
) -> list[NewFile]:
    """The files of a version that a plan changes.

    Raises:
        UsageError: one of them has a form that can be read but not written.
    """
    found = []
    first = 0
    for entry in record.files:
        layout = store.layout(layout_name(entry.sha256, entry.reader))
        stop = first + layout.examples
        edits = {at - first: texts for at, texts in plan.edits.items() if first <= at < stop}
        drops = {at - first for at in plan.drops if first <= at < stop}
        if edits or drops:
            _refuse(entry, layout, drops)
            if entry.reader["format"] in TEXT_FORMATS:
                found.append(NewFile(entry, _pieces(store, entry, layout, edits, drops), None))
            else:
                rows = current.read(current.rows()[first:stop])
                found.append(NewFile(entry, iter(()), _examples(rows, edits, drops)))
        first = stop
    return found


def _refuse(entry: FileEntry, layout: Layout, drops: set[int]) -> None:
    reader = entry.reader
    if reader["format"] not in FORMATS or {"compression", "partition"} & set(reader):
        raise UsageError(
            f"{entry.path} has a form that can be read but not written; nothing was changed",
            kind="unknown-format",
            hint="dslineage export writes it in another form, which can be edited",
        )
    if drops and len(layout.quarantined) and reader["format"] == "json":
        raise UsageError(
            f"{entry.path} has records set apart between its examples: none can be dropped",
            kind="quarantined",
            hint="mend the file, and add it again",
        )
    if len(drops) == layout.examples:
        raise UsageError(f"every example of {entry.path} would be dropped", kind="nothing-left")


def _examples(
    rows: Iterator[dict[str, Any]], edits: Mapping[int, Mapping[Path, str]], drops: set[int]
) -> Iterator[dict[str, Any]]:
    for place, row in enumerate(rows):
        if place not in drops:
            yield edited(row, edits[place]) if place in edits else row


def _pieces(
    store: Store,
    entry: FileEntry,
    layout: Layout,
    edits: Mapping[int, Mapping[Path, str]],
    drops: set[int],
) -> Iterator[bytes]:
    """The bytes of a text file, in pieces."""
    is_array = entry.reader["format"] == "json"
    gaps = layout.gaps.expand()
    yield gaps[0]
    kept = False
    for place, raw in enumerate(raw_records(store, layout)):
        after = gaps[place + 1]
        last = place + 1 == layout.examples
        if place in drops:
            if not is_array:
                yield without_line(after)
            elif last:
                yield after
            continue
        if is_array and kept and place - 1 in drops:
            yield gaps[place]
        yield _spliced(entry, raw, edits[place]) if place in edits else raw
        kept = True
        if not is_array or last or place + 1 not in drops:
            yield after


def _spliced(entry: FileEntry, raw: bytes, texts: Mapping[Path, str]) -> bytes:
    reader = entry.reader
    if reader["format"] in _JSON:
        record = json_spliced(raw, texts)
        return b" ".join(record.splitlines()) if reader["format"] == "jsonl" else record
    cells = {reader["header"].index(path[0]): text for path, text in texts.items()}
    return cells_spliced(raw, reader["delimiter"], cells)
