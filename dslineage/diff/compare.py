"""Compare two snapshots: exact matches, schema changes, pairs of edited examples, kinds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff import kinds, similar
from dslineage.diff.comparison import Comparison, EditedPairs
from dslineage.diff.exact import Exact, digest_codes, match_exactly, subtract
from dslineage.diff.keyhint import suggested_key
from dslineage.diff.media import with_media_kind
from dslineage.diff.opening import pair_by_opening
from dslineage.diff.pairing import (
    Parents,
    pair_by_key,
    pair_by_parent,
    pair_by_prompt,
    pair_by_response,
    pair_unkeyed,
)
from dslineage.diff.pool import Pairs, Pool, Side
from dslineage.diff.schema import Frame, frame
from dslineage.versions.snapshot import FacetTable, Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NO_PARENTS: Mapping[bytes, tuple[bytes, ...]] = {}
_MANY = 200_000
"""Unchanged examples up to which the facets of all are looked at."""
_CHUNK = 1 << 16
_NAMED = 3
"""Near misses that a notice names."""


def compare(
    before: Snapshot,
    after: Snapshot,
    *,
    key: str | None = None,
    ignore: frozenset[str] = frozenset(),
    parents: Parents = _NO_PARENTS,
) -> Comparison:
    """Find out what changed.

    Args:
        before: the older side.
        after: the newer side.
        key: the field that says which examples are the same; None to use one that was found.
        ignore: fields that do not count.
        parents: for digests of examples of `after`, those of the examples of `before` that a
            recorded step made them from.

    Raises:
        UsageError: `key` or `ignore` names a field that neither side has.
    """
    exact = match_exactly(before, after)
    framed = frame(
        before,
        after,
        exact.rows_before[exact.left_before],
        exact.rows_after[exact.left_after],
        key=key,
        ignore=ignore,
    )
    pool = _pool(framed, exact)
    unchanged = _Unchanged(framed, exact, pool)
    related = _pair(pool, unchanged, named=key is not None, parents=parents)
    if key is None:
        pool.notices.extend(suggested_key(pool))
    return with_media_kind(_comparison(framed, exact, pool, related))


class _Unchanged:
    """The unchanged examples of the first side, looked at only as far as a rule needs them."""

    def __init__(self, framed: Frame, exact: Exact, pool: Pool) -> None:
        self._left = pool.before.positions
        self._rows = exact.rows_before
        self._view = framed.before
        self.count = len(exact.rows_before) - len(pool.before)
        worth = similar.PER_CHANGE * (len(pool.before) + len(pool.after))
        self._compared = max(similar.SAMPLE, min(similar.ALL_UNCHANGED, worth))

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The row numbers of all of which anybody knows what they say."""
        rows = np.delete(self._rows, self._left)
        return rows[~self._view.snapshot.forgotten(rows)]

    @cached_property
    def sample(self) -> NDArray[np.int64]:
        """The row numbers to compare texts with: all, or if they are many, some of them."""
        if self.count <= self._compared:
            return self.rows
        prefixes = self._view.snapshot.digests(self.rows)[:, :8].copy().view(">u8").ravel()
        return self.rows[np.argsort(prefixes, kind="stable")[: similar.SAMPLE]]

    @cached_property
    def facets(self) -> FacetTable:
        """The facets of all, or if it would take long to look at them, of the sample."""
        few = self.count <= (_MANY if self._view.is_plain else self._compared)
        return self._view.facets(self.rows if few else self.sample)


def _pool(framed: Frame, exact: Exact) -> Pool:
    """What exact matching left over, less what is equal on what both sides have."""
    views = framed.before, framed.after
    positions = exact.left_before, exact.left_after
    rows = exact.rows_before[positions[0]], exact.rows_after[positions[1]]
    digests = views[0].digests(rows[0]), views[1].digests(rows[1])
    left = np.arange(len(rows[0])), np.arange(len(rows[1]))
    if framed.equalises:
        left = subtract(*digest_codes(*digests))
    return Pool(
        *(
            Side.of(views[s], positions[s][left[s]], rows[s][left[s]], digests[s][left[s]])
            for s in (0, 1)
        )
    )


