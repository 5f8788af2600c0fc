"""What is needed of a folder of objects: the objects themselves, and the rows of its packs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.ids import Digest
from dslineage.store.closure import Closure
from dslineage.store.pack import Pack

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Marks:
    """What some layouts need; see `mark`.

    `objects` are names as in an inventory; `packs` those packs that are needed and can be read.
    """

    objects: set[str]
    packs: Sequence[Pack]
    _rows: NDArray[np.bool_]
    _closure: Closure

    def rows(self, pack: Pack) -> NDArray[np.bool_]:
        """Which rows of a pack are needed."""
        first = self._closure.store.base(pack.name)
        return self._rows[first : first + pack.rows]


def mark(closure: Closure, layouts: Iterable[str]) -> Marks:
    """Everything that layouts need: one byte of memory for each row of the packs behind them.

    Raises:
        IntegrityError: a layout or a pack is damaged or missing, so that nobody knows.
    """
    store = closure.store
    objects: set[str] = set()
    rows = np.zeros(0, dtype=bool)
    packs: dict[Digest, Pack] = {}
    for name in layouts:
        layout = store.layout(name)
        objects.update(closure.of_layout(name, layout))
        needed = store.rows_of(layout)
        if store.size > len(rows):
            rows = np.concatenate([rows, np.zeros(2 * store.size - len(rows), dtype=bool)])
        rows[needed] = True
        packs |= {pack: store.pack(pack) for pack in layout.packs}
    return Marks(objects, [packs[name] for name in sorted(packs)], rows, closure)
