"""What differs between two texts, word by word, and between two values, field by field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_COMPARED = 4_000
"""Words of either text, without what both begin and end with, that are aligned with each other."""
_DESCRIBED = 50

Op = Literal["equal", "insert", "delete", "replace"]


class WordChange(NamedTuple):
    """A stretch of two texts; `before` is empty for an insertion, `after` for a deletion."""

    op: Op
    before: str
    after: str


class FieldChange(NamedTuple):
    """A change inside an example: a JSON path such as `$.messages[1].content`, and its values."""

    op: Literal["added", "removed", "changed", "retyped"]
    path: str
    before: Any = None
    after: Any = None


def word_changes(before: str, after: str) -> list[WordChange]:
    """The stretches that two texts are made of, in order; joined, they give the texts back.

    Of very long texts that differ in many places, the differing middle is one replacement.
    """
    first, second = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common(first, second)
    first, second, lead = first[head:], second[head:], "".join(first[:head])
    tail = _common(first[::-1], second[::-1])
    trail = "".join(first[len(first) - tail :])
    first, second = first[: len(first) - tail], second[: len(second) - tail]
    changes = [WordChange("equal", lead, lead), *_aligned(first, second)]
    changes.append(WordChange("equal", trail, trail))
    return [change for change in changes if change.before or change.after]


def _aligned(first: list[str], second: list[str]) -> list[WordChange]:
    if max(len(first), len(second)) > _COMPARED:
        return [_change("replace", first, second)]
    # Space is no anchor: it stands everywhere, and would make aligning slow and choppy.
    matcher = difflib.SequenceMatcher(str.isspace, first, second, autojunk=False)
    return [_change(op, first[i:j], second[k:m]) for op, i, j, k, m in matcher.get_opcodes()]


def _change(op: Op, first: list[str], second: list[str]) -> WordChange:
    return WordChange(op, "".join(first), "".join(second))


def _common(first: list[str], second: list[str]) -> int:
    """How many words two texts have in common at their beginnings."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(first), len(second)))


def describe_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], limit: int = _DESCRIBED
) -> list[FieldChange]:
    """What changed inside an example, by path, at most `limit` changes."""
    from deepdiff import DeepDiff

    # Deepdiff would report two objects with little in common as one change of the whole.
    tree = DeepDiff(
        before, after, view="tree", ignore_private_variables=False, threshold_to_diff_deeper=0
    )
    found: list[FieldChange] = []
    for report, op in _REPORTS.items():
        for level in tree.get(report, ()):
            path = _json_path(level.path(output_format="list"))
            found.append(
                FieldChange(
                    op,
                    path,
                    None if op == "added" else level.t1,
                    None if op == "removed" else level.t2,
                )
            )
    return sorted(found, key=lambda change: (change.path, change.op))[:limit]


_REPORTS: Mapping[str, Literal["added", "removed", "changed", "retyped"]] = {
    "dictionary_item_added": "added",
    "iterable_item_added": "added",
    "dictionary_item_removed": "removed",
    "iterable_item_removed": "removed",
    "values_changed": "changed",
    "type_changes": "retyped",
}


def _json_path(steps: list[Any]) -> str:
    return "$" + "".join(_step(step) for step in steps)


def _step(step: Any) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if re.fullmatch(r"[^\W\d]\w*", step) else f"[{step!r}]"