def _pair(pool: Pool, unchanged: _Unchanged, *, named: bool, parents: Parents) -> similar.Related:
    """Apply the rules in their order; what comes back are the near misses of the last."""
    if pool.before.view.key is not None:
        given_anew = pair_unkeyed(pool)
        if named or not given_anew:
            pair_by_key(pool, unchanged.count, named=named)
    if parents:
        pair_by_parent(pool, parents)
    pair_by_prompt(pool)
    if (free := _comparable(pool)) is not None:
        pair_by_opening(pool, free)
    pair_by_response(pool, lambda: unchanged.facets["response"])
    if (free := _comparable(pool)) is not None:
        similar.pair_by_equal_text(pool, free, similar.sound_text(unchanged.facets))
    if (free := _comparable(pool)) is not None:
        if len(unchanged.sample) < unchanged.count:
            pool.notices.append(
                f"similar texts: compared with {len(unchanged.sample):,} of the "
                f"{unchanged.count:,} unchanged examples"
            )
        return similar.pair_by_likeness(pool, free, unchanged.sample)
    return similar.NOTHING_RELATED


def _comparable(pool: Pool) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """What is left for the rules that read texts; None if that is nothing, or too much.

    Where a key decides, other keys mean other examples in all likelihood, and less is read.
    """
    free = pool.free()
    fewer, more = sorted(map(len, free))
    limit = similar.LIMIT_KEYED if pool.key_decides else similar.LIMIT
    if fewer and more > limit:
        notice = (
            f"texts were not compared: {len(free[0]):,} removed and {len(free[1]):,} added "
            f"examples are left, and the limit is {limit:,}"
            + (f" where {pool.before.view.key!r} decides" if pool.key_decides else "")
        )
        if notice not in pool.notices:
            pool.notices.append(notice)
        return None
    return free if fewer else None


def _comparison(framed: Frame, exact: Exact, pool: Pool, related: similar.Related) -> Comparison:
    pairs = pool.pairs()
    left = pool.left()
    positions = pool.before.positions, pool.after.positions
    order = np.argsort(positions[0][pairs.before], kind="stable")
    edited = EditedPairs(
        positions[0][pairs.before][order],
        positions[1][pairs.after][order],
        pairs.rules[order],
        pairs.confidence[order],
        _kinds(pool, pairs)[order],
    )
    notices = [*framed.notices, *pool.notices]
    forgotten = sum(int(np.count_nonzero(~side.known)) for side in (pool.before, pool.after))
    if forgotten:
        notices.append(
            f"of {forgotten:,} of the examples that were added or removed, what they said is "
            "forgotten: they are paired with nothing, and what they moved is not known"
        )
    if exact.bytes_only is None:
        notices.append("bytes were not compared: the two sides do not number their rows alike")
    if len(related.before):
        notices.append(_related_notice(pool, related))
    return Comparison(
        frame=framed,
        rows_before=exact.rows_before,
        rows_after=exact.rows_after,
        removed=np.sort(positions[0][left[0]]),
        added=np.sort(positions[1][left[1]]),
        edited=edited,
        related=(positions[0][related.before], positions[1][related.after], related.likeness),
        bytes_only=exact.bytes_only,
        reordered=exact.reordered,
        notices=tuple(notices),
    )


def _kinds(pool: Pool, pairs: Pairs) -> NDArray[np.uint16]:
    """The kinds of the pairs, a part of them at a time: facets are wide."""
    parts = [
        kinds.classify(*pool.paired_facets(pairs.before[part], pairs.after[part]))
        for part in (slice(i, i + _CHUNK) for i in range(0, len(pairs.before), _CHUNK))
    ]
    return np.concatenate([np.zeros(0, np.uint16), *parts])


def _related_notice(pool: Pool, related: similar.Related) -> str:
    pairs = zip(
        pool.before.digests[related.before[:_NAMED]],
        pool.after.digests[related.after[:_NAMED]],
        related.likeness[:_NAMED].tolist(),
        strict=True,
    )
    named = [f"{i[:4].tobytes().hex()} ~ {j[:4].tobytes().hex()} ({s:.2f})" for i, j, s in pairs]
    more = ", …" if len(related.before) > _NAMED else ""
    return (
        f"{len(related.before)} removed examples resemble an added one without being clearly its "
        f"earlier form: {', '.join(named)}{more}"
    )
