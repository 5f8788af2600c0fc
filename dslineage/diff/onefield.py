"""One field that alone differs in all edited examples: ids given anew, a date of export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.diff import kinds
from dslineage.diff.result import RULES

if TYPE_CHECKING:
    from dslineage.diff.comparison import Comparison

_FEWEST = 10
"""Fewer edits are soon read."""
_READ = 50_000
"""Edited examples up to which all are read."""


def only_field(comparison: Comparison) -> Iterator[str]:
    """A sentence, where the edited examples are many and one field is all that differs in them."""
    edited = comparison.edited
    if len(edited) < _FEWEST or (edited.kinds != kinds.BITS["metadata"]).any():
        return
    given_anew = bool((edited.rules == RULES.index("unkeyed")).all())
    name = comparison.frame.before.key if given_anew else _read(comparison)
    if name is not None:
        yield (
            f"only the field {name!r} differs in all {len(edited):,} edited examples: "
            f"--ignore {name} compares without it"
        )


def _read(comparison: Comparison) -> str | None:
    """The one field, found by reading pairs as long as there is only one."""
    edited, frame = comparison.edited, comparison.frame
    if len(edited) > _READ:
        return None
    found: set[str] = set()
    for was, now in zip(
        frame.before.read(comparison.rows_before[edited.before]),
        frame.after.read(comparison.rows_after[edited.after]),
        strict=True,
    ):
        # Values that are equal for Python alone, as 1 and True are, have other texts.
        found |= {name for name in {*was, *now} if repr(was.get(name)) != repr(now.get(name))}
        if len(found) != 1:
            return None
    return next(iter(found), None)
