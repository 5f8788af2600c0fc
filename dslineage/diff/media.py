"""Which examples show other media under the same names: nothing in them says so themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.diff.kinds import BITS
from dslineage.diff.result import MediaChange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.comparison import Comparison
    from dslineage.versions.snapshot import Snapshot

_Digests = tuple[bytes | None, ...]
"""Of the media of an example, in order; None for what was not read."""


class _Shown(NamedTuple):
    """What an example shows, and where it stands."""

    digests: _Digests
    position: int


class MediaChanges(NamedTuple):
    """Unchanged examples with other media, as positions, ascending by the one before.

    `unknown` counts those of which some medium was read on one side only.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    unknown: int

    @property
    def notices(self) -> tuple[str, ...]:
        """A sentence about what could not be compared, where there is any."""
        if not self.unknown:
            return ()
        count = f"{self.unknown:,} unchanged example{'s' if self.unknown > 1 else ''}"
        return (f"of {count}, media were read on one side only: nobody can say if they changed",)

    def listed(self, comparison: Comparison, count: int) -> Iterator[MediaChange]:
        """The first examples by their digests and places, with what changed under which names."""
        before, after = _snapshots(comparison)
        places = self.before[:count]
        digests = before.digests(comparison.rows_before[places])
        for was, now, digest in zip(places.tolist(), self.after.tolist(), digests, strict=False):
            names = [before.media.media[place].name for place in before.media.references[was]]
            shown = zip(names, before.media.digests(was), after.media.digests(now), strict=False)
            yield MediaChange(
                digest=digest.tobytes().hex(),
                before_position=was,
                after_position=now,
                media={name: (a.hex(), b.hex()) for name, a, b in shown if a and b and a != b},
            )


def media_changes(comparison: Comparison) -> MediaChanges:
    """The unchanged examples that show other media. Reads no example."""
    before, after = _snapshots(comparison)
    found: list[tuple[int, int]] = []
    unknown = 0
    if before.media.digest != after.media.digest:
        positions = comparison.unchanged_positions()
        older = _by_conversation(before, positions[0], comparison.rows_before)
        newer = _by_conversation(after, positions[1], comparison.rows_after)
        if not older or not newer:
            unknown = sum(any(one.digests) for one in chain(*older.values(), *newer.values()))
        for conversation in older.keys() & newer.keys():
            for was, now in _differing(older[conversation], newer[conversation]):
                if _replaced(was.digests, now.digests):
                    found.append((was.position, now.position))
                else:
                    unknown += 1
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    return MediaChanges(pairs[:, 0], pairs[:, 1], unknown)


def with_media_kind(comparison: Comparison) -> Comparison:
    """The comparison, the edited pairs with other media under the same names of kind `media`."""
    before, after = _snapshots(comparison)
    if not before.media.references or not after.media.references:
        return comparison
    edited = comparison.edited
    sides = zip(edited.before.tolist(), edited.after.tolist(), strict=True)
    replaced = [_replaced(before.media.digests(i), after.media.digests(j)) for i, j in sides]
    bits = np.array(replaced, np.uint16) * np.uint16(BITS["media"])
    return replace(comparison, edited=replace(edited, kinds=edited.kinds | bits))


def _snapshots(comparison: Comparison) -> tuple[Snapshot, Snapshot]:
    return comparison.frame.before.snapshot, comparison.frame.after.snapshot


def _by_conversation(
    snapshot: Snapshot, positions: NDArray[np.int64], rows: NDArray[np.int64]
) -> dict[bytes, list[_Shown]]:
    """What those of some examples show that refer to media, by conversation digest."""
    media = snapshot.media
    if not media.references:
        return {}
    some = np.array([p for p in positions.tolist() if media.references[p]], dtype=np.int64)
    conversations = snapshot.facets(rows[some]).conversation
    found: dict[bytes, list[_Shown]] = defaultdict(list)
    for position, conversation in zip(some.tolist(), conversations, strict=True):
        found[conversation.tobytes()].append(_Shown(media.digests(position), position))
    return found


def _differing(before: list[_Shown], after: list[_Shown]) -> Iterator[tuple[_Shown, _Shown]]:
    """Pairs of equal examples, as multisets, less those that show the same."""
    same = Counter(one.digests for one in before) & Counter(one.digests for one in after)
    return zip(_without(before, same), _without(after, same), strict=False)


def _without(side: list[_Shown], same: Counter[_Digests]) -> Iterator[_Shown]:
    left = Counter(same)
    for one in side:
        if left[one.digests]:
            left[one.digests] -= 1
        else:
            yield one


def _replaced(before: _Digests, after: _Digests) -> bool:
    """Whether some medium was read on both sides, and is another."""
    sides = zip(before, after, strict=False)
    return any(was != now for was, now in sides if was is not None and now is not None)
