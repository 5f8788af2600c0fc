"""Which stored rows are on the deny list, and of which of them something is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from dslineage.store.columns import read_columns
from dslineage.store.erasing import is_blank
from dslineage.store.inventory import Inventory
from dslineage.store.layout import expand_runs
from dslineage.versions.judged import Judgements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.ids import Digest
    from dslineage.store.layout import Layout
    from dslineage.store.pack import Pack
    from dslineage.store.store import Store
    from dslineage.versions.denied import DenyList


@dataclass(frozen=True)
class DeniedRows:
    """The rows of a store that are on a deny list: all there are, of any branch or of none.

    A row is, if its example digest or its conversation digest under any adapter is.
    """

    store: Store
    inventory: Inventory
    rows: Mapping[Digest, NDArray[np.int64]]
    """Those of each pack, ascending; packs without any are not in it."""

    @classmethod
    def of(cls, store: Store, deny: DenyList) -> DeniedRows:
        """Those of a store as it is now; nothing is written but the cache.

        Raises:
            IntegrityError: a pack or a view is damaged.
        """
        inventory, judged = Inventory.of(store), Judgements(store, deny)
        found = {name: _rows(store, inventory, judged, name) for name in store.pack_names()}
        judged.save()
        return cls(store, inventory, {name: rows for name, rows in found.items() if len(rows)})

    def in_layout(self, layout: Layout) -> NDArray[np.int64]:
        """The row numbers of the denied examples of a layout, in file order."""
        mine = np.array([name in self.rows for name in layout.packs], bool)
        if not mine.any():
            return np.zeros(0, np.int64)
        known = zip(layout.packs, mine.tolist(), strict=True)  # others may not be here
        bases = np.array([self.store.base(name) if here else 0 for name, here in known], np.int64)
        rows = expand_runs(layout.runs[mine[layout.runs[:, 0]]], bases)
        return rows[np.isin(rows, self._numbers)]

    def kept(self) -> list[Digest]:
        """The packs that still keep something of a denied row, sorted."""
        return sorted(name for name in self.rows if self._keeps(self.store.pack(name)))

    def _keeps(self, pack: Pack) -> bool:
        return not pack.is_forgotten(self.rows[pack.name]).all() or not is_blank(pack)

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        numbers = [self.store.base(name) + rows for name, rows in self.rows.items()]
        return np.concatenate([np.zeros(0, np.int64), *numbers])


def _rows(
    store: Store, inventory: Inventory, judged: Judgements, pack: Digest
) -> NDArray[np.int64]:
    """The denied rows of a pack, ascending."""
    rows = judged.examples(pack)
    for view in _views(inventory, pack):
        digests = partial(_conversations, store, view)
        rows = np.union1d(rows, judged.conversations(pack, view.rpartition(".")[2], digests))
    return rows


def conversations(store: Store, inventory: Inventory, pack: Pack) -> Iterator[NDArray[np.uint8]]:
    """The conversation digests of a pack's rows, shape (n, 32), under each adapter in turn."""
    for view in _views(inventory, pack.name):
        yield _conversations(store, view)


def _views(inventory: Inventory, pack: Digest) -> list[str]:
    """The names of the views of a pack."""
    return [one for one in inventory.beside.get(pack.hex, ()) if one.startswith("views/")]


def _conversations(store: Store, view: str) -> NDArray[np.uint8]:
    digests: NDArray[np.uint8] = read_columns(store.root / view)["conversation"]
    return digests
