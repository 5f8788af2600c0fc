"""Step 3: which removed and added examples are one edited example.

Each rule takes what the rules before it left. A false pair costs more trust than a missed one:
what a rule is not sure of it leaves to the next, and what is left at the end was added or removed.
Rules see digests; 8 of their bytes make a candidate, which is confirmed where it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from dslineage.adapters.visible import response_text, visible_text
from dslineage.diff.join import Groups, join, mixed, occurrences
from dslineage.diff.pool import Pool, Side
from dslineage.diff.shingles import alike
from dslineage.diff.twins import equal_twin_rate, exposed, few_expected

if TYPE_CHECKING:
    from numpy.typing import NDArray

Parents = Mapping[bytes, tuple[bytes, ...]]
"""The digests of the examples that a recorded step made an example from, by its digest."""

_GROUP = 4096
"""Cells of answers by answers under one prompt; a prompt shared by more says nothing."""
_COMPARED = 100_000
"""Answers that are read to tell several under one prompt apart."""
_DISTINCTIVE = 40
"""Letters and digits from which on a text that stands once on each side is no coincidence."""


def pair_unkeyed(pool: Pool) -> bool:
    """Equal but for the key: an edit of the key, or no change where the keys were given anew.

    Keys were given anew, as running numbers are when examples are dropped, when at least half of
    these pairs take a key that another left-over example of the other side bears.

    Returns:
        Whether the keys were given anew, so that they say nothing.
    """
    free = pool.free()
    unkeyed, keys = pool.facet("unkeyed"), pool.facet("key")
    # With the same key as well, only the notation differs.
    same = join(mixed(unkeyed[0], keys[0]), mixed(unkeyed[1], keys[1])).in_turn()
    pool.pair("unkeyed", free[0][same[0]], free[1][same[1]])

    free = pool.free()
    before, after = join(*pool.facet("unkeyed")).in_turn()
    before, after = free[0][before], free[1][after]
    columns = pool.before.facets["key"], pool.after.facets["key"]
    was, now = columns[0][before], columns[1][after]
    taken = (was != 0) & (occurrences(was, columns[1]) > 0)
    taken |= (now != 0) & (occurrences(now, columns[0]) > 0)
    if 2 * np.count_nonzero(taken) >= len(before) > 0:
        pool.discard(before, after)
        pool.notices.append(
            f"{pool.before.view.key!r} was given anew to {len(before)} examples that are "
            "otherwise the same: these count as unchanged"
        )
        return True
    pool.pair("unkeyed", before, after)
    return False


def pair_by_key(pool: Pool, unchanged: int, *, named: bool) -> None:
    """The same key, if it is reliable: named, or half of its pairs share prompt or response.

    The unchanged examples count among its pairs. A key that several left-over examples of one
    side bear pairs nothing.
    """
    free = pool.free()
    name = pool.before.view.key
    groups = join(*pool.facet("key"))
    repeated = int(np.count_nonzero(np.maximum(*groups.sizes) > 1))
    if repeated:
        pool.notices.append(
            f"{repeated} values of the key {name!r} are borne by several changed examples: "
            "these are not paired by it"
        )
    before, after = groups.singles()
    before, after = free[0][before], free[1][after]
    if not named:
        same = np.zeros(len(before), bool)
        for facet in ("prompt", "response"):
            values = pool.before.facets[facet][before]
            same |= (values != 0) & (values == pool.after.facets[facet][after])
        supported = unchanged + int(np.count_nonzero(same))
        if 2 * supported < unchanged + len(before):
            pool.notices.append(
                f"{name!r} looks like a key, but only {supported} of the {unchanged + len(before)} "
                "pairs that it makes share a prompt or a response: it pairs nothing"
            )
            return
        if len(before):
            pool.notices.append(f"paired by {name!r}, which was found to be a key")
    pool.pair("key", before, after)
    pool.key_decides = True


def pair_by_parent(pool: Pool, parents: Parents) -> None:
    """What a step recorded: the only free parent of the only free child that names it."""
    free_before, free_after = pool.free()
    by_digest = {pool.before.digests[i].tobytes(): i for i in free_before.tolist()}
    found: dict[int, list[int]] = {}
    for j in free_after.tolist():
        own = parents.get(pool.after.digests[j].tobytes(), ())
        known = [by_digest[parent] for parent in own if parent in by_digest]
        if len(known) == 1:
            found.setdefault(known[0], []).append(j)
    pairs = [(i, children[0]) for i, children in found.items() if len(children) == 1]
    before, after = np.array(pairs, np.int64).reshape(-1, 2).T
    pool.pair("parent", before, after)


def pair_by_prompt(pool: Pool) -> None:
    """The same prompt; several answers under one prompt each to the closest answer."""
    free = pool.free()
    responses = pool.facet("response")
    # Under one prompt, the same answer first: what differs is elsewhere.
    prompts = pool.facet("prompt")
    same = join(mixed(prompts[0], responses[0]), mixed(prompts[1], responses[1])).in_turn()
    pool.pair("prompt", free[0][same[0]], free[1][same[1]])

    free = pool.free()
    groups = join(*pool.facet("prompt"))
    alone = groups.singles()
    pool.pair("prompt", free[0][alone[0]], free[1][alone[1]])
    cells = np.prod(groups.sizes, axis=0)
    crowded = int(np.count_nonzero(cells > _GROUP))
    if crowded:
        pool.notices.append(
            f"{crowded} prompts stand over so many changed examples that they tell nothing apart"
        )
    several = np.flatnonzero((cells > 1) & (cells <= _GROUP))
    _pair_answers(pool, free, groups, several)


def _pair_answers(
    pool: Pool,
    free: tuple[NDArray[np.int64], NDArray[np.int64]],
    groups: Groups,
    several: NDArray[np.int64],
) -> None:
    """One to one within each of some groups: the closest answers first."""
    members = np.cumsum(np.sum(groups.sizes, axis=0)[several])
    compared = several[members <= _COMPARED]
    parts = [
        (free[0][groups.before[slice(*groups.before_starts[g : g + 2])]],
         free[1][groups.after[slice(*groups.after_starts[g : g + 2])]])
        for g in several
    ]  # fmt: skip
    texts = [
        _responses(side, [part[place] for part in parts[: len(compared)]])
        for place, side in enumerate((pool.before, pool.after))
    ]
    for before, after in parts[: len(compared)]:
        grid = alike(
            [next(texts[0]) for _ in before.tolist()], [next(texts[1]) for _ in after.tolist()]
        )
        i, j = closest(grid, pool.before.digests[before], pool.after.digests[after])
        pool.pair("prompt", before[i], after[j])
    for before, after in parts[len(compared) :]:
        fewer = min(len(before), len(after))
        pool.pair("prompt", before[:fewer], after[:fewer])
    if len(parts) > len(compared):
        pool.notices.append(
            f"under {len(parts) - len(compared)} prompts with several changed answers, answers are "
            f"paired without being read: more than {_COMPARED:,} would have to be"
        )


def closest(
    grid: NDArray[np.float64], before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows and columns, the highest value first; ties go to the smaller digests."""
    cells = sorted(
        (-value, *sorted((before[i].tobytes(), after[j].tobytes())), i, j)
        for (i, j), value in np.ndenumerate(grid)
    )
    left_before, left_after = set(range(grid.shape[0])), set(range(grid.shape[1]))
    pairs = []
    for *_, i, j in cells:
        if i in left_before and j in left_after:
            left_before.remove(i)
            left_after.remove(j)
            pairs.append((i, j))
    chosen = np.array(pairs, np.int64).reshape(-1, 2)
    return chosen[:, 0], chosen[:, 1]


