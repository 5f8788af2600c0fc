"""What a diff compares, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass

from dslineage.diff.result import KINDS, Change
from dslineage.errors import UsageError

CHANGES: tuple[Change, ...] = ("edited", "removed", "added")
"""The changes, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """How to compare, and what to show of it.

    Attributes:
        key: the field that says which examples are the same; None to use one that was found.
        ignore: fields that do not count.
        rows: whether the result lists the changes themselves.
        kinds: list only edits of these kinds; none means any kind, and removed and added ones.
        only: list only these changes.
        limit: how many changes to list at most; None for all.
        samples: how many changes of each kind to draw.
        seed: what the drawing depends on, beside the examples themselves.
        metrics: whether to say how metrics moved.
        names: look at these metrics only, and at all that moved them; none means all.
        by: fields by which to tell what moved inside slices from what their mix moved.
        why: the metric of which to list the examples that moved it most; up to `limit`.
        behind: of how many metrics that moved to name an example, where no metric is named.
    """

    key: str | None = None
    ignore: tuple[str, ...] = ()
    rows: bool = False
    kinds: tuple[str, ...] = ()
    only: tuple[Change, ...] = CHANGES
    limit: int | None = None
    samples: int = 2
    seed: int = 0
    metrics: bool = True
    names: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    why: str | None = None
    behind: int = 1

    @property
    def needs_examples(self) -> bool:
        """Whether they ask for what no record says."""
        asked = self.rows or self.kinds or self.by or self.why or self.key or self.ignore
        return bool(asked) or self.only != CHANGES

    def __post_init__(self) -> None:
        for name in self.kinds:
            if name not in KINDS:
                raise UsageError(
                    f"unknown kind {name!r}", hint=f"the kinds are: {', '.join(KINDS)}"
                )
        if (self.limit or 0) < 0 or self.samples < 0:
            raise UsageError("a number of examples cannot be negative")
