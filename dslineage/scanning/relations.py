"""How files belong together: which look like versions of one another, and what leaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.scanning.folder import data_stem
from dslineage.scanning.names import Name, common_name, parse_name
from dslineage.scanning.result import Leak, Overlap, ScannedFile, VersionGroup

if TYPE_CHECKING:
    from numpy.typing import NDArray

MUCH = 0.5
"""The part of the larger of two files that makes them versions, whatever they are called."""

SOME = 0.1
"""The part of the smaller file that makes files with names alike versions."""

APART = 60.0
"""Seconds between changes of files from which their order can be told."""


class Shared(NamedTuple):
    """What files share, by their places in a list: see `shared_counts`."""

    examples: NDArray[np.int64]
    prompts: NDArray[np.int64]

    def pairs(self) -> list[tuple[int, int]]:
        """Every pair that shares something, the first before the second."""
        found = np.argwhere(np.triu(self.examples + self.prompts, 1))
        return [(i, j) for i, j in found.tolist()]

    def most(self, i: int, j: int) -> int:
        """How many examples or prompts two files share, whichever is more."""
        return int(max(self.examples[i, j], self.prompts[i, j]))


def overlaps(files: Sequence[ScannedFile], shared: Shared) -> Iterator[Overlap]:
    """Every pair of files that shares something."""
    for i, j in shared.pairs():
        yield Overlap(
            files[i].path, files[j].path, int(shared.examples[i, j]), int(shared.prompts[i, j])
        )


def leaks(files: Sequence[ScannedFile], shared: Shared) -> list[Leak]:
    """What evaluation files share with files that may be trained on, the most first."""
    found = []
    for pair in shared.pairs():
        i, j = sorted(pair, key=lambda place: files[place].role != "evaluation")
        if files[i].role == "evaluation" != files[j].role:
            both = int(shared.examples[i, j]), int(shared.prompts[i, j])
            whole = files[i].unique, files[i].prompts
            found.append(Leak(files[i].path, files[j].path, *both, *whole))
    return sorted(
        found,
        key=lambda leak: (-max(leak.examples, leak.prompts), leak.evaluation, leak.training),
    )


def version_groups(files: Sequence[ScannedFile], shared: Shared) -> list[VersionGroup]:
    """Which files look like versions of one data set, by their content and their names."""
    names = [parse_name(file.path) for file in files]
    groups = list(range(len(files)))

    def leader(place: int) -> int:
        while groups[place] != place:
            place = groups[place]
        return place

    by_content = (
        (i, j) for i, j in shared.pairs() if _alike(files, names, i, j, shared.most(i, j))
    )
    for i, j in chain(by_content, _by_name(files, names)):
        if _same_use(files[i], files[j]):
            groups[leader(j)] = leader(i)
    members: dict[int, list[int]] = {}
    for place in range(len(files)):
        members.setdefault(leader(place), []).append(place)
    return [_group(files, names, shared, places) for places in members.values() if len(places) > 1]


def _alike(files: Sequence[ScannedFile], names: Sequence[Name], i: int, j: int, both: int) -> bool:
    """Whether what two files share makes them versions.

    Prompts count against examples, so that one prompt that all examples have is no sign.
    """
    smaller, larger = sorted((files[i].unique, files[j].unique))
    if names[i].words and names[i].words == names[j].words:
        return both >= SOME * smaller
    return both >= MUCH * larger


def _by_name(files: Sequence[ScannedFile], names: Sequence[Name]) -> Iterator[tuple[int, int]]:
    """Pairs in one folder whose names differ in nothing but a version."""
    places: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, file in enumerate(files):
        if file.examples:
            folder = str(PurePosixPath(file.path).parent)
            places.setdefault((folder, names[place].words), []).append(place)
    for same in places.values():
        yield from ((i, j) for i, j in pairwise(same) if names[i].is_version_of(names[j]))


def _same_use(one: ScannedFile, other: ScannedFile) -> bool:
    return (one.role == "evaluation") == (other.role == "evaluation")


def _group(
    files: Sequence[ScannedFile], names: Sequence[Name], shared: Shared, places: list[int]
) -> VersionGroup:
    ordered, order = _ordered(files, names, places)
    return VersionGroup(
        common_name([names[place] for place in ordered])
        or data_stem(PurePosixPath(files[ordered[0]].path).name),
        tuple(files[place].path for place in ordered),
        _why(files, names, shared, ordered),
        order,
    )


def _why(
    files: Sequence[ScannedFile], names: Sequence[Name], shared: Shared, ordered: list[int]
) -> str:
    alike = "names alike; " if len({names[place].words for place in ordered}) == 1 else ""
    shares = [
        100 * shared.most(i, j) // min(files[i].unique, files[j].unique)
        for i, j in pairwise(ordered)
    ]
    low, high = min(shares), max(shares)
    if not high:
        return f"{alike}no example or prompt of one is in the next"
    share = f"{low}%" if low == high else f"{low} to {high}%"
    return f"{alike}each has {share} in common with the next, by examples or prompts"


def _ordered(
    files: Sequence[ScannedFile], names: Sequence[Name], places: list[int]
) -> tuple[list[int], str]:
    """The files in the order in which they were probably made, and what says so."""
    ranks = {place: rank for place in places if (rank := names[place].rank) is not None}
    alike = len({names[place].words for place in places}) == 1
    if alike and len(set(ranks.values())) == len(places):
        return sorted(places, key=ranks.__getitem__), "by the versions in their names"
    by_time = sorted(places, key=lambda place: files[place].modified)
    if all(files[j].modified - files[i].modified >= APART for i, j in pairwise(by_time)):
        return by_time, "by when they were last changed"
    by_size = sorted(places, key=lambda place: (-files[place].examples, files[place].path))
    return by_size, (
        "the largest first, as if each was filtered from the one before; "
        "neither names nor times tell, so it may be the other way round"
    )