def pair_by_response(pool: Pool, unchanged: Callable[[], NDArray[np.uint64]]) -> None:
    """The same response, long enough to be no coincidence and standing once on each side.

    Where responses often stand twice in one version, that says nothing, and none is paired.

    Args:
        pool: what is left.
        unchanged: gives the response facets of unchanged examples; a response that stands there
            as well pairs nothing.
    """
    free = pool.free()
    before, after = join(*pool.facet("response")).singles()
    if not len(before):
        return
    before, after = free[0][before], free[1][after]
    facets = pool.before.facets["response"][before]
    # Those that other rules have paired, and the unchanged ones, count as well.
    sides = pool.before.facets["response"], pool.after.facets["response"]
    elsewhere = unchanged()
    alone = (occurrences(facets, sides[0]) == 1) & (occurrences(facets, sides[1]) == 1)
    alone &= occurrences(facets, elsewhere) == 0
    before, after = before[alone], after[alone]
    texts = _responses(pool.before, [before])
    telling = np.fromiter((is_distinctive(text) for text in texts), bool, len(before))
    before, after = before[telling], after[telling]
    rate = equal_twin_rate(sides, elsewhere)
    left = (len(side) - len(before) for side in free)
    if few_expected(rate * exposed(pool, *left), len(before)):
        pool.pair("response", before, after)


def is_distinctive(text: str) -> bool:
    """Whether a text says enough not to be met twice by chance."""
    return sum(map(str.isalnum, text)) >= _DISTINCTIVE


def _responses(side: Side, parts: list[NDArray[np.int64]]) -> Iterator[str]:
    indices = np.concatenate([np.zeros(0, np.int64), *parts])
    for conversation in side.view.conversations(side.rows[indices]):
        yield response_text(conversation) or visible_text(conversation)
