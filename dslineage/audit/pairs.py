"""Inferred parents: what the diff takes for the older and the newer form of one example."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from dslineage.diff.compare import compare
from dslineage.diff.result import RULES
from dslineage.errors import IntegrityError, UndecidableError
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.audit.history import History
    from dslineage.audit.recorded import RecordedLinks
    from dslineage.diff.comparison import Comparison

SCHEMA = "schema"
"""The rule by which examples are one that are equal on the fields that both versions have."""


@dataclass(frozen=True)
class Paired:
    """Parents by child and children by parent, each with the rule that paired them."""

    parents: Mapping[bytes, list[tuple[bytes, str]]]
    children: Mapping[bytes, list[tuple[bytes, str]]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, bytes, str]]) -> Self:
        """Triples of child, parent and rule, by either."""
        parents, children = defaultdict(list), defaultdict(list)
        for child, parent, rule in pairs:
            parents[child].append((parent, rule))
            children[parent].append((child, rule))
        return cls(dict(parents), dict(children))


class _Failed(NamedTuple):
    before: int
    after: int
    why: str


class Pairs:
    """Pairs of one version and one that was made of it, worked out when they are asked for.

    `failed` says between which versions texts would have been needed that are not there.
    """

    def __init__(self, history: History, recorded: RecordedLinks) -> None:
        self._history = history
        self._recorded = recorded
        self._known: dict[tuple[int, int], Paired] = {}
        self.failed: list[_Failed] = []

    def between(self, before: int, after: int) -> Paired:
        """What the diff pairs between two versions, recorded parents aside."""
        key = before, after
        if key not in self._known:
            self._known[key] = self._paired(key)
        return self._known[key]

    def _paired(self, key: tuple[int, int]) -> Paired:
        before, after = key
        history = self._history
        step = history.step(after)
        try:
            sides = (open_version(history.index.store, history.record(one)) for one in key)
            comparison = compare(*sides, parents=self._recorded.derived(step) if step else {})
            return Paired.of(_pairs(comparison))
        except (IntegrityError, UndecidableError) as error:
            self.failed.append(_Failed(before, after, error.message))
            return Paired.of(())


def _pairs(comparison: Comparison) -> Iterator[tuple[bytes, bytes, str]]:
    older, newer = comparison.frame.before, comparison.frame.after
    if comparison.frame.equalises:
        places = comparison.unchanged_positions()
        rows = comparison.rows_before[places[0]], comparison.rows_after[places[1]]
        alike = defaultdict(set)
        for form, parent in _zipped(older.digests(rows[0]), older.snapshot.digests(rows[0])):
            alike[form].add(parent)
        for form, child in _zipped(newer.digests(rows[1]), newer.snapshot.digests(rows[1])):
            if child not in alike[form]:
                yield from ((child, parent, SCHEMA) for parent in sorted(alike[form]))
    edited = comparison.edited
    parents = older.snapshot.digests(comparison.rows_before[edited.before])
    children = newer.snapshot.digests(comparison.rows_after[edited.after])
    rules = (RULES[rule] for rule in edited.rules.tolist())
    for rule, (child, parent) in zip(rules, _zipped(children, parents), strict=True):
        if rule != "parent" and child != parent:
            yield child, parent, rule


def _zipped(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Iterator[tuple[bytes, bytes]]:
    return zip(map(bytes, first), map(bytes, second), strict=True)
