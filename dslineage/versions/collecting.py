"""Collecting garbage: deleting what nothing needs, and packing anew what is worth it.

What is dead is deleted first, under the lock of writers, layouts before what they need: a full disk
must not stand in the way. Then rows are copied in a staging folder, without a lock; and, under the
lock, it is asked again what is needed, and new packs go into place before the layouts over them,
each by one rename, and old packs after that. So a kill leaves nothing but objects that nothing
needs, and whoever reads meanwhile sees one layout or the other, both whole.
"""

from __future__ import annotations

import fcntl
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from dslineage.disk import make_folder, sync_directory
from dslineage.errors import LockedError, UsageError
from dslineage.room import needing
from dslineage.store.files import resource_errors
from dslineage.store.inventory import Entry
from dslineage.store.repacking import Group, Moves, copied, size_of, worth_repacking
from dslineage.store.sparse import sweep_sparse
from dslineage.store.staging import publish, staging, sweep_abandoned
from dslineage.store.store import Store
from dslineage.versions.garbage import (
    DAY,
    GarbageResult,
    Repacked,
    Survey,
    planned,
    refuse_everything,
    refuse_lost,
    survey,
)
from dslineage.versions.git import Git
from dslineage.versions.options import Progress, Report
from dslineage.versions.publishing import recover_locked
from dslineage.versions.roots import Names, documents

_ORDER = ("layouts", "media", "links", "measures", "views", "packs", "blobs", "keys")
_CACHED = ("views", "measures", "ragged")


def collect(
    git: Git,
    store: Store,
    now: float,
    grace_days: float,
    report: Report | None = None,
    *,
    delete: bool,
    accept_lost: bool = False,
) -> GarbageResult:
    """Say what nothing needs and, with `delete`, delete it, and pack anew what is left.

    Args:
        git: the repository.
        store: its objects.
        now: the time, in seconds since 1970.
        grace_days: what was written less long ago is kept.
        report: called as the work goes on.
        delete: whether to do it.
        accept_lost: go on although a version that something was made of has no record.

    Raises:
        IntegrityError: something that says what is needed cannot be read; nothing was deleted.
        UsageError: everything would go.
        LockedError: somebody else writes for too long.
    """
    if store.root.is_symlink():
        raise UsageError(
            f"{store.root} is a link: another repository may need what is in it",
            kind="shared-objects",
            hint="run it where the objects are, once every repository has its own",
        )
    if store.shared_path.exists():
        raise UsageError(
            f"another repository linked to {store.root} and wrote to it: it may need what is in it",
            kind="shared-objects",
            hint=f"once none links to it any more: rm {shlex.quote(str(store.shared_path))}",
        )
    asked = _Asked(git, store, now - grace_days * DAY, accept_lost)
    if not delete:
        found = asked.survey()
        groups = worth_repacking(found.inventory, found.marks)
        repacked = planned(groups, found) if groups else None
        return _result(found, grace_days, found.dead, repacked)
    make_folder(store.root)
    with resource_errors(store.root), alone(store):
        sweep_abandoned(store.temporary_folder)
        _sweep(store, now - DAY)
        with store.lock():
            recover_locked(git)
            found = asked.survey()
            _remove(store, found)
        dead = found.dead
        groups = worth_repacking(found.inventory, found.marks)
        if not groups:
            return _result(found, grace_days, dead, None, deleted=True)
        repacked = planned(groups, found)
        size = size_of(groups, found.inventory)
        with (
            needing(store.root, size, "up to "),
            resource_errors(store.root),
            staging(store) as staged,
        ):
            moves = copied(staged, groups, _counting(groups, report))
            with store.lock():
                found = asked.survey()
                if moves.applied(staged, found.layouts):
                    repacked = replace(repacked, into=len(staged.own_pack_names()))
                    if grace_days > 0:
                        _touch(store, found, moves)
                    publish(staged, store)
                    found = asked.survey()
                    _remove(store, found)
                    dead = {**dead, **found.dead}
    return _result(found, grace_days, dead, repacked, moves, deleted=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `collect` was asked."""

    git: Git
    store: Store
    before: float
    accept_lost: bool

    def survey(self) -> Survey:
        """What nothing needs, as it is now."""
        names = Names.of(documents(self.git))
        if not self.accept_lost:
            refuse_lost(names)
        root, durable = self.store.root, self.store.durable
        found = survey(Store(root, durable=durable), names, self.before)
        refuse_everything(found, self.store)
        return found


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Keep others from collecting or forgetting at the same time, by a lock of the kernel.

    Raises:
        LockedError: somebody does.
        IntegrityError: to delete here takes a newer release.
    """
    store.require("delete")
    with (store.root / "collecting").open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"another process collects the garbage of {store.root}, or forgets examples",
                hint="wait until it has finished",
            ) from None
        yield


def _touch(store: Store, found: Survey, moves: Moves) -> None:
    """Let packs that are written anew, and what stands beside them, stay for another grace time."""
    for name in found.inventory.objects:
        if _pack_of(name) in {pack.hex for pack in moves.numbers}:
            os.utime(store.root / name)


def _remove(store: Store, found: Survey) -> None:
    """Delete what is dead, layouts first, and what is cached of packs that are gone."""
    for folder in _ORDER:
        names = [name for name in found.dead if name.startswith(f"{folder}/")]
        for name in sorted(names):
            (store.root / name).unlink(missing_ok=True)
        if names and store.durable:
            sync_directory(store.root / folder)
    packs = {name.stem for name in store.packs_folder.glob("*.rows")}
    for folder in _CACHED:
        for path in (store.root / "cache" / folder).glob("*.*"):
            if path.name.partition(".")[0] not in packs:
                path.unlink(missing_ok=True)
    sweep_sparse(store.root)


def _sweep(store: Store, before: float) -> None:
    """Remove temporary files that killed writers left: no writer needs one for as long as this."""
    places = (".*.tmp", "*/.*.tmp", "tmp/*")
    for path in {path for place in places for path in store.root.glob(place)}:
        with suppress(FileNotFoundError):
            if path.suffix != ".owner" and path.is_file() and path.stat().st_mtime < before:
                path.unlink()


def _pack_of(name: str) -> str:
    """The hex digits of the pack that an object is, or stands beside; else an empty text."""
    folder, _, file = name.partition("/")
    return file.partition(".")[0] if folder in {"packs", "views", "measures"} else ""


def _result(
    found: Survey,
    grace_days: float,
    dead: Mapping[str, Entry],
    repacked: Repacked | None,
    moves: Moves | None = None,
    *,
    deleted: bool = False,
) -> GarbageResult:
    """What was found and, where it was done, deleted and moved."""
    objects = found.inventory.objects
    moved = {pack.hex for pack in moves.numbers} if moves and repacked and repacked.into else set()
    superseded = {name for name in found.young if _pack_of(name) in moved}
    kept = objects.keys() - found.dead.keys() - found.young.keys()
    return GarbageResult(
        deleted=deleted,
        grace_days=grace_days,
        kept=len(kept),
        kept_bytes=sum(objects[name].size for name in kept),
        dead={name: one.size for name, one in dead.items()},
        young={name: one.size for name, one in found.young.items() if name not in superseded},
        superseded={name: found.young[name].size for name in superseded},
        repacked=repacked,
    )


def _counting(groups: Sequence[Group], report: Report | None) -> Callable[[int], None]:
    """Report how many rows were copied so far."""
    total, done = sum(group.kept for group in groups), 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        if report is not None:
            report(Progress("packing anew", done, total))

    return count
