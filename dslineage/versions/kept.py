"""Which stored rows are on the deny list, and of which of them something is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from dslineage.ids import Digest
from dslineage.store.columns import read_columns
from dslineage.store.erasing import is_blank
from dslineage.store.inventory import Inventory
from dslineage.store.layout import expand_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    deny: DenyList
    _known: Mapping[Digest, NDArray[np.int64]] | None = None

    @classmethod
    def of(cls, store: Store, deny: DenyList) -> DeniedRows:
        """Those of a store as it is now."""
        return cls(store, Inventory.of(store), deny)

    @cached_property
    def rows(self) -> Mapping[Digest, NDArray[np.int64]]:
        """The rows by pack, ascending; packs without any are not in it.

        Raises:
            IntegrityError: a pack or a view is damaged.
        """
        if self._known is not None:
            return self._known
        found = ((name, self.of_pack(self.store.pack(name))) for name in self.store.pack_names())
        return {name: rows for name, rows in found if len(rows)}

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

    def knowing(self, rows: Mapping[Digest, NDArray[np.int64]]) -> DeniedRows:
        """The same, where somebody has found the rows already."""
        return replace(self, _known=rows)

    def of_pack(self, pack: Pack) -> NDArray[np.int64]:
        """The denied rows of a pack, ascending."""
        denied = self.deny.examples(pack.file["digest"])
        for digests in conversations(self.store, self.inventory, pack):
            denied |= self.deny.conversations(digests)
        return np.flatnonzero(denied)


def are_rows(found: Any, count: int) -> TypeGuard[list[int]]:
    """Whether something that a cache has are rows of a pack of so many, ascending."""
    return (
        type(found) is list
        and all(type(row) is int and 0 <= row < count for row in found)
        and all(before < after for before, after in pairwise(found))
    )


def conversations(store: Store, inventory: Inventory, pack: Pack) -> Iterator[NDArray[np.uint8]]:
    """The conversation digests of a pack's rows, shape (n, 32), under each adapter in turn."""
    for name in inventory.beside.get(pack.name.hex, ()):
        if name.startswith("views/"):
            yield read_columns(store.root / name)["conversation"]
