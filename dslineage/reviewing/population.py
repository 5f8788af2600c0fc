"""What a sample is drawn from: the examples of a version, or those that changed between two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.diff import kinds
from dslineage.diff.compare import compare
from dslineage.diff.report import confirmed
from dslineage.errors import UsageError
from dslineage.reviewing.sampling import Drawn, draw, ranks_of
from dslineage.reviewing.sheet import Sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.comparison import Comparison
    from dslineage.diff.pairing import Parents
    from dslineage.versions.snapshot import Snapshot

Metrics = Mapping[str, Callable[["NDArray[np.int64]"], "NDArray[np.float64]"]]
"""For each metric, the values of some rows of the newer or only version; NaN where it has none."""

_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """How to draw.

    Attributes:
        count: how many rows at most.
        seed: what the drawing depends on, beside the examples themselves.
        by: a field; each of its values is a stratum.
        metric: draw the least and the greatest values of this metric.
        blind: pairs only, and which side is the newer one is hidden.
    """

    count: int = 50
    seed: int = 0
    by: str | None = None
    metric: str | None = None
    blind: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError(f"a sample has at least one row, not {self.count}")


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Examples that may be drawn: positions before and after (-1 where none), and what happened."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    change: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...] = field(default=())


def of_version(
    snapshot: Snapshot, options: SampleOptions, metrics: Metrics | None = None
) -> tuple[Sampled, ...]:
    """Examples of a version; of what was forgotten, none are drawn.

    Raises:
        UsageError: a blind sample has two sides; or no example has the field or the metric.
    """
    if options.blind:
        raise UsageError("a blind sample is of two versions", hint="dslineage sample A..B --blind")
    every = np.flatnonzero(~snapshot.forgotten(snapshot.rows()))
    none = np.full(len(every), -1, np.int64)
    candidates = _Candidates(none, every, ("",) * len(every))
    return _drawn(candidates, snapshot, snapshot, options, metrics or {})


def of_change(
    before: Snapshot,
    after: Snapshot,
    options: SampleOptions,
    metrics: Metrics | None = None,
    parents: Parents | None = None,
) -> tuple[Sampled, ...]:
    """Examples that were edited, added or removed between two versions, but for forgotten ones.

    Raises:
        UsageError: nothing was; or no example has the field or the metric.
    """
    found = confirmed(compare(before, after, parents=parents or {}))
    candidates = _changes(found, edited_only=options.blind)
    if not len(candidates.after):
        what = "edited" if options.blind else "added, removed or edited"
        raise UsageError(
            f"no example was {what} from {before.label} to {after.label}: there is nothing to draw",
            kind="nothing-to-draw",
            hint=f"dslineage diff {before.label} {after.label}",
        )
    return _drawn(candidates, before, after, options, metrics or {})


def _changes(found: Comparison, *, edited_only: bool) -> _Candidates:
    pairs = found.edited
    removed, added = (found.removed[:0],) * 2 if edited_only else (found.removed, found.added)
    removed = removed[~found.frame.before.snapshot.forgotten(found.rows_before[removed])]
    added = added[~found.frame.after.snapshot.forgotten(found.rows_after[added])]
    return _Candidates(
        np.concatenate([pairs.before, removed, np.full(len(added), -1, np.int64)]),
        np.concatenate([pairs.after, np.full(len(removed), -1, np.int64), added]),
        ("edited",) * len(pairs) + ("removed",) * len(removed) + ("added",) * len(added),
        tuple(kinds.names(bits) for bits in pairs.kinds.tolist()),
    )


def _drawn(
    candidates: _Candidates,
    before: Snapshot,
    after: Snapshot,
    options: SampleOptions,
    metrics: Metrics,
) -> tuple[Sampled, ...]:
    has_after = candidates.after >= 0
    digests = _digests(after, candidates.after)
    digests[~has_after] = _digests(before, candidates.before)[~has_after]
    drawn = draw(
        ranks_of(digests, options.seed),
        _strata(candidates, before, after, options),
        options.count,
        tails=_tails(candidates, after, options, metrics),
    )
    places = np.array([one.place for one in drawn], np.int64)
    older = _read(before, candidates.before[places])
    newer = _read(after, candidates.after[places])
    figures = {
        name: _valued(values, after, candidates.after[places]) for name, values in metrics.items()
    }
    return tuple(
        _sampled(candidates, one, old, new, {name: figures[name][at] for name in figures})
        for at, (one, old, new) in enumerate(zip(drawn, older, newer, strict=True))
    )


def _sampled(
    candidates: _Candidates,
    one: Drawn,
    older: tuple[str, Any],
    newer: tuple[str, Any],
    figures: Mapping[str, float],
) -> Sampled:
    edited = one.place < len(candidates.kinds)
    return Sampled(
        before=older[1],
        after=newer[1],
        before_digest=older[0],
        after_digest=newer[0],
        change=candidates.change[one.place],
        kinds=candidates.kinds[one.place] if edited else (),
        stratum=one.stratum,
        stratum_size=one.size,
        metrics={name: None if np.isnan(value) else value for name, value in figures.items()},
    )


def _valued(
    values: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    snapshot: Snapshot,
    positions: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Values by position; NaN where there is no example."""
    found = np.full(len(positions), np.nan)
    there = positions >= 0
    if there.any():
        found[there] = values(snapshot.rows()[positions[there]])
    return found


