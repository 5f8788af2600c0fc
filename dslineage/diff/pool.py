"""What exact matching left over, and the pairs that are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.diff.result import RULES
from dslineage.diff.view import View, take
from dslineage.versions.snapshot import FacetTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The left-over examples of one side, ordered by digest, so that an index breaks ties.

    `positions` are places in the file, `rows` row numbers, `examples` how many the whole side has;
    `known` are those of which anybody knows what they say.
    """

    view: View
    positions: NDArray[np.int64]
    rows: NDArray[np.int64]
    digests: NDArray[np.uint8]
    facets: FacetTable
    examples: int
    known: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        view: View,
        positions: NDArray[np.int64],
        rows: NDArray[np.int64],
        digests: NDArray[np.uint8],
    ) -> Side:
        """Put some examples in order and look their facets up."""
        words = np.ascontiguousarray(digests).view(">u8").astype(np.uint64)
        order = np.argsort(words[:, 0], kind="stable")
        first = words[order, 0]
        if (first[1:] == first[:-1]).any():
            order = np.lexsort(words.T[::-1])
        rows = rows[order]
        return cls(
            view,
            positions[order],
            rows,
            digests[order],
            view.facets(rows),
            view.snapshot.examples,
            ~view.snapshot.forgotten(rows),
        )

    def __len__(self) -> int:
        return len(self.rows)


class Pairs(NamedTuple):
    """Pairs as columns: indices into the two sides, the rule as its place in RULES, confidence."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    rules: NDArray[np.uint8]
    confidence: NDArray[np.float64]


class Pool:
    """Two sides from which rules take pairs, each example at most once.

    An example that was forgotten is in no pair: nobody knows what it said.
    """

    def __init__(self, before: Side, after: Side) -> None:
        self.before = before
        self.after = after
        self._free = before.known.copy(), after.known.copy()
        self._pairs: list[Pairs] = []
        self.notices: list[str] = []
        self.key_decides = False
        """Whether a key was found reliable, so that other keys mean other examples."""

    def free(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The indices that are in no pair, ascending."""
        return np.flatnonzero(self._free[0]), np.flatnonzero(self._free[1])

    def left(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The indices that are in no pair, those of forgotten examples with them, ascending."""
        before, after = self._free
        return np.flatnonzero(before | ~self.before.known), np.flatnonzero(
            after | ~self.after.known
        )

    def facet(self, name: str) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """One facet of the free examples."""
        free = self.free()
        return self.before.facets[name][free[0]], self.after.facets[name][free[1]]

    def pair(
        self,
        rule: str,
        before: NDArray[np.int64],
        after: NDArray[np.int64],
        confidence: float | NDArray[np.float64] = 1.0,
    ) -> None:
        """Make pairs of examples that are all free."""
        if not len(before):
            return
        self._free[0][before] = False
        self._free[1][after] = False
        rules = np.full(len(before), RULES.index(rule), np.uint8)
        self._pairs.append(
            Pairs(before, after, rules, np.broadcast_to(confidence, before.shape).astype(float))
        )

    def discard(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> None:
        """Take examples out that turned out to be no change."""
        self._free[0][before] = False
        self._free[1][after] = False

    def pairs(self) -> Pairs:
        """All pairs made so far."""
        none = np.zeros(0, np.int64)
        columns = [Pairs(none, none, np.zeros(0, np.uint8), np.zeros(0)), *self._pairs]
        return Pairs(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def paired_facets(
        self, before: NDArray[np.int64], after: NDArray[np.int64]
    ) -> tuple[FacetTable, FacetTable]:
        """The facets of some examples of each side."""
        return take(self.before.facets, before), take(self.after.facets, after)
