"""Pushing: the objects of versions, sent to a remote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.remotes.copies import Holding
from dslineage.remotes.fetching import Wanted
from dslineage.remotes.parallel import answered, explained
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
    names, partly = _needed(work, versions)
    store = work.store
    store.prepare()
    again = f"dslineage push --remote {remote.name}"
    sent = send(store, remote, names, report, again=again, reread=reread)
    return PushResult(remote.name, remote.url, len(versions), sent, tuple(partly))


def unsent(work: Workspace, remote: Remote, versions: Sequence[Wanted]) -> list[str]:
    """The objects of versions that a remote has not whole; a version that is not here has none.

    Raises:
        RemoteError: the remote refuses or goes away.
    """
    names, _ = _needed(work, versions)
    with explained(remote.name, lambda: "nothing was looked at", ""):
        holding = answered(partial(Holding.of, remote))
    return sorted(names.difference(holding.whole))


def _needed(work: Workspace, versions: Sequence[Wanted]) -> tuple[set[str], list[str]]:
    """The objects that versions need, and the versions that are not whole here."""
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
    return names, partly
