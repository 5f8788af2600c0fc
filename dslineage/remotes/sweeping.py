"""Collecting the garbage of a remote, in two phases: mark, wait, sweep.

A remote has no locks, and others push at any time. What makes it safe is an order. Who pushes
claims first and looks at marks then; who deletes has marked first and looks at claims then. So one
of the two sees the other. Clocks say only how long to wait beyond that.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from dslineage.errors import RemoteError
from dslineage.progress import Progress
from dslineage.remotes.claims import FOLDER as CLAIMS
from dslineage.remotes.claims import Claim, claims, put_claim
from dslineage.remotes.copies import TEMPORARY, Holding, check_format
from dslineage.remotes.garbage import Roots, Seen, Verdict, clones_like, due, judge, settled
from dslineage.remotes.marks import FOLDER as MARKS
from dslineage.remotes.marks import Marks, marks, put_marks
from dslineage.remotes.notes import listed
from dslineage.remotes.parallel import STALL_SECONDS, Pulse, answered, each, explained
from dslineage.remotes.remote import Remote
from dslineage.remotes.sending import put_format
from dslineage.remotes.swept import Order, RemoteGarbage
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store

DECISION_SECONDS = 600.0
"""How long what was decided may be acted upon; after that, it is looked again. Far less than
`garbage.QUIET_SECONDS`."""
_CLOCK = "clock"

T = TypeVar("T")


def collect(
    store: Store,
    remote: Remote,
    mine: Claim,
    asked: Callable[[], Roots],
    order: Order,
    now: float,
    report: Report | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> RemoteGarbage:
    """Say what nobody needs on a remote; with `order.delete`, mark it, and delete what is due.

    Args:
        store: where drafts of what is written there can stand.
        remote: the remote.
        mine: which clone this is, who works here, and the time; its versions do not matter.
        asked: asks what this clone knows of versions; called after the claims were read.
        order: what to do.
        now: the time, in seconds since 1970.
        report: called as the work goes on.
        stall_seconds: how long the remote may be silent.

    Raises:
        RemoteError: the remote refuses or goes away, or others changed much meanwhile.
        UsageError: everything would go.
        IntegrityError: nobody knows what is needed.
        NotFoundError: there is no such clone.
    """
    collecting = _Collecting(store, remote, mine, order, now, report, stall_seconds)
    again = order.command(remote.name, delete=order.delete)
    with explained(remote.name, collecting.so_far, again):
        return collecting.run(asked)


class _Collecting:
    """The garbage of a remote; see `collect`."""

    def __init__(
        self,
        store: Store,
        remote: Remote,
        mine: Claim,
        order: Order,
        now: float,
        report: Report | None,
        stall_seconds: float,
    ) -> None:
        self._store = store
        self._remote = remote
        self._mine = mine
        self._order = order
        self._now = now
        self._report = report
        self._stall_seconds = stall_seconds
        self._deleted: dict[str, int] = {}
        self._looked = (0.0, 0.0)

    def run(self, asked: Callable[[], Roots]) -> RemoteGarbage:
        """Look, judge, and do what is to be done."""
        seen = self._look()
        roots = asked()
        released = clones_like(seen, self._order.released)
        verdict = judge(seen, roots, self._mine.clone, released, unclaimed=self._order.unclaimed)
        if not self._order.delete:
            dead = due(replace(seen, time=None), roots, self._order.grace_days, self._now)
            if self._order.grace_days == 0:
                dead |= verdict.dead.keys() - seen.litter.keys()
            return self._result(seen, verdict, {path: seen.sizes[path] for path in dead})
        if not self._noted(seen, verdict):
            return self._result(seen, verdict, {})
        again = self._look()
        done = settled(seen, roots, self._order.grace_days, self._now, again.time)
        while self._sweep(again, roots):
            again = self._look()
        for note in sorted(done):
            self._ask(partial(self._remote.delete, note))
        return self._result(self._gone(), verdict, self._deleted)

    def so_far(self) -> str:
        """How far the work came, in words."""
        return (
            f"{len(self._deleted):,} files were deleted" if self._deleted else "nothing was deleted"
        )

    def _ask(self, ask: Callable[[], T]) -> T:
        return answered(ask, self._stall_seconds)

    def _look(self) -> Seen:
        self._looked = time.monotonic(), time.time()
        return self._ask(partial(look, self._remote))

    def _noted(self, seen: Seen, verdict: Verdict) -> bool:
        """Claim, mark and end claims, in this order; False where there is nothing to do."""
        own = [seen.claims[path].versions for path in verdict.ended]
        same = own == ([verdict.claim] if verdict.claim else [])
        if same and not verdict.dead and not seen.marks:
            return False
        if not self._ask(partial(check_format, self._remote, "delete")):
            self._ask(partial(put_format, self._store, self._remote))
        if not same and verdict.claim:
            claim = replace(self._mine, versions=verdict.claim)
            self._ask(partial(put_claim, self._store, self._remote, claim))
            self._check(seen, self._look(), verdict)
        if verdict.dead:
            dead = Marks(frozenset(verdict.dead), verdict.given_up, self._now)
            self._ask(partial(put_marks, self._store, self._remote, self._mine.clone, dead))
        for path in () if same else sorted(verdict.ended):
            self._ask(partial(self._remote.delete, path))
        self._ask(self._tell_time)
        return True

    def _check(self, before: Seen, after: Seen, verdict: Verdict) -> None:
        """See that what is claimed now can be relied on, before anything else is given up.

        Raises:
            RemoteError: somebody else marked or deleted some of it meanwhile.
        """
        needed = frozenset().union(*(need.keys for need in verdict.claim.values()))
        there = before.holding.without(before.marked).keys & needed
        if not there <= after.holding.without(after.marked).keys:
            raise RemoteError(
                f"others collect the garbage of {self._remote.url} at the same time",
                kind="remote-busy",
            )

    def _sweep(self, seen: Seen, roots: Roots) -> bool:
        """Delete what is due; True where it took so long that it has to be looked again."""
        files = due(seen, roots, self._order.grace_days, self._now)
        pulse = Pulse(0)

        def delete(path: str) -> None:
            if not _fresh(self._looked):
                return
            self._remote.delete(path)
            self._deleted[path] = seen.sizes[path]

        each(
            sorted(files, key=lambda path: (not path.startswith("layouts/"), path)),
            delete,
            jobs=self._remote.jobs,
            pulse=pulse,
            tick=lambda: self._tell(len(files)),
            stall_seconds=self._stall_seconds,
        )
        return not _fresh(self._looked)

    def _gone(self) -> Seen:
        """See that what was deleted is no longer there: that no call failed is no evidence."""
        seen = self._look()
        left = sorted(seen.sizes.keys() & self._deleted.keys())
        if left:
            raise RemoteError(
                f"{len(left):,} files were deleted and are there all the same, such as {left[0]}",
                kind="not-deleted",
            )
        return seen

    def _result(self, seen: Seen, verdict: Verdict, dead: Mapping[str, int]) -> RemoteGarbage:
        sizes = {copy.path: copy.size for copy in seen.holding.copies}
        gone = {*dead, *verdict.dead, *verdict.unclaimed, *seen.marked}
        kept = [size for path, size in sizes.items() if path not in gone]
        before = (seen.marked & seen.sizes.keys()) - verdict.dead.keys() - dead.keys()
        return RemoteGarbage(
            remote=self._remote.name,
            url=self._remote.url,
            order=self._order,
            kept=len(kept),
            kept_bytes=sum(kept),
            dead=dead,
            marked={path: size for path, size in verdict.dead.items() if path not in dead},
            waiting={path: seen.sizes[path] for path in before},
            unclaimed=verdict.unclaimed,
            others=verdict.others,
        )

    def _tell_time(self) -> None:
        """Have the remote say what time it is, by a file that is written now."""
        draft = self._store.temporary_folder / f"{secrets.token_hex(8)}.note"
        write_file(draft, b"clock\n")
        try:
            self._remote.put(draft, _CLOCK, lambda _: None)
        finally:
            draft.unlink()

    def _tell(self, files: int) -> None:
        if self._report is not None:
            self._report(Progress("deleting", len(self._deleted), max(files, len(self._deleted))))


def look(remote: Remote) -> Seen:
    """See what there is: marks first, then claims, then files; the order matters.

    Raises:
        RemoteError: the remote refuses or goes away, or something there cannot be read.
    """
    check_format(remote)
    marked = marks(remote)
    claimed = claims(remote)
    holding = Holding.of(remote)
    top = remote.listing("")
    litter = {copy.path: copy.size for copy in holding.cut} | dict(holding.temporary)
    litter |= {file.name: file.size for file in top if TEMPORARY.fullmatch(file.name)}
    for folder in (CLAIMS, MARKS):
        for file, note in listed(remote, folder):
            if note is None:
                litter[f"{folder}/{file.name}"] = file.size
    clock = max((file.time for file in top if file.name == _CLOCK and file.time), default=None)
    return Seen(marked, claimed, holding, litter, clock)


def _fresh(looked: tuple[float, float]) -> bool:
    """Whether what was seen may be acted upon still, by each clock: a machine can sleep."""
    gone = time.monotonic() - looked[0], abs(time.time() - looked[1])
    return max(gone) < DECISION_SECONDS
