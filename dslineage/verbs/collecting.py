"""Collecting garbage: objects that no version needs any more, here and on remotes."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from dslineage.remotes.claims import Claim, Need, clone_id
from dslineage.remotes.encodings import keys_here
from dslineage.remotes.fetching import layouts_of
from dslineage.remotes.garbage import Roots
from dslineage.remotes.selection import in_documents
from dslineage.remotes.sweeping import collect as collect_remote
from dslineage.store.closure import Closure
from dslineage.store.inventory import Inventory
from dslineage.versions.collecting import collect
from dslineage.versions.garbage import BY_CONTENT, GRACE_DAYS, refuse_lost
from dslineage.versions.published import published
from dslineage.versions.roots import Names, documents

if TYPE_CHECKING:
    from dslineage.remotes.remote import Remote
    from dslineage.remotes.swept import Order, RemoteGarbage
    from dslineage.versions.garbage import GarbageResult
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace


def gc(
    work: Workspace,
    grace_days: float | None,
    report: Report | None,
    *,
    delete: bool,
    accept_lost: bool,
) -> GarbageResult:
    """Say what is garbage and, with `delete`, delete it; see `Repository.gc`."""
    return collect(
        work.git,
        work.store,
        time.time(),
        GRACE_DAYS if grace_days is None else grace_days,
        report,
        delete=delete,
        accept_lost=accept_lost,
    )


def gc_remote(
    work: Workspace, remote: Remote, order: Order, report: Report | None, *, accept_lost: bool
) -> RemoteGarbage:
    """Say what is garbage on a remote and mark or delete it; see `Remotes.gc`."""
    store = work.store
    if order.delete:
        store.prepare()
    stamp = work.stamp("")
    clone = clone_id(work.git.common_dir, store, new=order.delete)
    mine = Claim(clone, stamp.author, stamp.created_at, {})
    asked = partial(_roots, work, accept_lost=accept_lost)
    return collect_remote(store, remote, mine, asked, order, time.time(), report)


def _roots(work: Workspace, *, accept_lost: bool) -> Roots:
    """What this clone, and git's remotes, know of versions now."""
    carried = list(published(work.git))
    known = [*documents(work.git), *carried]
    names = Names.of(known)
    if not accept_lost:
        refuse_lost(names)
    store = work.store
    closure = Closure(store, Inventory.of(store))
    needs: dict[str, Need] = {}
    layouts = {}
    for version in in_documents(known):
        if keys := keys_here(closure, version):
            needs[version.record.id] = Need(version.title, keys)
        else:
            layouts[version.record.id] = layouts_of(version)
    return Roots(
        here=needs,
        layouts=layouts,
        known=frozenset(f"dataset:sha256:{digits}" for digits in names.versions),
        published=frozenset(f"dataset:sha256:{one}" for one in Names.of(carried).versions),
        content=frozenset(f"{kind}/{one}" for one in names.hashes for kind in BY_CONTENT),
    )
