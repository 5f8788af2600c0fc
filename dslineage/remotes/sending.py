"""Sending objects to a remote: what it has is not sent again, and what it has is looked at last.

Before it is looked what a remote has, a claim says what is needed there, and only what is not
marked to be deleted counts as there. So whoever deletes sees the claim, or the mark was seen here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.progress import Progress
from dslineage.remotes.checking import check_sent, file_digest
from dslineage.remotes.claims import FOLDER as CLAIMS
from dslineage.remotes.claims import Claim, claimed
from dslineage.remotes.copies import FORMAT, Copy, Holding, check_format
from dslineage.remotes.encodings import key_of
from dslineage.remotes.marks import marked
from dslineage.remotes.notes import notes
from dslineage.remotes.parallel import STALL_SECONDS, Pulse, answered, each, explained
from dslineage.remotes.remote import Remote
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to a remote: `objects` and `bytes` were sent, `there` were there before.

    `mended` are objects of which the remote had something else than the whole bytes.
    """

    objects: int
    bytes: int
    there: int
    mended: tuple[str, ...]


def send(
    store: Store,
    remote: Remote,
    names: Iterable[str],
    report: Report | None,
    *,
    again: str,
    claim: Claim | None = None,
    reread: bool = False,
    stall_seconds: float = STALL_SECONDS,
) -> Sent:
    """Send objects that a remote has not, and look afterwards whether it has them all.

    Args:
        store: where the objects are.
        remote: where they go.
        names: the objects, such as `packs/<64 hex>.rows`; all of them are here.
        report: called as the work goes on.
        again: the command that goes on after a failure.
        claim: what is needed there from now on; without it, others see to that.
        reread: read back and hash what the remote has, however long that takes.
        stall_seconds: how long the remote may be silent.

    Raises:
        IntegrityError: an object is damaged here; it was not sent.
        RemoteError: the remote refuses, goes away, is full, or lost what was sent.
    """
    sending = _Sending(store, remote, sorted(set(names)), claim, report, stall_seconds)
    with explained(remote.name, sending.so_far, again):
        return sending.run(reread=reread)


