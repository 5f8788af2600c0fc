"""What is needed of a folder of objects: the objects themselves, and the rows of its packs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from dslineage.ids import Digest
from dslineage.store.closure import Closure
from dslineage.store.pack import Pack

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Marks:
    """What layouts need, marked by `add`: a byte of memory for each row of the packs behind them.

    `objects` are names as in an inventory.
    """

    def __init__(self, closure: Closure) -> None:
        self.objects: set[str] = set()
        self._closure = closure
        self._packs: dict[Digest, Pack] = {}
        self._rows = np.zeros(0, dtype=bool)

    def add(self, layouts: Iterable[str]) -> None:
        """Mark everything that some layouts need.

        Raises:
            IntegrityError: a layout or a pack is damaged or missing, so that nobody knows.
        """
        store = self._closure.store
        for name in layouts:
            layout = store.layout(name)
            self.objects.update(self._closure.of_layout(name, layout))
            rows = store.rows_of(layout)
            if store.size > len(self._rows):
                more = np.zeros(2 * store.size - len(self._rows), dtype=bool)
                self._rows = np.concatenate([self._rows, more])
            self._rows[rows] = True
            self._packs |= {pack: store.pack(pack) for pack in layout.packs}

    @property
    def packs(self) -> list[Pack]:
        """The packs that are needed, by name."""
        return [self._packs[name] for name in sorted(self._packs)]

    def rows(self, pack: Pack) -> NDArray[np.bool_]:
        """Which rows of a pack are needed."""
        first = self._closure.store.base(pack.name)
        return self._rows[first : first + pack.rows]
