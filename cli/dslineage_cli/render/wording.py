"""The words for counts, rules and schema changes that the text and Markdown of a diff share."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dslineage.diff.result import KINDS, RULES, DiffResult, MediaChange, RowChange, SchemaChange
from dslineage_cli.render.changes import FieldChange, field_changes, text_of
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.diff.recorded import RecordedChange

_LABEL = re.compile(r"v\d+")
_UNSAVED = "working file"

CHANGES = ("edited", "removed", "added")

RULE_WORDS = {
    "unkeyed": "everything but the key",
    "key": "the same key",
    "parent": "recorded by a step",
    "prompt": "the same prompt",
    "opening": "the same opening turns",
    "response": "the same response",
    "similar": "similar text",
}


def title(result: DiffResult) -> str:
    """What the diff is about; empty where two files say it themselves."""
    labels = (result.from_.version, result.to.version)
    recorded = any(label == _UNSAVED or _LABEL.fullmatch(label) for label in labels)
    return result.dataset if recorded else ""


def side_names(result: DiffResult) -> tuple[str, str]:
    """What to call the sides: of two paths, as much of their ends as tells them apart."""
    before, after = (side.version.rstrip("/").split("/") for side in (result.from_, result.to))
    for count in range(1, max(len(before), len(after)) + 1):
        names = "/".join(before[-count:]), "/".join(after[-count:])
        if names[0] != names[1]:
            return names
    return result.from_.version, result.to.version


def edit_changes(row: RowChange, result: DiffResult) -> list[FieldChange]:
    """What an edit changed, without what a schema change did to every example.

    Where nothing else is left, as where the schema itself was exchanged, all of it.
    """
    if result.from_.adapter != result.to.adapter or row.before is None or row.after is None:
        return list(field_changes(row.before, row.after))
    before, after = dict(row.before), dict(row.after)
    for change in result.schema_changes:
        _level(change, before, after)
    return list(field_changes(before, after)) or list(field_changes(row.before, row.after))


def _level(change: SchemaChange, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Undo a schema change in an example's two forms."""
    name = change.field
    if change.op == "renamed" and name in before:
        before[change.to] = before.pop(name)
    elif change.op == "removed":
        before.pop(name, None)
    elif change.op == "added":
        after.pop(name, None)
    elif change.op == "retyped" and text_of(before.get(name)) == text_of(after.get(name)):
        before.pop(name, None)
        after.pop(name, None)


def shown_rows(result: DiffResult) -> Sequence[RowChange]:
    """The rows to show, edited ones first: all that were asked for, or else the samples."""
    rows = result.samples if result.rows is None else result.rows
    return sorted(rows, key=lambda row: CHANGES.index(row.change))


def totals(result: DiffResult | RecordedChange) -> Mapping[str, int]:
    """How many examples changed in each way."""
    return {"edited": result.edited, "removed": result.removed, "added": result.added}


def schema_words(change: SchemaChange) -> str:
    """A schema change as a clause."""
    to = f" to {change.to}" if change.to else ""
    return f"field {change.field} {change.op}{to}, in {counted(change.examples, 'example')}"


def kinds_tally(edits: Mapping[str, int]) -> str:
    """The edits by kind, as `response 4 · formatting 1`."""
    return _tally((kind, edits.get(kind, 0)) for kind in KINDS)


def rules_tally(result: DiffResult) -> str:
    """The edited examples by what paired them, as `the same key 4 · similar text 1`."""
    return _tally((RULE_WORDS[rule], result.pairing.get(rule, 0)) for rule in RULES)


def _tally(counts: Iterable[tuple[str, int]]) -> str:
    return " · ".join(f"{name} {count:,}" for name, count in counts if count)


def rule_words(row: RowChange) -> str:
    """What paired an edited example, with the similarity where that was it."""
    words = RULE_WORDS[row.rule]
    return f"{words} ({row.confidence:.2f})" if row.rule == "similar" else words


def places(row: RowChange) -> str:
    """Where an example stands, counted from 1, as `12 → 14` where that differs."""
    sides = (row.before_position, row.after_position)
    found = dict.fromkeys(place + 1 for place in sides if place is not None)
    return " → ".join(f"{place:,}" for place in found)


def digests(row: RowChange) -> str:
    """The first 8 digits of the digests of an example."""
    return " → ".join(digest[:8] for digest in (row.before_digest, row.after_digest) if digest)


def order_words(reordered: bool) -> str:
    """What is to say about the order of equal examples, or nothing."""
    return "what both sides have stands in another order" if reordered else ""


def bytes_words(result: DiffResult) -> str:
    """What is to say about the spelling of equal examples, or nothing."""
    count = result.bytes_only
    return f"{counted(count, 'example')} with equal content and other bytes" if count else ""


def media_words(count: int) -> str:
    """What is to say about examples with other media under the same names, or nothing."""
    shows = "shows" if count == 1 else "show"
    return f"{counted(count, 'example')} {shows} other media under the same names" if count else ""


def media_lines(change: MediaChange) -> Iterator[str]:
    """What changed, by name, as the first digits of its digests."""
    for name, (before, after) in change.media.items():
        yield f"{name}  {before[:8]} → {after[:8]}"


def related_words(result: DiffResult) -> str:
    """What is to say about near misses, or nothing."""
    count = counted(result.related, "near miss", "near misses")
    return f"{count}, counted as removed and added" if result.related else ""


def next_command(result: DiffResult, compared: Sequence[str] = ()) -> str:
    """The command that most likely comes next, or nothing; `compared` are options to repeat."""
    if not (any(totals(result).values()) or result.media_changed):
        return ""
    unsaved = result.to.version == _UNSAVED
    labels = [result.from_.version] if unsaved else [result.from_.version, result.to.version]
    names = (f"{result.dataset}@{v}" if _LABEL.fullmatch(v) else v for v in labels)
    sides = shlex.join([*names, *compared])
    if result.rows is not None:
        return f"dslineage diff {sides} --format csv > changes.csv"
    if result.added > max(result.edited, result.removed) and not unsaved:
        return f"dslineage export {sides} --only added -o added.jsonl"
    kinds = sorted(result.edits, key=lambda kind: (-result.edits[kind], kind))
    return f"dslineage diff {sides} --rows{' --kind ' + kinds[0] if kinds else ''}"