class _Sending:
    """Objects on their way to a remote; see `send`."""

    def __init__(
        self,
        store: Store,
        remote: Remote,
        wanted: Sequence[str],
        claim: Claim | None,
        report: Report | None,
        stall_seconds: float,
    ) -> None:
        self._store = store
        self._remote = remote
        self._keys = {name: key_of(store, name) for name in wanted}
        self._claim = claim
        self._claimed = ""
        self._marked: frozenset[str] = frozenset()
        self._report = report
        self._stall_seconds = stall_seconds
        self._lock = Lock()
        self._pulse = Pulse(0)
        self._missing: list[str] = []
        self._sent: list[Copy] = []

    def run(self, *, reread: bool) -> Sent:
        """Send what is missing, layouts last, and look whether all is there.

        So no layout is there without what it is over, wherever a push ends.
        """
        holding = self._prepared()
        mended = self._mended(holding, reread=reread)
        self._missing = [
            name for name, key in self._keys.items() if key not in holding.keys or name in mended
        ]
        if self._missing:
            self._pulse = Pulse(
                sum((self._store.root / one).stat().st_size for one in self._missing)
            )
            layouts = {name for name in self._missing if name.startswith("layouts/")}
            for names in (sorted(set(self._missing) - layouts), sorted(layouts)):
                each(
                    names,
                    self._send,
                    jobs=self._remote.jobs,
                    pulse=self._pulse,
                    tick=lambda: self._tell("pushing", self._pulse.done, self._pulse.total),
                    stall_seconds=self._stall_seconds,
                )
            self._confirm()
        self._check_claim()
        return Sent(
            objects=len(self._missing),
            bytes=sum(copy.size for copy in self._sent),
            there=len(self._keys) - len(self._missing),
            mended=tuple(mended),
        )

    def so_far(self) -> str:
        """How far the work came, in words."""
        sent, left = len(self._sent), len(self._missing) - len(self._sent)
        size = self._pulse.total - sum(copy.size for copy in self._sent)
        if not left:
            return "nothing was sent"
        if not sent:
            return f"nothing was sent, {left:,} objects are left ({size:,} bytes)"
        return (
            f"{sent:,} of {sent + left:,} objects were sent and will not be sent again, "
            f"{left:,} are left ({size:,} bytes)"
        )

    def _send(self, name: str) -> None:
        path = self._store.root / name
        check_sent(name, path)
        copy = Copy(name, path.stat().st_size, file_digest(path))
        if copy.path in self._marked:
            copy = copy._replace(again=secrets.token_hex(8))
        self._remote.put(path, copy.path, self._pulse.beat)
        with self._lock:
            self._sent.append(copy)

    def _prepared(self) -> Holding:
        """Claim what is needed, and list what is there and can be relied on, in this order."""
        if not self._ask(partial(check_format, self._remote, "write")):
            self._ask(partial(put_format, self._store, self._remote))
        if self._claim is not None:
            claiming = partial(claimed, self._store, self._remote, self._claim)
            self._claimed = self._ask(claiming)
        self._marked = self._ask(partial(marked, self._remote))
        holding = self._ask(partial(Holding.of, self._remote)).without(self._marked)
        elsewhere = self._claim.keys.difference(self._keys.values()) if self._claim else set()
        if not elsewhere <= holding.keys:
            raise RemoteError(
                f"{self._remote.url} lost meanwhile what it had of some versions",
                kind="remote-busy",
            )
        return holding

    def _ask(self, ask: Callable[[], T]) -> T:
        return answered(ask, self._stall_seconds)

    def _check_claim(self) -> None:
        """See that nobody ended the claim meanwhile.

        Raises:
            RemoteError: somebody did.
        """
        if self._claimed and self._claimed not in self._ask(partial(notes, self._remote, CLAIMS)):
            raise RemoteError(
                f"others put the needs in order on {self._remote.url} meanwhile",
                kind="claim-ended",
            )

    def _mended(self, holding: Holding, *, reread: bool) -> list[str]:
        """Objects that the remote has, but not whole; with `reread`, by the hash of all it has."""
        bad = {copy.name for copy in holding.cut if copy.name not in holding.whole}
        copies = [copy for name in self._keys for copy in holding.whole.get(name, ())]
        pulse = Pulse(sum(copy.size for copy in copies))

        def check(copy: Copy) -> None:
            if _digest_there(self._remote, copy, pulse) != copy.digest:
                self._remote.delete(copy.path)
                bad.add(copy.name)

        each(
            copies if reread else [],
            check,
            jobs=self._remote.jobs,
            pulse=pulse,
            tick=lambda: self._tell("reading", pulse.done, pulse.total),
            stall_seconds=self._stall_seconds,
        )
        return sorted(bad.intersection(self._keys))

    def _confirm(self) -> None:
        """Look whether the remote has what it was sent: that no call failed is no evidence."""
        holding = self._ask(partial(Holding.of, self._remote))
        there = holding.without(self._marked).keys
        lost = [name for name, key in self._keys.items() if key not in there]
        if self._remote.reads_back:
            pulse = Pulse(0)
            lost += [
                copy.name
                for copy in self._sent
                if _digest_there(self._remote, copy, pulse) != copy.digest
            ]
        if lost:
            self._sent = [copy for copy in self._sent if copy.name not in lost]
            raise RemoteError(
                f"{len(lost):,} objects were sent and are not there whole, such as {lost[0]} on "
                f"{self._remote.url}",
                kind="lost-on-remote",
            )

    def _tell(self, phase: str, done: int, total: int) -> None:
        if self._report is not None:
            self._report(Progress(phase, done, max(done, total)))


def put_format(store: Store, remote: Remote) -> None:
    """Say on a remote how things are laid out there, before anything else is."""
    path = store.temporary_folder / "format"
    write_file(path, FORMAT)
    remote.put(path, "format", lambda _: None)


def _digest_there(remote: Remote, copy: Copy, pulse: Pulse) -> Digest:
    """The SHA-256 of what a remote gives back for a copy; no more than its size is read."""
    hasher = hashlib.sha256()
    size = 0
    for piece in remote.get(copy.path):
        hasher.update(piece)
        pulse.beat(len(piece))
        size += len(piece)
        if size > copy.size:
            break
    return Digest(hasher.digest())
