"""Sending objects to a remote: what it has is not sent again, and what it has is looked at last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import orjson

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.progress import Progress
from dslineage.remotes.checking import check_sent, file_digest
from dslineage.remotes.copies import FORMAT, Copy, Holding, check_format
from dslineage.remotes.parallel import STALL_SECONDS, Pulse, each
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
    wanted = sorted(set(names))
    holding = Holding.of(remote)
    mended = _mended(remote, holding, wanted, report, reread=reread)
    missing = [name for name in wanted if name not in holding.whole or name in mended]
    sending = _Sending(store, remote, missing, report)
    if missing:
        _mark(store, remote)
        sending.run(again, stall_seconds)
        _confirm(remote, wanted, sending.copies, again)
    return Sent(
        objects=len(missing),
        bytes=sum(copy.size for copy in sending.copies),
        there=len(wanted) - len(missing),
        mended=tuple(mended),
    )


class _Sending:
    """The objects that are on their way to a remote."""

    def __init__(
        self, store: Store, remote: Remote, names: Sequence[str], report: Report | None
    ) -> None:
        self._store = store
        self._remote = remote
        self._names = names
        self._report = report
        self._lock = Lock()
        self._pulse = Pulse(sum((store.root / name).stat().st_size for name in names))
        self.copies: list[Copy] = []

    def run(self, again: str, stall_seconds: float) -> None:
        try:
            each(
                self._names,
                self._send,
                jobs=self._remote.jobs,
                pulse=self._pulse,
                tick=self._tick,
                stall_seconds=stall_seconds,
            )
        except RemoteError as error:
            with self._lock:
                sent = len(self.copies)
            raise RemoteError(
                f"{self._remote.name}: {error.message}; {sent:,} of {len(self._names):,} objects "
                f"were sent, {len(self._names) - sent:,} are left, and what was sent will not be "
                "sent again",
                kind=error.kind,
                hint=again,
            ) from error

    def _send(self, name: str) -> None:
        path = self._store.root / name
        check_sent(name, path)
        copy = Copy(name, path.stat().st_size, file_digest(path))
        self._remote.put(path, copy.path, self._pulse.beat)
        with self._lock:
            self.copies.append(copy)

    def _tick(self) -> None:
        if self._report is not None:
            total = max(self._pulse.done, self._pulse.total)
            self._report(Progress("pushing", self._pulse.done, total))


def _mark(store: Store, remote: Remote) -> None:
    """Say on a remote how objects are laid out there, before the first of them."""
    if not check_format(remote):
        path = store.temporary_folder / "format"
        write_file(path, orjson.dumps(FORMAT) + b"\n")
        remote.put(path, "format", lambda _: None)


def _mended(
    remote: Remote, holding: Holding, wanted: Sequence[str], report: Report | None, *, reread: bool
) -> list[str]:
    """The objects that a remote has, but not whole; with `reread` all that it has is hashed."""
    bad = {copy.name for copy in holding.cut if copy.name not in holding.whole}
    if reread:
        copies = [copy for name in wanted for copy in holding.whole.get(name, ())]
        total, done = sum(copy.size for copy in copies), 0
        for copy in copies:
            if digest_there(remote, copy) != copy.digest:
                remote.delete(copy.path)
                bad.add(copy.name)
            done += copy.size
            if report is not None:
                report(Progress("reading", done, total))
    return sorted(bad.intersection(wanted))


def digest_there(remote: Remote, copy: Copy) -> Digest:
    """The SHA-256 of what a remote gives back for a copy; no more than its size is read."""
    hasher = hashlib.sha256()
    size = 0
    for piece in remote.get(copy.path):
        hasher.update(piece)
        size += len(piece)
        if size > copy.size:
            break
    return Digest(hasher.digest())


def _confirm(remote: Remote, wanted: Sequence[str], sent: Sequence[Copy], again: str) -> None:
    """Look whether a remote has what it was sent: that no call failed is no evidence."""
    holding = Holding.of(remote)
    lost = [name for name in wanted if name not in holding.whole]
    if remote.reads_back:
        lost += [copy.name for copy in sent if digest_there(remote, copy) != copy.digest]
    if lost:
        raise RemoteError(
            f"{remote.name}: {len(lost):,} objects were sent and are not there whole, such as "
            f"{lost[0]} on {remote.url}",
            kind="lost-on-remote",
            hint=again,
        )
