"""A diff as a small table for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.notebook import ADDED, REMOVED, Cell, table

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange, SchemaChange


def diff_html(result: DiffResult) -> str:
    """The counts of a diff, and the changes that were drawn from it."""
    summary = table(
        f"{result.dataset}: {result.from_.version} → {result.to.version}",
        _counts(result),
        notes=result.notices,
    )
    if not result.samples:
        return summary
    samples = [row for change in result.samples for row in _rows(change)]
    return summary + table("Examples", samples, head=("change", "before", "after"))


def _counts(result: DiffResult) -> Iterator[tuple[str, str, str]]:
    if result.identical:
        order = "in another order" if result.reordered else "in the same order"
        yield "identical", f"{result.unchanged:,}", order
        yield from _media(result)
        return
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in result.edits.items())
    yield "unchanged", f"{result.unchanged:,}", "reordered" if result.reordered else ""
    yield "edited", f"{result.edited:,}", kinds
    yield "removed", f"{result.removed:,}", ""
    yield "added", f"{result.added:,}", ""
    for change in result.schema_changes:
        yield "schema", f"{change.examples:,}", _schema(change)
    yield from _media(result)


def _media(result: DiffResult) -> Iterator[tuple[str, str, str]]:
    if result.media_changed:
        yield "other media", f"{result.media_changed:,}", "under the same names"


def _schema(change: SchemaChange) -> str:
    return f"{change.op} {change.field}{f' → {change.to}' if change.to else ''}"


def _rows(change: RowChange) -> Iterator[tuple[str | Cell, ...]]:
    """The fields that differ; of an example that came or went, all."""
    before, after = change.before or {}, change.after or {}
    what = ", ".join(change.kinds) or change.change
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield what, _side(before, name, REMOVED), _side(after, name, ADDED)
            what = ""


def _side(example: Mapping[str, Any], name: str, style: str) -> Cell:
    if name not in example:
        return Cell("")
    value = example[name]
    return Cell(f"{name}: {value if isinstance(value, str) else _json(value)}", style)


def _json(value: Any) -> str:
    return canonical_bytes(value).decode()
