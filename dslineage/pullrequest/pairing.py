"""Which data set of one tree is which of another: by name and path, by either, by content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from dslineage.versions.catalog import PointerFile

Pair = tuple[PointerFile | None, PointerFile | None]

_RULES: tuple[Callable[[PointerFile], Hashable], ...] = (
    lambda file: (file.pointer.dataset, file.path),
    lambda file: file.pointer.dataset,
    lambda file: file.path,
    lambda file: file.pointer.content_hash,
)


def paired(before: Sequence[PointerFile], after: Sequence[PointerFile]) -> list[Pair]:
    """Each data set in its two states, None where it is not there; by path.

    A rule pairs only what it finds once on each side.
    """
    older, newer = list(before), list(after)
    pairs: list[Pair] = []
    for rule in _RULES:
        sides = _single(rule, older), _single(rule, newer)
        for key in sides[0].keys() & sides[1].keys():
            one, other = sides[0][key], sides[1][key]
            pairs.append((one, other))
            older.remove(one)
            newer.remove(other)
    pairs += [(one, None) for one in older]
    pairs += [(None, one) for one in newer]
    return sorted(pairs, key=_path)


def _single(
    rule: Callable[[PointerFile], Hashable], files: Sequence[PointerFile]
) -> dict[Hashable, PointerFile]:
    """The files by what a rule looks at, where no two are alike in it."""
    counts = Counter(map(rule, files))
    return {rule(file): file for file in files if counts[rule(file)] == 1}


def _path(pair: Pair) -> tuple[str, bool]:
    old, new = pair
    file = new or old
    return (file.path if file else "", new is None)
