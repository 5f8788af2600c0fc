"""Reading what a remote holds: every copy is hashed, and checked as if it were fetched."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError, RemoteError
from dslineage.ids import Digest
from dslineage.progress import Progress
from dslineage.remotes.checking import check_received
from dslineage.remotes.copies import Copy
from dslineage.remotes.parallel import Pulse, each
from dslineage.remotes.remote import Remote
from dslineage.store.files import resource_errors

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.versions.checkpoint import Checkpoint

_BY_CONTENT = ("blobs/", "keys/")
"""Objects whose name is the hash of their bytes, so that these need not be kept to be checked."""


class Reading:
    """Reads copies, those of one pack together: its columns say what its texts have to be.

    `bad` says what is wrong with a copy, `gone` are those that vanished since they were listed, and
    `read` those that were read.

    Args:
        remote: where they are.
        folder: where a copy may be for as long as it is looked at.
        checkpoint: where it is noted what is right.
        report: called as the work goes on.
        stall_seconds: how long the remote may be silent.
    """

    def __init__(
        self,
        remote: Remote,
        folder: Path,
        checkpoint: Checkpoint,
        report: Report | None,
        stall_seconds: float,
    ) -> None:
        self.bad: dict[Copy, str] = {}
        self.gone: set[Copy] = set()
        self.read: list[Copy] = []
        self._remote = remote
        self._folder = folder
        self._checkpoint = checkpoint
        self._report = report
        self._stall_seconds = stall_seconds
        self._lock = Lock()
        self._pulse = Pulse(0)

    def run(self, wanted: Collection[Copy], everything: Iterable[Copy]) -> None:
        """Read some copies, and the columns that these need.

        Args:
            wanted: the copies.
            everything: what there is.

        Raises:
            RemoteError: the remote refuses or goes away; what was read is noted.
        """
        groups: dict[str, list[Copy]] = defaultdict(list)
        chosen = set(wanted)
        owners = {_owner(copy) for copy in chosen}
        for copy in sorted(everything, key=_columns_first):
            if copy in chosen or (_is_columns(copy) and _owner(copy) in owners):
                groups[_owner(copy)].append(copy)
        self._pulse.total = sum(copy.size for group in groups.values() for copy in group)
        each(
            list(groups.items()),
            lambda group: self._read_together(*group),
            jobs=self._remote.jobs,
            pulse=self._pulse,
            tick=self._tick,
            stall_seconds=self._stall_seconds,
        )

    def so_far(self) -> str:
        """How far the work came, in words."""
        return f"{len(self.read):,} copies were read and are noted"

    def _read_together(self, owner: str, copies: Sequence[Copy]) -> None:
        folder = self._folder / owner.replace("/", ".")
        columns: list[Path] = []
        try:
            for number, copy in enumerate(copies):
                place = folder / str(number) / copy.name.rpartition("/")[2]
                wrong = self._wrong(copy, place, columns)
                with self._lock:
                    self.read.append(copy)
                    if wrong:
                        self.bad[copy] = wrong
                if not wrong and copy not in self.gone:
                    self._checkpoint.note(copy.path, "")
                    if _is_columns(copy):
                        columns.append(place.parent)
                        continue
                place.unlink(missing_ok=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _wrong(self, copy: Copy, place: Path, columns: Sequence[Path]) -> str:
        """What is wrong with a copy; an empty text where it is right."""
        try:
            with resource_errors(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                self._get(copy, place)
        except RemoteError as error:
            if error.kind != "missing-on-remote":
                raise
            self.gone.add(copy)
            return ""
        except IntegrityError as error:
            return error.message
        if copy.name.startswith(_BY_CONTENT):
            right = copy.digest.hex == place.name
            return "" if right else "its bytes have another hash"
        if copy.name.endswith(".rows") or not _of_pack(copy):
            return _refusal(copy, place, place.parent)
        refusals = [_refusal(copy, place, folder) for folder in columns]
        return "" if "" in refusals or not refusals else refusals[0]

    def _get(self, copy: Copy, place: Path) -> None:
        """Read a copy and, unless its hash is enough, keep it at a place.

        Raises:
            IntegrityError: it has other bytes than its name says.
        """
        hasher, size = hashlib.sha256(), 0
        kept = not copy.name.startswith(_BY_CONTENT)
        with place.open("wb") if kept else nullcontext() as handle:
            for piece in self._remote.get(copy.path):
                size += len(piece)
                if size > copy.size:
                    break
                hasher.update(piece)
                if handle is not None:
                    handle.write(piece)
                self._pulse.beat(len(piece))
        if size != copy.size or Digest(hasher.digest()) != copy.digest:
            raise IntegrityError("it has other bytes than were sent", kind="damaged-on-remote")

    def _tick(self) -> None:
        if self._report is not None:
            total = max(self._pulse.done, self._pulse.total)
            self._report(Progress("reading", self._pulse.done, total))


def _refusal(copy: Copy, place: Path, columns: Path) -> str:
    """Why a copy would not be taken by a fetch that has some columns."""
    try:
        check_received(copy.name, place, columns)
    except IntegrityError as error:
        return error.message.removeprefix(f"damaged object {place.name}: ")
    return ""


def _of_pack(copy: Copy) -> bool:
    return copy.name.startswith(("packs/", "views/", "measures/"))


def _is_columns(copy: Copy) -> bool:
    return copy.name.endswith(".rows")


def _owner(copy: Copy) -> str:
    """The pack that a copy belongs to, or the object that it is of."""
    return copy.name.partition("/")[2].partition(".")[0] if _of_pack(copy) else copy.name


def _columns_first(copy: Copy) -> tuple[bool, str]:
    return not _is_columns(copy), copy.path
