"""Verifying a remote: what it holds is read, and what has to be there is looked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dslineage.remotes.checking import kind_of
from dslineage.remotes.claims import Need, claims, united
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.parallel import STALL_SECONDS, answered, explained
from dslineage.remotes.reading import Reading
from dslineage.remotes.remote import Remote
from dslineage.store.staging import staging
from dslineage.versions.sample import Sample, Sampled
from dslineage.versions.verified import Problem, VerifyResult

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store
    from dslineage.versions.checkpoint import Checkpoint


@dataclass(frozen=True)
class Inspected:
    """What was found on a remote; `bad` are copies that are not whole, `good` keys that are there.

    `needs` are the versions that have to be there, by id.
    """

    result: VerifyResult
    bad: tuple[Copy, ...]
    good: frozenset[str]
    needs: Mapping[str, Need]


def inspect(
    store: Store,
    remote: Remote,
    here: Mapping[str, Need],
    checkpoint: Checkpoint,
    report: Report | None,
    *,
    again: str,
    sample: Sample | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> Inspected:
    """Read what a remote holds, and look for what versions need there.

    That is what somebody claimed there. A version that nobody did is needed there if one of its
    layouts is there, in the encoding of here.

    Args:
        store: gives room for copies that are looked at.
        remote: the remote.
        here: the versions of the work tree by id, with the keys of what they need in the encoding
            that they have here; none where they are not whole here.
        checkpoint: which copies need not be read again, and where it is noted which were.
        report: called as the work goes on.
        again: the command that goes on after a failure.
        sample: read only copies that are drawn.
        stall_seconds: how long the remote may be silent.

    Raises:
        RemoteError: the remote refuses or goes away.
        ResourceError: there is no room for a copy.
    """
    with staging(store) as staged:
        reading = Reading(remote, staged.root / "read", checkpoint, report, stall_seconds)
        with explained(remote.name, reading.so_far, again):
            claimed = united(
                one.versions for one in answered(partial(claims, remote), stall_seconds).values()
            )
            holding = answered(partial(Holding.of, remote), stall_seconds)
            copies = holding.copies
            drawn = sample.drawn([copy.path for copy in copies]) if sample else None
            todo = [
                copy
                for copy in copies
                if (drawn is None or copy.path in drawn) and not checkpoint.knows(copy.path, "")
            ]
            reading.run(todo, copies)
    if drawn is None:
        checkpoint.finish()
    good = frozenset(
        copy.key for copy in copies if copy not in reading.bad and copy not in reading.gone
    )
    needs, unsent = _needs(claimed, here, holding)
    cut = tuple(copy for copy in holding.cut if copy.key not in good)
    result = VerifyResult(
        records=0,
        objects=len(reading.read),
        bytes=sum(copy.size for copy in reading.read),
        problems=tuple(_problems(remote, reading.bad, cut, good, needs, here)),
        notices=tuple(f"{name} is no copy of an object" for name in holding.strange),
        where=remote.name,
        passed=len(copies) - len(todo) if drawn is None else 0,
        sampled=Sampled(len(drawn), len(copies), sample.seed) if sample and drawn else None,
        unsent=tuple(sorted(unsent)),
    )
    return Inspected(result, (*reading.bad, *cut), good, needs)


def _needs(
    claimed: Mapping[str, Need], here: Mapping[str, Need], holding: Holding
) -> tuple[dict[str, Need], list[str]]:
    """What has to be there by version, and the versions of the work tree of which nothing is."""
    needs, unsent = dict(claimed), []
    there = {copy.key for copy in (*holding.copies, *holding.cut)}
    for id_, need in here.items():
        if id_ in claimed:
            continue
        if any(key.startswith("layouts/") and key in there for key in need.keys):
            needs[id_] = need
        else:
            unsent.append(need.title)
    return needs, unsent


def _problems(
    remote: Remote,
    bad: Mapping[Copy, str],
    cut: tuple[Copy, ...],
    good: frozenset[str],
    needs: Mapping[str, Need],
    here: Mapping[str, Need],
) -> list[Problem]:
    whole = {id_ for id_, need in here.items() if need.keys and need.keys <= good}
    titles: dict[str, list[str]] = defaultdict(list)
    lost = set()
    for id_, need in needs.items():
        for key in need.keys:
            titles[object_of(key)].append(need.title)
            if key not in good and id_ not in whole:  # it may be there in other packs
                lost.add(key)
    told = {copy.key for copy in (*bad, *cut)}
    found = [
        *((copy.name, "damaged", f": {why}") for copy, why in bad.items()),
        *((copy.name, "truncated", f": it had {copy.size:,} bytes") for copy in cut),
        *((object_of(key), "missing", "") for key in lost.difference(told)),
    ]
    return [
        Problem(
            kind_of(name),
            file := name.partition("/")[2],
            f"{what} object {file} on {remote.name}{why}",
            tuple(sorted(set(titles[name]))),
            name,
        )
        for name, what, why in sorted(found)
    ]


def object_of(key: str) -> str:
    """The object that a key is about; that of a layout has the hash of its bytes, too."""
    return key.partition("-")[0]
