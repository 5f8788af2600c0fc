"""Refuses figures that no release ever wrote: the id of a record vouches for its bytes alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from dslineage.diff.recorded import RecordedChange
from dslineage.quality.metric import Better
from dslineage.quality.movement import Movement


def sound_moves(moves: Iterable[Movement]) -> None:
    """Refuse movements whose figures are none.

    Raises:
        ValueError: one is no number, or has a direction that there is not.
    """
    for one in moves:
        for figure in (one.before, one.after):
            if figure is not None and not _is_number(figure):
                raise ValueError(f"the figure of {one.metric} is no number")
        if one.better not in get_args(Better):
            raise ValueError(f"{one.metric} has the direction {one.better!r}")


def sound_change(document: Mapping[str, Any]) -> RecordedChange:
    """The change in a record.

    Raises:
        ValueError: a count in it is none.
        KeyError: one is missing.
    """
    change = RecordedChange.of(document)
    counts = [change.unchanged, change.edited, change.removed, change.added]
    counts += [change.media_changed or 0, *change.edits.values()]
    counts += [one.examples for one in change.schema_changes]
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("a count of a change is none")
    return change


def _is_number(figure: object) -> bool:
    return type(figure) in {int, float} and math.isfinite(float(str(figure)))
