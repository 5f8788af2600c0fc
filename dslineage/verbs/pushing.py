"""Pushing: the objects of versions, sent to a remote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from dslineage.remotes.claims import Claim, Need, clone_id
from dslineage.remotes.copies import Holding
from dslineage.remotes.encodings import Encodings, Planned, key_of
from dslineage.remotes.fetching import Wanted, layouts_of
from dslineage.remotes.marks import marked
from dslineage.remotes.parallel import answered, explained
from dslineage.remotes.result import PushResult, RemoteStatus, VersionHeld
from dslineage.remotes.sending import send
from dslineage.store.closure import Closure
from dslineage.store.inventory import Inventory
from dslineage.versions.denied import key_names
from dslineage.versions.denying import refuse_kept

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
    store = work.store
    store.prepare()
    refuse_kept(work.git, store)
    again = f"dslineage push --remote {remote.name}"
    with explained(remote.name, lambda: "nothing was sent", again):
        planned = _planned(work, remote, versions, as_here=reread)
    keys = chain.from_iterable(key_names(work.git))
    beside = frozenset(name for name in keys if (store.root / name).exists())
    needs = {
        version.record.id: Need(one.need.title, one.need.keys | beside)
        for version, one in planned
        if one.whole
    }
    stamp = work.stamp("")
    clone = clone_id(work.git.common_dir, store)
    claim = Claim(clone, stamp.author, stamp.created_at, needs)
    names = beside.union(*(one.names for _, one in planned))
    sent = send(store, remote, names, report, again=again, claim=claim, reread=reread)
    partly = tuple(version.title for version, one in planned if not one.whole)
    return PushResult(remote.name, remote.url, len(versions), sent, partly)


def held(work: Workspace, remote: Remote, versions: Sequence[Wanted]) -> RemoteStatus:
    """Which versions are whole here and on a remote; see `Remotes.status`."""
    with explained(remote.name, lambda: "nothing was looked at", ""):
        paths = answered(partial(marked, remote))
        whole = answered(partial(Holding.of, remote))
        holding = whole.without(paths)
        encodings = Encodings(_closure(work), remote, holding)
        planned = answered(partial(encodings.of_versions, versions))
    found = []
    unsent: set[str] = set()
    for version, one in zip(versions, planned, strict=True):
        missing = sorted(name for name in one.names if key_of(work.store, name) not in holding.keys)
        unsent.update(missing)
        there = not missing and all(name in holding.whole for name in layouts_of(version))
        found.append(VersionHeld(version.title, one.whole, there, tuple(missing)))
    size = sum(encodings.closure.inventory.objects[name].size for name in unsent)
    sizes = {copy.path: copy.size for copy in whole.copies}
    return RemoteStatus(
        remote=remote.name,
        url=remote.url,
        versions=tuple(found),
        bytes=size,
        files=len(sizes),
        held=sum(sizes.values()),
        marked=sum(size for path, size in sizes.items() if path in paths),
    )


def _planned(
    work: Workspace, remote: Remote, versions: Sequence[Wanted], *, as_here: bool
) -> list[tuple[Wanted, Planned]]:
    """What versions need on a remote; with `as_here`, in the encoding that they have here."""
    holding = Holding({}, ()) if as_here else answered(partial(_reliable, remote))
    encodings = Encodings(_closure(work), remote, holding)
    planned = answered(partial(encodings.of_versions, versions))
    return list(zip(versions, planned, strict=True))


def _reliable(remote: Remote) -> Holding:
    """What a remote holds and nobody is about to delete."""
    paths = marked(remote)
    return Holding.of(remote).without(paths)


def _closure(work: Workspace) -> Closure:
    store = work.store
    return Closure(store, Inventory.of(store))