def _strata(
    candidates: _Candidates, before: Snapshot, after: Snapshot, options: SampleOptions
) -> list[str]:
    """What each candidate counts as: its change, the first kind of its edit, its slice."""
    strata = [
        " ".join([change, *own[:1]])
        for change, own in zip(
            candidates.change,
            (*candidates.kinds, *((),) * (len(candidates.change) - len(candidates.kinds))),
            strict=True,
        )
    ]
    if options.by is None:
        return [stratum or "all" for stratum in strata]
    newer = _field(after, candidates.after, options.by)
    older = _field(before, candidates.before, options.by)
    values = [new if new is not None else old for new, old in zip(newer, older, strict=True)]
    if all(value is None for value in values):
        raise UsageError(
            f"no example has a field {options.by!r}",
            hint=f"fields: {', '.join(sorted(after.fields))}",
        )
    return [
        f"{stratum} {options.by}={'(none)' if value is None else value}".strip()
        for stratum, value in zip(strata, values, strict=True)
    ]


def _field(snapshot: Snapshot, positions: NDArray[np.int64], name: str) -> list[str | None]:
    found: list[str | None] = []
    for _, example in _read(snapshot, positions):
        value = None if example is None else example.get(name)
        text = value if isinstance(value, str) else canonical_bytes(value).decode()
        found.append(None if value is None else text[:_LONGEST_LABEL])
    return found


def _tails(
    candidates: _Candidates, after: Snapshot, options: SampleOptions, metrics: Metrics
) -> NDArray[np.float64] | None:
    if options.metric is None:
        return None
    if options.metric not in metrics:
        known = ", ".join(sorted(metrics)) or "none is measured: dslineage metrics run"
        raise UsageError(
            f"no example has a value of a metric {options.metric!r}", hint=f"metrics: {known}"
        )
    return _valued(metrics[options.metric], after, candidates.after)


def _digests(snapshot: Snapshot, positions: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Digests by position; zeros where there is none."""
    there = positions >= 0
    digests = np.zeros((len(positions), 32), np.uint8)
    if there.any():
        digests[there] = snapshot.digests(snapshot.rows()[positions[there]])
    return digests


def _read(snapshot: Snapshot, positions: NDArray[np.int64]) -> Iterator[tuple[str, Any]]:
    """Digest and example by position; an empty text and None where there is none."""
    there = positions[positions >= 0]
    rows = snapshot.rows()[there] if len(there) else there
    digests = iter(snapshot.digests(rows))
    examples = snapshot.read(rows)
    for position in positions.tolist():
        if position < 0:
            yield "", None
        else:
            yield f"sha256:{next(digests).tobytes().hex()}", next(examples)
