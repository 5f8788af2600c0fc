"""Pushing: the objects of versions, sent to a remote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.remotes.copies import Holding
from dslineage.remotes.fetching import Wanted, layouts_of
from dslineage.remotes.parallel import answered, explained
from dslineage.remotes.result import PushResult, RemoteStatus, VersionHeld
from dslineage.remotes.sending import send
from dslineage.store.closure import Closure
from dslineage.store.inventory import Inventory
from dslineage.versions.denied import key_name

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.remotes.remote import Remote
    from dslineage.workspace import Workspace


def push(
    work: Workspace,
    remote: Remote,
    versions: Sequence[Wanted],
    report: Report | None,
    *,
    reread: bool,
) -> PushResult:
    """Send what versions need and a remote has not; see `Remotes.push`."""
    names, partly = _needed(work, versions)
    store = work.store
    names.update(name for name in key_name(work.root) if (store.root / name).exists())
    store.prepare()
    again = f"dslineage push --remote {remote.name}"
    sent = send(store, remote, names, report, again=again, reread=reread)
    return PushResult(remote.name, remote.url, len(versions), sent, tuple(partly))


def held(work: Workspace, remote: Remote, versions: Sequence[Wanted]) -> RemoteStatus:
    """Which versions are whole here and on a remote; see `Remotes.status`."""
    closure = _closure(work)
    with explained(remote.name, lambda: "nothing was looked at", ""):
        holding = answered(partial(Holding.of, remote))
    found = []
    unsent: set[str] = set()
    for version in versions:
        needed = _needs(closure, version)
        missing = sorted(needed.difference(holding.whole))
        unsent.update(missing)
        there = not missing and all(name in holding.whole for name in layouts_of(version))
        found.append(VersionHeld(version.title, bool(needed), there, tuple(missing)))
    size = sum(closure.inventory.objects[name].size for name in unsent)
    return RemoteStatus(remote.name, remote.url, tuple(found), size)


def _needed(work: Workspace, versions: Sequence[Wanted]) -> tuple[set[str], list[str]]:
    """The objects that versions need, and the versions that are not whole here."""
    closure = _closure(work)
    needs = {version.title: _needs(closure, version) for version in versions}
    partly = [title for title, names in needs.items() if not names]
    return set().union(*needs.values()), partly


def _closure(work: Workspace) -> Closure:
    store = work.store
    return Closure(store, Inventory.of(store))


def _needs(closure: Closure, version: Wanted) -> set[str]:
    """The objects that a version needs; none where it is not whole here."""
    try:
        needed = closure.of_version(version.record, version.step)
    except IntegrityError as error:
        if error.kind != "missing-object":
            raise
        return set()
    return needed if needed <= closure.inventory.objects.keys() else set()
