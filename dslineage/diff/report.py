"""A comparison as a result: counts, and the rows and samples that were asked for, confirmed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.adapters.registry import adapter_id
from dslineage.adapters.visible import prompt_text, response_text
from dslineage.canonical.jcs import canonical_bytes
from dslineage.diff import kinds
from dslineage.diff.comparison import Comparison
from dslineage.diff.media import MediaChanges, media_changes
from dslineage.diff.movements import Moves, movements
from dslineage.diff.onefield import only_field
from dslineage.diff.options import CHANGES, DiffOptions
from dslineage.diff.result import KINDS, RULES, Change, DiffResult, MediaChange, SideInfo
from dslineage.diff.rows import Chosen, row_changes
from dslineage.versions.snapshot import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.view import View
    from dslineage.quality.side import Quality

_SHORTLIST = 4096


def report(
    comparison: Comparison, options: DiffOptions, quality: Quality | None = None
) -> DiffResult:
    """What there is to say about a comparison; without `quality`, nothing about metrics."""
    if options.why is not None:
        comparison = confirmed(comparison)
    while True:
        listed = _listed(comparison, options)
        drawn = _drawn(comparison, options)
        wrong = _unconfirmed(comparison, np.union1d(listed["edited"], drawn["edited"]))
        if not wrong.any():
            break
        comparison = comparison.without(wrong)
    before, after = comparison.frame.before.snapshot, comparison.frame.after.snapshot
    rows = tuple(row_changes(comparison, listed)) if options.rows else None
    one_field = only_field(comparison) if options.samples or options.rows else ()
    media = media_changes(comparison)
    moves = movements(comparison, quality, options) if quality and options.metrics else Moves()
    return DiffResult(
        dataset=after.dataset,
        from_=_side(before),
        to=_side(after),
        identical=before.content_hash == after.content_hash,
        reordered=comparison.reordered,
        bytes_only=comparison.bytes_only or 0,
        unchanged=comparison.unchanged,
        edited=len(comparison.edited),
        removed=len(comparison.removed),
        added=len(comparison.added),
        edits=comparison.kind_counts(),
        pairing=comparison.rule_counts(),
        related=len(comparison.related[0]),
        schema_changes=comparison.schema_changes,
        notices=(*comparison.notices, *one_field, *media.notices, *moves.notices),
        rows=rows,
        samples=tuple(row_changes(comparison, drawn)),
        media_changed=len(media.before),
        media_rows=None if rows is None else _media_rows(comparison, media, options, len(rows)),
        metrics=moves.movements,
        why=moves.why,
        asked=(*options.names, *((options.why,) if options.why else ())),
    )


def confirmed(comparison: Comparison) -> Comparison:
    """The comparison without the pairs that rest on digests that only looked equal.

    Reads both sides of every pair.
    """
    wrong = _unconfirmed(comparison, np.arange(len(comparison.edited)))
    return comparison.without(wrong) if wrong.any() else comparison


def _side(snapshot: Snapshot) -> SideInfo:
    return SideInfo(
        version=snapshot.label,
        content_hash=str(snapshot.content_hash),
        training_hash=str(snapshot.training_hash),
        examples=snapshot.examples,
        quarantined=snapshot.quarantined,
        adapter=adapter_id(snapshot.adapter),
        key=snapshot.key,
    )


def _candidates(comparison: Comparison, options: DiffOptions) -> Chosen:
    """All changes that the options let through."""
    bits = np.uint16(sum(kinds.BITS[kind] for kind in options.kinds))
    edited = np.flatnonzero((comparison.edited.kinds & bits) if bits else comparison.edited.kinds)
    others = () if bits else options.only
    return {
        "edited": edited if "edited" in options.only else edited[:0],
        "removed": np.arange(len(comparison.removed) if "removed" in others else 0),
        "added": np.arange(len(comparison.added) if "added" in others else 0),
    }


def _listed(comparison: Comparison, options: DiffOptions) -> Chosen:
    """The changes to list: edited, removed, added, each in file order, up to the limit."""
    candidates = _candidates(comparison, options)
    room = options.limit if options.rows else 0
    for change in CHANGES:
        candidates[change] = candidates[change][:room]
        room = None if room is None else room - len(candidates[change])
    return candidates


def _drawn(comparison: Comparison, options: DiffOptions) -> Chosen:
    """Some changes of each kind, drawn at random, the same ones for the same seed."""
    candidates = _candidates(comparison, options)
    wanted = options.kinds or KINDS
    edited: set[int] = set()
    for kind in wanted:
        bit = np.uint16(kinds.BITS[kind])
        here = candidates["edited"][(comparison.edited.kinds[candidates["edited"]] & bit) != 0]
        edited.update(_draw(comparison, "edited", here, options).tolist())
    return {
        "edited": np.array(sorted(edited), np.int64),
        "removed": _draw(comparison, "removed", candidates["removed"], options),
        "added": _draw(comparison, "added", candidates["added"], options),
    }


def _media_rows(
    comparison: Comparison, media: MediaChanges, options: DiffOptions, taken: int
) -> tuple[MediaChange, ...]:
    """The unchanged examples that show other media, as far as they are to be listed."""
    wanted = "media" in options.kinds if options.kinds else options.only == CHANGES
    room = len(media.before) if options.limit is None else options.limit - taken
    return tuple(media.listed(comparison, room if wanted else 0))


def _draw(
    comparison: Comparison, change: Change, indices: NDArray[np.int64], options: DiffOptions
) -> NDArray[np.int64]:
    """Those whose SHA-256 of seed and digest comes first."""
    view, rows = _place(comparison, change, indices)
    digests = view.snapshot.digests(rows)
    if len(indices) > _SHORTLIST:
        # Hashing a million digests takes a second; a part of them that the seed picks will do.
        mask = np.frombuffer(hashlib.sha256(b"%d" % options.seed).digest()[:8], np.uint64)
        prefixes = digests[:, :8].copy().view(np.uint64).ravel() ^ mask
        short = np.argsort(prefixes, kind="stable")[:_SHORTLIST]
        indices, digests = indices[short], digests[short]
    ranks = [hashlib.sha256(b"%d:" % options.seed + d.tobytes()).digest() for d in digests]
    order = sorted(range(len(ranks)), key=ranks.__getitem__)[: options.samples]
    return np.sort(indices[np.array(order, np.int64)])


def _place(
    comparison: Comparison, change: Change, indices: NDArray[np.int64]
) -> tuple[View, NDArray[np.int64]]:
    """The side by which some changes are known, and their row numbers on it."""
    frame = comparison.frame
    if change == "added":
        return frame.after, comparison.rows_after[comparison.added[indices]]
    positions = comparison.removed if change == "removed" else comparison.edited.before
    return frame.before, comparison.rows_before[positions[indices]]


def _unconfirmed(comparison: Comparison, indices: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pairs, of those that are to be shown, rest on digests that only looked equal."""
    wrong = np.zeros(len(comparison.edited), bool)
    edited = comparison.edited
    before, after = comparison.frame.before, comparison.frame.after
    examples = zip(
        before.read(comparison.rows_before[edited.before[indices]]),
        after.read(comparison.rows_after[edited.after[indices]]),
        strict=True,
    )
    for index, (was, now) in zip(indices.tolist(), examples, strict=True):
        rule = RULES[edited.rules[index]]
        wrong[index] = not _holds(rule, before, was, after, now)
    return wrong


def _holds(rule: str, before: View, was: dict[str, Any], after: View, now: dict[str, Any]) -> bool:
    if rule == "key":
        return before.key in was and _same(was[before.key], now.get(before.key))
    if rule == "unkeyed":
        consumed = before.adapter.consumed
        known = consumed | {before.key}
        rests = ({name: e[name] for name in e if name not in known} for e in (was, now))
        return _same(*rests) and (
            not consumed or _same(before.adapter.conversation(was), after.adapter.conversation(now))
        )
    if rule in ("prompt", "response"):
        text = prompt_text if rule == "prompt" else response_text
        return text(before.adapter.conversation(was)) == text(after.adapter.conversation(now))
    return True


def _same(first: Any, second: Any) -> bool:
    return canonical_bytes(first) == canonical_bytes(second)
