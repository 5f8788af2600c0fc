"""Sending objects to a remote: what it has is not sent again, and what it has is looked at last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

import orjson

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.progress import Progress
from dslineage.remotes.checking import check_sent, file_digest
from dslineage.remotes.copies import FORMAT, Copy, Holding, check_format
from dslineage.remotes.parallel import STALL_SECONDS, Pulse, answered, each, explained
from dslineage.remotes.remote import Remote
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store


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
        reread: read back and hash what the remote has, however long that takes.
        stall_seconds: how long the remote may be silent.

    Raises:
        IntegrityError: an object is damaged here; it was not sent.
        RemoteError: the remote refuses, goes away, is full, or lost what was sent.
    """
    sending = _Sending(store, remote, sorted(set(names)), report, stall_seconds)
    with explained(remote.name, sending.so_far, again):
        return sending.run(reread=reread)


class _Sending:
    """Objects on their way to a remote; see `send`."""

    def __init__(
        self,
        store: Store,
        remote: Remote,
        wanted: Sequence[str],
        report: Report | None,
        stall_seconds: float,
    ) -> None:
        self._store = store
        self._remote = remote
        self._wanted = wanted
        self._report = report
        self._stall_seconds = stall_seconds
        self._lock = Lock()
        self._pulse = Pulse(0)
        self._missing: list[str] = []
        self._sent: list[Copy] = []

    def run(self, *, reread: bool) -> Sent:
        """Send what is missing, and look whether all is there."""
        holding = self._listed()
        mended = self._mended(holding, reread=reread)
        self._missing = [
            name for name in self._wanted if name not in holding.whole or name in mended
        ]
        if self._missing:
            self._pulse = Pulse(
                sum((self._store.root / one).stat().st_size for one in self._missing)
            )
            answered(self._mark, self._stall_seconds)
            each(
                self._missing,
                self._send,
                jobs=self._remote.jobs,
                pulse=self._pulse,
                tick=lambda: self._tell("pushing", self._pulse.done, self._pulse.total),
                stall_seconds=self._stall_seconds,
            )
            self._confirm()
        return Sent(
            objects=len(self._missing),
            bytes=sum(copy.size for copy in self._sent),
            there=len(self._wanted) - len(self._missing),
            mended=tuple(mended),
        )

    def so_far(self) -> str:
        """How far the work came, in words."""
        sent, left = len(self._sent), len(self._missing) - len(self._sent)
        if not sent:
            return "nothing was sent"
        return (
            f"{sent:,} of {sent + left:,} objects were sent and will not be sent again, "
            f"{left:,} are left"
        )

    def _send(self, name: str) -> None:
        path = self._store.root / name
        check_sent(name, path)
        copy = Copy(name, path.stat().st_size, file_digest(path))
        self._remote.put(path, copy.path, self._pulse.beat)
        with self._lock:
            self._sent.append(copy)

    def _listed(self) -> Holding:
        return answered(partial(Holding.of, self._remote), self._stall_seconds)

    def _mark(self) -> None:
        """Say on a remote how objects are laid out there, before the first of them."""
        if not check_format(self._remote):
            path = self._store.temporary_folder / "format"
            write_file(path, orjson.dumps(FORMAT) + b"\n")
            self._remote.put(path, "format", lambda _: None)

    def _mended(self, holding: Holding, *, reread: bool) -> list[str]:
        """Objects that the remote has, but not whole; with `reread`, by the hash of all it has."""
        bad = {copy.name for copy in holding.cut if copy.name not in holding.whole}
        copies = [copy for name in self._wanted for copy in holding.whole.get(name, ())]
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
        return sorted(bad.intersection(self._wanted))

    def _confirm(self) -> None:
        """Look whether the remote has what it was sent: that no call failed is no evidence."""
        holding = self._listed()
        lost = [name for name in self._wanted if name not in holding.whole]
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
