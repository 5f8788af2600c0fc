"""The rule `similar`: near-duplicate texts, where nothing is equal any more.

Two examples are one edited example if their texts are at least `FLOOR` alike, each is the other's
nearest, and nothing else is near: any other example, unchanged ones included, is at most half as
alike to either, or at least three times as far from it. Data sets have natural twins, which meet
these conditions and are no edits; how many is measured within each side, and the least likeness
is raised until at most one pair in a hundred is expected to be a twin that was split. With fewer
than `CONTEXT` texts nobody can tell which words are common, and `FLOOR_ALONE` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.adapters.visible import visible_text
from dslineage.diff.join import join, occurrences
from dslineage.diff.pool import Pool
from dslineage.diff.shingles import Shingles, index_texts
from dslineage.diff.twins import equal_twin_rate, exposed, few_expected, twin_rate
from dslineage.versions.snapshot import FacetTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.view import View

FLOOR = 0.4
"""Likeness below half of it is never a runner-up."""
FLOOR_ALONE = 0.6
CONTEXT = 50
LIMIT = 30_000
"""Examples of one side up to which texts are compared."""
LIMIT_KEYED = 500
"""The same for examples whose keys say that they are not the same."""
ALL_UNCHANGED = 20_000
"""Unchanged examples up to which all may be compared with; of more, `SAMPLE` are."""
PER_CHANGE = 10
"""Unchanged examples compared with for each that changed, so that cost follows the change."""
SAMPLE = 2_000
_TWINS_LOOKED_AT = 1_000


class Related(NamedTuple):
    """Near misses, as indices into the two sides, and how alike they are."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    likeness: NDArray[np.float64]


class _Nearest(NamedTuple):
    """The nearest texts of one text in one part: which, how alike, and the second best."""

    text: int
    likeness: float
    second: float


