"""Getting objects from a remote: each is checked by its name before it is one."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from dslineage.disk import make_folder, sync_directory
from dslineage.errors import IntegrityError, ResourceError
from dslineage.ids import Digest
from dslineage.progress import Progress
from dslineage.remotes.checking import check_received
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.parallel import STALL_SECONDS, Pulse, answered, each
from dslineage.remotes.remote import Remote
from dslineage.store.files import resource_errors
from dslineage.store.inventory import Entry, Inventory

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store


class Receiving:
    """Gets objects from a remote, each into a staging store and then into its place.

    `damaged` says what is wrong with copies that were not taken, by the object's name; `objects`
    and `bytes` count what was taken.

    Args:
        store: where the objects go.
        staged: a staging store over it.
        remote: where they come from.
        report: called as the work goes on.
        stall_seconds: how long the remote may be silent.
    """

    def __init__(
        self,
        store: Store,
        staged: Store,
        remote: Remote,
        report: Report | None,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.staged = staged
        self.damaged: dict[str, str] = {}
        self.objects = 0
        self.bytes = 0
        self._store = store
        self._remote = remote
        self._holding = Holding({}, ())
        self._report = report
        self._stall_seconds = stall_seconds
        self._lock = Lock()
        self._pulse = Pulse(0)

    def look(self) -> None:
        """List what the remote has."""
        self._holding = answered(partial(Holding.of, self._remote), self._stall_seconds)

    def known(self) -> Inventory:
        """All that is here, in the staging store, or whole on the remote."""
        objects = dict.fromkeys(self._holding.whole, Entry(0, 0.0))
        for folder in (self._store, self.staged):
            objects |= Inventory.of(folder).objects
        return Inventory(objects, {})

    def get(self, names: Sequence[str], *, kept_back: bool = False) -> None:
        """Get those of some objects that are not here, as far as the remote has them whole.

        Args:
            names: the objects.
            kept_back: leave them in the staging store.

        Raises:
            RemoteError: the remote refuses or goes away; what came before is kept.
            ResourceError: there is no room for them here; none was asked for.
        """
        missing = [
            name
            for name in sorted(set(names))
            if name in self._holding.whole and not (self._store.root / name).exists()
        ]
        size = sum(self._holding.whole[name][0].size for name in missing)
        self._check_room(size)
        self._pulse.total += size
        each(
            missing,
            lambda name: self._take(name, kept_back=kept_back),
            jobs=self._remote.jobs,
            pulse=self._pulse,
            tick=self._tick,
            stall_seconds=self._stall_seconds,
        )

    def so_far(self) -> str:
        """How far the work came, in words."""
        if not self.objects:
            return "nothing was fetched"
        return f"{self.objects:,} objects were fetched and are kept"

    def _take(self, name: str, *, kept_back: bool) -> None:
        staged = self.staged.root / name
        for copy in self._holding.whole[name]:
            try:
                self._download(copy, staged)
                check_received(name, staged, self._store.packs_folder)
            except IntegrityError as error:
                staged.unlink(missing_ok=True)
                with self._lock:
                    self.damaged[name] = error.message
                continue
            if not kept_back:
                self.place(name)
            with self._lock:
                self.damaged.pop(name, None)
                self.objects += 1
                self.bytes += copy.size
            return

    def place(self, name: str) -> None:
        """Move an object that was checked from the staging store into its place."""
        target = self._store.root / name
        with resource_errors(target):
            make_folder(target.parent)
            (self.staged.root / name).replace(target)
            sync_directory(target.parent)

    def _download(self, copy: Copy, target: Path) -> None:
        """Write the bytes of a copy to a file.

        Raises:
            IntegrityError: they are not those that its name says.
        """
        hasher = hashlib.sha256()
        size = 0
        with resource_errors(target), target.open("wb") as handle:
            for piece in self._remote.get(copy.path):
                size += len(piece)
                if size > copy.size:
                    break
                hasher.update(piece)
                handle.write(piece)
                self._pulse.beat(len(piece))
            handle.flush()
            os.fsync(handle.fileno())
        if size != copy.size or Digest(hasher.digest()) != copy.digest:
            raise IntegrityError(
                f"{self._remote.url} gives other bytes for {copy.name} than were sent",
                kind="damaged-on-remote",
            )

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self._store.root).free
        if size > free:
            raise ResourceError(
                f"{size:,} bytes are to be fetched, and {free:,} are free in {self._store.root}; "
                "nothing was fetched",
                kind="enospc",
                hint="make room, then run the same command again",
            )

    def _tick(self) -> None:
        if self._report is not None:
            total = max(self._pulse.done, self._pulse.total)
            self._report(Progress("fetching", self._pulse.done, total))
