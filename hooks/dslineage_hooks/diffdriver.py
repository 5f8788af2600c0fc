"""What a pointer says, in lines that `git diff` and `git log -p` compare: from records alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dslineage.errors import DslineageError
from dslineage.quality.metric import name_of
from dslineage.records import Pointer
from dslineage.versions.catalog import Catalog
from dslineage.versions.recordsearch import found_record

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.git import Git

_COUNTS = ("edited", "removed", "added")


def described(git: Git, data: bytes) -> list[str] | None:
    """A pointer's version, a fact to a line; None where the file is no pointer that can be read."""
    try:
        pointer = Pointer.from_bytes(data, "the pointer")
        found = found_record(git, pointer.id, pointer.dataset)
        return list(_lines(git, pointer, *(found or (None, ""))))
    except DslineageError:
        return None


def _lines(git: Git, pointer: Pointer, record: DatasetRecord | None, commit: str) -> Iterator[str]:
    yield f"{pointer.dataset} {pointer.version} ({pointer.id.rpartition(':')[2][:8]})"
    yield f"examples: {pointer.examples:,}"
    yield f"content: {pointer.content_hash}"
    for entry in pointer.files:
        yield f"file: {entry.path}, {entry.size:,} bytes"
    if record is None:
        yield "its record is not in this repository"
        return
    yield f"message: {record.message}"
    if record.quarantined:
        yield f"set apart: {record.quarantined:,}"
    for parent, change in record.change.items():
        yield f"since {_title(git, parent, record.dataset)}: {_change(change)}"
    for name, types in record.fields.items():
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in types.items())
        yield f"field {name}: {kinds}"
    for measurement in Catalog(git).measurements(record, commit)[:1]:
        for id_, measured in sorted(measurement.metrics.items()):
            figure = measured.get("figure")
            if isinstance(figure, int | float):
                yield f"metric {name_of(id_)}: {figure:.6g}"


def _title(git: Git, id_: str, dataset: str) -> str:
    found = found_record(git, id_, dataset)
    return found[0].title if found else id_.rpartition(":")[2][:8]


def _change(change: Mapping[str, Any]) -> str:
    counts = [f"{change[name]:,} {name}" for name in _COUNTS if change.get(name)]
    kinds = [f"{kind} {count:,}" for kind, count in change.get("edits", {}).items()]
    schema = [f"{one['op']} field {one['field']}" for one in change.get("schema_changes", ())]
    moved = ["reordered"] if change.get("reordered") else []
    said = ", ".join([*counts, *schema, *moved]) or "no example"
    return f"{said} ({', '.join(kinds)})" if kinds else said