NOTHING_RELATED = Related(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def pair_by_equal_text(
    pool: Pool, free: tuple[NDArray[np.int64], NDArray[np.int64]], unchanged: NDArray[np.uint64]
) -> None:
    """Pair texts that are the same but for white space, case, Unicode form or a wrong decoding.

    Args:
        pool: where pairs are made.
        free: the indices to look at on each side.
        unchanged: what `sound_text` says of unchanged examples; texts among these are not paired.
    """
    sides = sound_text(pool.before.facets), sound_text(pool.after.facets)
    texts = sides[0][free[0]], sides[1][free[1]]
    before, after = join(*texts).singles()
    new = occurrences(texts[0][before], unchanged) == 0
    before, after = before[new], after[new]
    rate = equal_twin_rate(sides, unchanged)
    left = (len(side) - len(before) for side in free)
    if few_expected(rate * exposed(pool, *left), len(before)):
        pool.pair("similar", free[0][before], free[1][after])


def sound_text(facets: FacetTable) -> NDArray[np.uint64]:
    """Digests of the folded texts, wrong decodings undone."""
    folded, repaired = facets["folded"], facets["repaired"]
    return np.where(repaired == 0, folded, repaired)


def pair_by_likeness(
    pool: Pool,
    free: tuple[NDArray[np.int64], NDArray[np.int64]],
    unchanged: NDArray[np.int64],
) -> Related:
    """Pair near-duplicates, and say which ones were near without being clear.

    Args:
        pool: where pairs are made.
        free: the indices to look at on each side, at most LIMIT each.
        unchanged: row numbers, in the first side's snapshot, of examples on both sides.
    """
    view = pool.before.view
    search = _Search(
        index_texts(
            [
                *_texts(view, pool.before.rows[free[0]]),
                *_texts(pool.after.view, pool.after.rows[free[1]]),
                *_texts(view, unchanged),
            ]
        ),
        len(free[0]),
        len(free[1]),
    )
    floor = FLOOR if len(search.table.totals) >= CONTEXT else FLOOR_ALONE
    found = [pair for pair in search.mutual() if pair.likeness >= floor]
    clear = [pair for pair in found if is_clear(pair.likeness, pair.runner_up)]
    if clear:
        clear = _beyond_twins(clear, search.twins(floor), pool, search)
    sure = {pair.before for pair in clear}
    pool.pair(
        "similar",
        free[0][np.array([pair.before for pair in clear], np.int64)],
        free[1][np.array([pair.after for pair in clear], np.int64)],
        np.array([pair.likeness for pair in clear]),
    )
    near = [pair for pair in found if pair.before not in sure]
    return Related(
        free[0][np.array([pair.before for pair in near], np.int64)],
        free[1][np.array([pair.after for pair in near], np.int64)],
        np.array([pair.likeness for pair in near]),
    )


def is_clear(likeness: float, runner_up: float) -> bool:
    """Whether the runner-up is at most half as alike, or at least three times as far."""
    near = 2 * runner_up <= likeness or 3 * (1 - likeness) <= 1 - runner_up
    return near and runner_up < likeness


class _Pair(NamedTuple):
    before: int
    after: int
    likeness: float
    runner_up: float


class _Search:
    """Nearest texts among those of both sides and of unchanged examples.

    Args:
        table: the texts: the first side's, the second side's, the unchanged.
        before: how many texts the first side has.
        after: how many texts the second side has.
    """

    def __init__(self, table: Shingles, before: int, after: int) -> None:
        self.table = table
        self.before = before
        self.after = after
        self._parts = (
            range(before),
            range(before, before + after),
            range(before + after, len(table.totals)),
        )
        self._seen: dict[int, list[_Nearest]] = {}

    def mutual(self) -> list[_Pair]:
        """Pairs that are each other's nearest across the sides, the most alike first."""
        fewer, more = (0, 1) if self.before <= self.after else (1, 0)
        pairs = []
        for text in self._parts[fewer]:
            there = self._nearest(text)[more]
            if there.likeness == 0.0 or self._nearest(there.text)[fewer].text != text:
                continue
            runner_up = max(self._runner_up(text, more), self._runner_up(there.text, fewer))
            i, j = sorted((text, there.text))
            pairs.append(_Pair(i, j - self.before, there.likeness, runner_up))
        return sorted(pairs, key=lambda pair: (-pair.likeness, pair.before, pair.after))

    def twins(self, floor: float) -> list[float]:
        """Of texts of each side, the likeness to a clear twin on the same side, 0.0 if none.

        This is how often examples of one version look like edits of each other.
        """
        return [
            self._twin(text, side, floor)
            for side in (0, 1)
            for text in self._parts[side][:_TWINS_LOOKED_AT]
        ]

    def _twin(self, text: int, side: int, floor: float) -> float:
        twin, likeness, runner_up = self._nearest_within(text, side)
        # A twin with the same words is left to the rules for equal texts.
        if not (floor <= likeness < 1.0 and is_clear(likeness, runner_up)):
            return 0.0
        back, _, other = self._nearest_within(twin, side)
        return likeness if back == text and is_clear(likeness, other) else 0.0

    def _nearest_within(self, text: int, side: int) -> tuple[int, float, float]:
        """The nearest text of one version: which, how alike, and how alike the second is."""
        nearest = self._nearest(text)
        own, unchanged = nearest[side], nearest[2]
        best = max(own, unchanged, key=lambda part: part.likeness)
        alike = sorted((own.likeness, own.second, unchanged.likeness, unchanged.second))
        return best.text, best.likeness, alike[-2]

    def _runner_up(self, text: int, part: int) -> float:
        """How alike the second nearest text is, when the nearest is in `part`."""
        nearest = self._nearest(text)
        others = (nearest[other].likeness for other in range(3) if other != part)
        return max(nearest[part].second, *others)

    def _nearest(self, text: int) -> list[_Nearest]:
        """The nearest text in each part: either side, and the unchanged."""
        if text not in self._seen:
            others, likeness = self.table.likeness(text, FLOOR / 2)
            bounds = np.searchsorted(others, [part.start for part in self._parts[1:]])
            self._seen[text] = [
                _best(*part)
                for part in zip(np.split(others, bounds), np.split(likeness, bounds), strict=True)
            ]
        return self._seen[text]


def _best(texts: NDArray[np.int64], likeness: NDArray[np.float64]) -> _Nearest:
    if not len(texts):
        return _Nearest(-1, 0.0, 0.0)
    # The first of equals: texts are in the order of their digests.
    best = int(np.argmax(likeness))
    second = max(likeness[:best].max(initial=0.0), likeness[best + 1 :].max(initial=0.0))
    return _Nearest(int(texts[best]), float(likeness[best]), float(second))


def _beyond_twins(
    pairs: list[_Pair], twins: list[float], pool: Pool, search: _Search
) -> list[_Pair]:
    """The longest head of the pairs in which few are expected to be twins that were split."""
    looked_at = np.array(twins)
    last = 0
    for count, pair in enumerate(pairs, 1):
        rate = twin_rate(int(np.count_nonzero(looked_at >= pair.likeness)), len(looked_at))
        if few_expected(rate * exposed(pool, search.before - count, search.after - count), count):
            last = count
    return pairs[:last]


def _texts(view: View, rows: NDArray[np.int64]) -> list[str]:
    return [visible_text(conversation) for conversation in view.conversations(rows)]
