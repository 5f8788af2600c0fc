"""Evidence for changes of fields: values in examples that are otherwise equal."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.diff.exact import subtract
from dslineage.diff.join import mixed
from dslineage.diff.view import text_form
from dslineage.versions.snapshot import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE = 100_000
"""Examples per side that are read at most; those with the smallest digests."""

ENOUGH = 0.5
"""How far agreement must stand above chance, of what it could (Cohen's kappa)."""


class Evidence:
    """Values of one side's examples, read once.

    Args:
        snapshot: the side.
        rows: the row numbers of the examples that the other side does not have.
    """

    def __init__(self, snapshot: Snapshot, rows: NDArray[np.int64]) -> None:
        self._snapshot = snapshot
        self._rows = rows[~snapshot.forgotten(rows)]
        self._base = np.zeros(0, np.uint64)
        self._values: dict[str, NDArray[np.uint64]] = {}

    def load(self, fields: frozenset[str]) -> None:
        """Read the values of some fields; examples count as equal if all others are equal."""
        rows = self._rows
        if len(rows) > SAMPLE:
            prefixes = self._snapshot.digests(rows)[:, :8].copy().view(">u8").ravel()
            rows = rows[np.argsort(prefixes, kind="stable")[:SAMPLE]]
        base = np.zeros(len(rows), np.uint64)
        values = {name: np.zeros(len(rows), np.uint64) for name in fields}
        for place, example in enumerate(self._snapshot.read(rows)):
            rest = {name: value for name, value in example.items() if name not in fields}
            base[place] = _short(canonical_bytes(rest))
            for name in fields & example.keys():
                text = text_form(example[name])
                values[name][place] = _short(text.encode("utf-8", "surrogatepass"))
        self._base, self._values = base, values

    def rely_on(self, name: str) -> None:
        """From now on, otherwise equal examples must be equal in this field as well."""
        self._base = mixed(self._base, self._values[name])

    def agreement(self, other: Evidence, own: str, others: str) -> float | None:
        """How far above chance otherwise equal examples agree in two fields; None if not enough.

        1.0 is full agreement. Where no two examples are otherwise equal, any two may be.
        """
        bases = self._base, other._base
        if not _common(*bases):
            bases = np.ones_like(bases[0]), np.ones_like(bases[1])
        values = self._values[own], other._values[others]
        observed = _common(mixed(bases[0], values[0]), mixed(bases[1], values[1]))
        observed -= _common(*(b[v == 0] for b, v in zip(bases, values, strict=True)))
        possible = _common(*(b[v != 0] for b, v in zip(bases, values, strict=True)))
        if not observed:
            return None
        share, chance = observed / possible, _chance(*values)
        if share == 1.0:
            return 1.0
        above = (share - chance) / (1 - chance) if chance < 1 else 0.0
        return above if above >= ENOUGH else None


def _common(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> int:
    """The size of the intersection of two multisets."""
    codes = np.unique(np.concatenate([first, second]), return_inverse=True)[1]
    left, _ = subtract(codes[: len(first)], codes[len(first) :], int(codes.max(initial=-1)) + 1)
    return len(first) - len(left)


def _chance(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> float:
    """How often a value drawn from each would be the same."""
    first, second = first[first != 0], second[second != 0]
    values, counts = np.unique(first, return_counts=True)
    others, other_counts = np.unique(second, return_counts=True)
    _, i, j = np.intersect1d(values, others, assume_unique=True, return_indices=True)
    return float((counts[i] / len(first)) @ (other_counts[j] / len(second))) if len(i) else 0.0


def _short(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "little") | 1
