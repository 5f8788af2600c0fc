"""Inferred parents: what the diff takes for the older and the newer form of one example."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from dslineage.disk import make_folder
from dslineage.errors import IntegrityError, ResourceError, UndecidableError
from dslineage.members import member, texts
from dslineage.store.columns import cached_columns, write_columns
from dslineage.store.files import sweep
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dslineage.diff.comparison import Comparison
    from dslineage.store.store import Store
    from dslineage.trace.history import History
    from dslineage.trace.recorded import RecordedLinks

PAIRS_VERSION = 1
"""Raised whenever the diff would pair otherwise: pairs are kept in the cache."""
Pair = tuple[bytes, bytes, str]
"""The digests of a child and of its parent, and the rule that paired them."""
SCHEMA = "schema"
"""The rule by which examples are one that are equal on the fields that both versions have."""


@dataclass(frozen=True)
class Paired:
    """Parents by child and children by parent, each with the rule that paired them."""

    parents: Mapping[bytes, list[tuple[bytes, str]]]
    children: Mapping[bytes, list[tuple[bytes, str]]]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Self:
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
        history, store = self._history, self._history.index.store
        step = history.step(key[1])
        path = _path(store, *map(history.id, key), step.id if step else "")
        if (cached := _read(path)) is not None:
            return Paired.of(cached)
        from dslineage.diff.compare import compare

        before, after = map(history.record, key)
        if _is_without_edits(after.change.get(before.id)):
            return Paired.of(())
        try:
            sides = open_version(store, before), open_version(store, after)
            recorded = self._recorded.derived(step) if step else {}
            pairs = list(_pairs(compare(*sides, parents=recorded)))
        except (IntegrityError, UndecidableError) as error:
            self.failed.append(_Failed(*key, error.message))
            return Paired.of(())
        _keep(path, pairs)
        return Paired.of(pairs)


def _is_without_edits(change: Mapping[str, Any] | None) -> bool:
    """Whether a record says that nothing was edited, so that there is nothing to pair."""
    return change is not None and not (change.get("edited", 1) or change.get("schema_changes"))


def _path(store: Store, *ids: str) -> Path:
    name = hashlib.sha256(f"{PAIRS_VERSION} {' '.join(ids)}".encode()).hexdigest()
    return store.root / "cache" / "pairs" / name


def _read(path: Path) -> Iterator[Pair] | None:
    """The pairs in a file of the cache; None where there is none, or a damaged one."""
    file = cached_columns(path, {"child": "(32,)u1", "parent": "(32,)u1", "rule": "u1"})
    if file is None:
        return None
    try:
        known = texts({"rules": member(file.meta, "rules", list)}, "rules")
        rules = [known[code] for code in file["rule"].tolist()]
    except (LookupError, TypeError):
        return None
    return zip(map(bytes, file["child"]), map(bytes, file["parent"]), rules, strict=True)


def _keep(path: Path, pairs: Sequence[Pair]) -> None:
    """Keep pairs in the cache, where it can be written."""
    rules = sorted({rule for _, _, rule in pairs})
    columns = {
        name: np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
        for name, digests in (
            ("child", [child for child, _, _ in pairs]),
            ("parent", [parent for _, parent, _ in pairs]),
        )
    }
    codes = np.array([rules.index(rule) for _, _, rule in pairs], "u1")
    with suppress(ResourceError, OSError):
        make_folder(path.parent, durable=False)
        sweep(path)
        write_columns(path, {**columns, "rule": codes}, {"rules": rules}, durable=False)


def _pairs(comparison: Comparison) -> Iterator[Pair]:
    from dslineage.diff.result import RULES

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
