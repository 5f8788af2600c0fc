"""Verifying a remote, and sending what is whole here for what is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.remotes.checking import check_sent
from dslineage.remotes.claims import Need
from dslineage.remotes.encodings import keys_here, objects_here
from dslineage.remotes.fetching import Wanted
from dslineage.remotes.inspecting import Inspected, inspect, object_of
from dslineage.remotes.selection import believed
from dslineage.remotes.sending import send
from dslineage.store.closure import Closure
from dslineage.store.inventory import Inventory
from dslineage.verbs.pushing import push
from dslineage.verbs.verifying import checkpoint_of
from dslineage.versions.verified import Repaired

if TYPE_CHECKING:
    from dslineage.remotes.remote import Remote
    from dslineage.store.store import Store
    from dslineage.versions.checkpoint import Checkpoint
    from dslineage.versions.options import Report
    from dslineage.versions.verified import Scope, VerifyResult
    from dslineage.workspace import Workspace


def verify_remote(
    work: Workspace, remote: Remote, report: Report | None, scope: Scope
) -> VerifyResult:
    """Read what a remote holds, and look for what is missing; see `Remotes.verify`."""
    return _inspected(work, remote, report, scope, _checkpoint(work, remote, scope)).result


def repair_remote(
    work: Workspace, remote: Remote, report: Report | None, scope: Scope
) -> VerifyResult:
    """The same, and send what is whole here for what is not there; see `Remotes.verify`."""
    checkpoint = _checkpoint(work, remote, scope)
    found = _inspected(work, remote, report, scope, checkpoint)
    if not found.result.problems:
        return found.result
    store = work.store
    closure = Closure(store, Inventory.of(store))
    hurt = {title for problem in found.result.problems for title in problem.needed_by}
    sound = [
        version
        for version in believed(work.git)
        if version.title in hurt and _is_sound(closure, version, found.good)
    ]
    safe = frozenset(version.record.id for version in sound)
    lost = {problem.stored_as for problem in found.result.problems}
    same = {name for name in lost if not name.startswith("layouts/") and _are_sound(store, [name])}
    for copy in found.bad:
        needing = {id_ for id_, need in found.needs.items() if copy.key in need.keys}
        if copy.name in same or (needing and needing <= safe):
            remote.delete(copy.path)
    if sound:
        push(work, remote, sound, report, reread=False)
    again = f"dslineage verify --remote {remote.name} --repair --max-age 1"
    send(store, remote, same, report, again=again)
    after = _inspected(work, remote, report, scope, checkpoint)
    there = {object_of(key) for key in after.good}
    if spare := [copy for copy in after.bad if copy.name in there]:
        for copy in spare:
            remote.delete(copy.path)
        after = _inspected(work, remote, report, scope, checkpoint)
    still = {problem.stored_as for problem in after.result.problems}
    repaired = tuple(Repaired(name, "here") for name in sorted(lost - still))
    return replace(found.result, problems=after.result.problems, repaired=repaired)


def _checkpoint(work: Workspace, remote: Remote, scope: Scope) -> Checkpoint:
    digits = hashlib.sha256(remote.url.encode()).hexdigest()[:16]
    return checkpoint_of(work, f"{remote.name}-{digits}", scope)


def _inspected(
    work: Workspace,
    remote: Remote,
    report: Report | None,
    scope: Scope,
    checkpoint: Checkpoint,
) -> Inspected:
    closure = Closure(work.store, Inventory.of(work.store))
    here = {
        version.record.id: Need(version.title, _keys(closure, version))
        for version in believed(work.git)
    }
    return inspect(
        work.store,
        remote,
        here,
        checkpoint,
        report,
        again=f"dslineage verify --remote {remote.name} --resume",
        sample=scope.sample,
    )


def _keys(closure: Closure, version: Wanted) -> frozenset[str]:
    """What a version needs in the encoding of here; none where it is not whole here."""
    try:
        return keys_here(closure, version)
    except IntegrityError:
        return frozenset()


def _is_sound(closure: Closure, version: Wanted, there: frozenset[str]) -> bool:
    """Whether a version is whole here; what is good on the remote is not hashed here."""
    try:
        names = objects_here(closure, version)
    except IntegrityError:
        return False
    return bool(names) and _are_sound(closure.store, names - there)


def _are_sound(store: Store, names: Iterable[str]) -> bool:
    """Whether some objects are here as they were written."""
    try:
        for name in names:
            check_sent(name, store.root / name)
    except (IntegrityError, OSError):
        return False
    return True
