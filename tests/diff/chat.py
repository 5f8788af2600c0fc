"""Examples to compare, and short ways to compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dslineage.adapters.base import Adapter
from dslineage.adapters.registry import family
from dslineage.diff.engine import DiffOptions, diff_snapshots
from dslineage.diff.result import DiffResult
from tests.diff.memory import MemorySnapshot, Space

Examples = Sequence[Mapping[str, Any]]

ALPACA = family("alpaca")()
MESSAGES = family("messages")()
PREFERENCE = family("preference")()

_NOUNS = (
    "harbour", "lantern", "orchard", "saddle", "violin",
    "glacier", "compass", "pebble", "thistle", "walrus",
)  # fmt: skip
_VERBS = (
    "polish", "borrow", "measure", "bury", "paint",
    "auction", "balance", "whistle", "inspect", "rotate",
)  # fmt: skip
_PLACES = (
    "Lisbon", "Nairobi", "Quito", "Tromso", "Hanoi", "Perth", "Cork", "Oaxaca", "Sofia", "Turin",
)  # fmt: skip


def sentence(number: int) -> str:
    """A sentence of its own for each number below a thousand."""
    verb, noun, place = _VERBS[number % 10], _NOUNS[number // 10 % 10], _PLACES[number // 100]
    return f"{verb} the {noun} number {number} before the ferry leaves {place}"


def instruction(number: int, **changes: Any) -> dict[str, Any]:
    """An Alpaca example."""
    return {
        "instruction": f"Explain how to {sentence(number)}.",
        "output": f"To {sentence(number)}, take {number + 3} careful steps and rest twice.",
    } | changes


def chat(*turns: str, **others: Any) -> dict[str, Any]:
    """A conversation of a user and an assistant by turns."""
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": turn} for i, turn in enumerate(turns)]
    return {"messages": messages, **others}


def compared(
    before: Examples,
    after: Examples,
    adapter: Adapter = ALPACA,
    *,
    key: str | None = None,
    named: str | None = None,
    after_adapter: Adapter | None = None,
    after_key: str | None = None,
    **options: Any,
) -> DiffResult:
    """The diff of some examples; `key` was found to be one on both sides, `named` was asked for."""
    space = Space()
    options = {"rows": True} | options
    return diff_snapshots(
        MemorySnapshot(before, adapter, key, space, label="v1"),
        MemorySnapshot(after, after_adapter or adapter, after_key or key, space, label="v2"),
        DiffOptions(key=named, **options),
    )


def counts(result: DiffResult) -> tuple[int, int, int, int]:
    """Unchanged, edited, removed, added."""
    return result.unchanged, result.edited, result.removed, result.added
