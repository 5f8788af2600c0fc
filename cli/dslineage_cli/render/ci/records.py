"""What a pull request records beside versions, and how it changes what it is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.config import FILE_NAME
from dslineage.records import ClaimRecord, ModelRecord, Record, RunRecord, SourceRecord
from dslineage_cli.render.ci.prose import prose
from dslineage_cli.render.ci.words import edit_words, person

if TYPE_CHECKING:
    from dslineage_hooks.review import Review


_BOTH = (
    "Gates are applied as they were and as they are here. A failure of either counts, until it is "
    "waived or the gates are changed in a pull request of their own."
)


def line(record: Record) -> str:
    """A new source, mixture, run, model or claim."""
    return f"- {record.kind} {prose(_words(record))}"


def settings(review: Review) -> Iterator[str]:
    """Each edit of a gate, and the keys of `dslineage.toml` that changed besides."""
    change = review.change
    if change.gate_edits:
        yield f"- {_BOTH}"
    for edit in change.gate_edits:
        mark = "**" if edit.looser else ""
        yield f"- {mark}{prose(edit_words(edit))}{mark}"
    if change.settings:
        yield f"- {prose(FILE_NAME)}: {prose(', '.join(change.settings))}"
    if change.broken_settings:
        yield "- Only the gates of the merge base are applied: these settings are not understood."


def _words(record: Record) -> str:
    if isinstance(record, SourceRecord):
        licence = record.license.name if record.license else "no licence named"
        said = [record.uri, licence, record.category or "", *_generator(record)]
        return f"{record.name}: {', '.join(filter(None, said))}"
    if isinstance(record, ClaimRecord):
        return f"{record.type} about {record.dataset}, by {person(record.author)}: {_body(record)}"
    name = record.stem
    if isinstance(record, RunRecord | ModelRecord):
        return f"{name}, {record.evidence}"
    return name


def _generator(record: SourceRecord) -> list[str]:
    return [f"written by {record.generator}"] if record.generator else []


def _body(claim: ClaimRecord) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(claim.body.items()))
