"""Getting objects from a remote: each is checked by its name before it is one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from filecmp import cmp
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from dslineage.disk import make_folder, sync_directory
from dslineage.errors import IntegrityError, ResourceError
from dslineage.ids import Digest
from dslineage.progress import Progress
from dslineage.remotes.checking import check_received
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.parallel import STALL_SECONDS, Pulse, answered, each
from dslineage.remotes.parts import gathered, gathering
from dslineage.remotes.remote import Source
from dslineage.remotes.screening import screen
from dslineage.room import free_bytes
from dslineage.store.files import resource_errors
from dslineage.store.inventory import Entry, Inventory
from dslineage.store.layout import Layout
from dslineage.store.sparse import sparse_path
from dslineage.store.staging import set_aside

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store
    from dslineage.versions.denied import DenyList

_PIECE = 1 << 20

T = TypeVar("T")


class Receiving:
    """Gets objects from a remote, each into a staging store and then into its place.

    `damaged` says what is wrong with copies that were not taken, by the object's name; `objects`,
    `stretches` of texts, and `bytes` count what was taken; `placed` names what is in its place now.

    Args:
        store: where the objects go.
        staged: a staging store over it.
        source: where they come from.
        report: called as the work goes on.
        stall_seconds: how long the remote may be silent.
        bad: objects that are here and not whole: they are set aside when whole ones come.
        denied: what was forgotten: its bytes are left out of what comes.
    """

    def __init__(
        self,
        store: Store,
        staged: Store,
        source: Source,
        report: Report | None,
        stall_seconds: float = STALL_SECONDS,
        *,
        bad: Collection[str] = (),
        denied: DenyList | None = None,
    ) -> None:
        self.staged = staged
        self.damaged: dict[str, str] = {}
        self.placed: list[str] = []
        self.objects = 0
        self.stretches = 0
        self.bytes = 0
        self.store = store
        self.source = source
        self._bad = set(bad)
        self._denied = denied
        self.holding = Holding({}, ())
        self._report = report
        self._stall_seconds = stall_seconds
        self._lock = Lock()
        self.pulse = Pulse(0)

    def look(self, holding: Callable[[], Holding]) -> None:
        """Find out what the source has."""
        self.holding = answered(holding, self._stall_seconds)

    def has(self, name: str) -> bool:
        """Whether an object is here, or in the staging store."""
        return self.waits(name) or self._is_here(name)

    def waits(self, name: str) -> bool:
        """Whether an object came and is not in its place."""
        return (self.staged.root / name).exists()

    def _is_here(self, name: str) -> bool:
        return (self.store.root / name).exists() and name not in self._bad

    def known(self) -> Inventory:
        """All that is here, in the staging store, or whole on the remote."""
        objects = dict.fromkeys(self.holding.whole, Entry(0, 0.0))
        for folder in (self.store, self.staged):
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
            if name in self.holding.whole and not self._is_here(name)
        ]
        copies = [self.holding.whole[name][0] for name in missing]
        size = sum(copy.size for copy in copies)
        self.check_room(size - gathered(self.store, copies))
        self.pulse.total += size
        self.together(missing, lambda name: self._take(name, kept_back=kept_back))

    def together(self, things: Sequence[T], do: Callable[[T], None]) -> None:
        """Do something with each thing, several at once; what comes beats the pulse."""
        self.pulse.beat(0)
        each(
            things,
            do,
            jobs=self.source.jobs,
            pulse=self.pulse,
            tick=self._tick,
            stall_seconds=self._stall_seconds,
        )

    def so_far(self) -> str:
        """How far the work came, in words."""
        if not self.objects + self.stretches:
            return "nothing was fetched"
        some = f" and {self.stretches:,} stretches of texts" if self.stretches else ""
        return f"{self.objects:,} objects{some} were fetched and are kept"

    def _take(self, name: str, *, kept_back: bool) -> None:
        staged = self.staged.root / name
        copies = self.holding.whole[name]
        for copy in copies:
            try:
                self._download(copy, staged)
                check_received(name, staged, self.store.packs_folder)
                screen(name, staged, self.store, self._denied)
            except IntegrityError as error:
                staged.unlink(missing_ok=True)
                with self._lock:
                    self.damaged[name] = error.message
                continue
            if copy is not copies[-1] and not self._stands(name, staged):
                continue
            if not kept_back:
                self.place(name)
            with self._lock:
                self.damaged.pop(name, None)
                self.objects += 1
                self.bytes += copy.size
            return

    def _stands(self, name: str, staged: Path) -> bool:
        """Whether an object is no layout over packs that are nowhere; another may be over more."""
        if not name.startswith("layouts/"):
            return True
        packs = Layout.decode(staged.read_bytes(), staged.name).packs
        rows = [f"packs/{pack.hex}.rows" for pack in packs]
        return all(one in self.holding.whole or self._is_here(one) for one in rows)

    def place(self, name: str) -> None:
        """Move an object that was checked from the staging store into its place."""
        staged, target = self.staged.root / name, self.store.root / name
        bad = name in self._bad
        self._bad.discard(name)
        with resource_errors(target):
            make_folder(target.parent)
            if bad and target.exists() and cmp(staged, target, shallow=False):
                return
            with self.store.lock() if bad else nullcontext():
                if bad:
                    set_aside(self.store, target)
                staged.replace(target)
            sync_directory(target.parent)
            if target.suffix == ".rows":  # which may say that others of its rows are forgotten
                sparse_path(self.store.root, Digest(bytes.fromhex(target.stem))).unlink(
                    missing_ok=True
                )
        self.placed.append(name)

    def _download(self, copy: Copy, target: Path) -> None:
        """Write the bytes of a copy to a file, going on where the line broke the last time.

        Raises:
            IntegrityError: they are not those that its name says.
        """
        with resource_errors(target), gathering(self.store, copy, target) as handle:
            resumed = handle.seek(0, os.SEEK_END) > 0
            right = self._gather(copy, handle)
            if resumed and not right:  # a power cut may have taken what was written last
                handle.truncate(0)
                right = self._gather(copy, handle)
            if not right:
                raise IntegrityError(
                    f"{self.source.url} gives other bytes for {copy.name} than were sent",
                    kind="damaged-on-remote",
                )
            handle.flush()
            os.fsync(handle.fileno())

    def _gather(self, copy: Copy, handle: BinaryIO) -> bool:
        """Get the bytes of a copy that a file has not; whether it then has just those."""
        hasher, size = hashlib.sha256(), 0
        handle.seek(0)
        while piece := handle.read(_PIECE):
            hasher.update(piece)
            size += len(piece)
        self.pulse.beat(size)
        for piece in self.source.get(copy.path, size) if size < copy.size else ():
            size += len(piece)
            if size > copy.size:
                break
            hasher.update(piece)
            handle.write(piece)
            self.pulse.beat(len(piece))
        return size == copy.size and Digest(hasher.digest()) == copy.digest

    def check_room(self, size: int) -> None:
        """Refuse to fetch so many bytes where there is no room for them.

        Raises:
            ResourceError: there is none.
        """
        free = free_bytes(self.store.root)
        if size > free:
            raise ResourceError(
                f"{size:,} bytes are to be fetched, and {free:,} are free in {self.store.root}; "
                "nothing was fetched",
                kind="enospc",
                hint="make room, then run the same command again",
            )

    def _tick(self) -> None:
        if self._report is not None:
            total = max(self.pulse.done, self.pulse.total)
            self._report(Progress("fetching", self.pulse.done, total))
