"""How many things of each kind there are in a population and in its subsets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.setmetric import Places


@dataclass(frozen=True)
class Kinds:
    """Of each example a number that says of which kind it is, and whether it counts at all."""

    keys: NDArray[np.uint64]
    applies: NDArray[np.bool_] | None = None

    def counts(self, places: Places) -> NDArray[np.int64]:
        """How many of some examples there are of each kind, of which there is one at least."""
        if isinstance(places, slice):  # asked once: to sort is sooner than to number the kinds
            keys = self.keys[places]
            ordered = np.sort(keys if self.applies is None else keys[self.applies[places]])
            ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(ordered))
            return np.diff(ends, prepend=0) if len(ordered) else ends[:0]
        code = self._code[places]
        found = np.bincount(code if self.applies is None else code[self.applies[places]])
        return found[found > 0]

    @cached_property
    def _code(self) -> NDArray[np.int64]:
        return np.unique(self.keys, return_inverse=True)[1]
