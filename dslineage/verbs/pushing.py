"""Pushing: the objects of versions, sent to a remote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.remotes.fetching import Wanted
from dslineage.remotes.result import PushResult
from dslineage.remotes.sending import send
from dslineage.store.closure import Closure
from dslineage.store.inventory import Inventory

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
    inventory = Inventory.of(store)
    closure = Closure(store, inventory)
    names: set[str] = set()
    partly: list[str] = []
    for version in versions:
        try:
            needed = closure.of_version(version.record, version.step)
        except IntegrityError as error:
            if error.kind != "missing-object":
                raise
            needed = set()
        if needed and needed <= inventory.objects.keys():
            names |= needed
        else:
            partly.append(version.title)
    store.prepare()
    sent = send(store, remote, names, report, again=f"dslineage push --remote {remote.name}",
                reread=reread)  # fmt: skip
    return PushResult(remote.name, remote.url, len(versions), sent, tuple(partly))
