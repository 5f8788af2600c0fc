"""Rows that are no examples: all of them by number, and of the first of them, why."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from dslineage.canonical.rows import RowFault
from dslineage.formats.base import TOLD


class FaultySet:
    """Faulty rows in ascending order, eight bytes for each; `told` is why, of the first `TOLD`.

    An unresolved merge is told wherever it stands: nothing else tells whether one may go on.
    """

    __slots__ = ("rows", "told")

    def __init__(self, faults: Iterable[tuple[int, RowFault]] = ()) -> None:
        self.rows = array("q")
        self.told: list[tuple[int, RowFault]] = []
        self.add(faults)

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, row: int, fault: RowFault | None) -> None:
        """Add a row behind those that are here; why may be unknown, or more than is told."""
        self.rows.append(row)
        if fault is not None and (len(self.told) < TOLD or self._is_first_merge(fault)):
            self.told.append((row, fault))

    def add(self, faults: Iterable[tuple[int, RowFault]]) -> None:
        """Add rows behind those that are here."""
        for row, fault in faults:
            self.put(row, fault)

    def join(self, other: FaultySet, place: int) -> None:
        """Add the rows of another set, which are counted from `place`."""
        why = dict(other.told)
        for row in other.rows:
            self.put(place + row, why.get(row))

    def _is_first_merge(self, fault: RowFault) -> bool:
        return fault.code == "merge-markers" and all(
            one.code != "merge-markers" for _, one in self.told
        )
