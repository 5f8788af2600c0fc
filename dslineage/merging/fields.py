"""Two edits of one example as one, where they do not touch each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dslineage.canonical.jcs import canonical_bytes, without_nulls

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter

Example = dict[str, Any]


def combined(
    base: Example, ours: Example, theirs: Example, adapter: Adapter, *, edited_twice: bool
) -> Example | None:
    """Our example with the top-level fields that they changed; None where that is a conflict.

    It is one where both changed a field in two ways, and where both edited what a model is shown:
    an answer that was mended for the old prompt may be wrong for a new one.
    """
    mine, yours = changed_fields(base, ours), changed_fields(base, theirs)
    if any(_text(ours, name) != _text(theirs, name) for name in mine & yours):
        return None
    if edited_twice and all(
        _shown(adapter, base) != _shown(adapter, one) for one in (ours, theirs)
    ):
        return None
    kept = {name: theirs[name] if name in yours else value for name, value in ours.items()
            if name not in yours or name in theirs}  # fmt: skip
    return kept | {name: value for name, value in theirs.items() if name in yours}


def changed_fields(before: Example, after: Example) -> set[str]:
    """The top-level fields that differ; null is as good as absent."""
    return {
        name for name in before.keys() | after.keys() if _text(before, name) != _text(after, name)
    }


def _text(example: Mapping[str, Any], name: str) -> bytes:
    value = example.get(name)
    return b"" if value is None else canonical_bytes(value)


def _shown(adapter: Adapter, example: Example) -> bytes:
    return canonical_bytes(adapter.conversation(without_nulls(example)))
