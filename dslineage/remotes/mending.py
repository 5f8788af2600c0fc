"""Putting whole objects in the place of damaged and missing ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dslineage.remotes.copies import Holding
from dslineage.remotes.fetching import Wanted, layouts_of, receive
from dslineage.remotes.parallel import STALL_SECONDS, explained
from dslineage.remotes.parts import sweep_parts
from dslineage.remotes.receiving import Receiving
from dslineage.remotes.remote import Source
from dslineage.store.staging import staging

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store
    from dslineage.versions.denied import DenyList


class Offer(NamedTuple):
    """Where whole objects may be had, and how to find out which."""

    source: Source
    holding: Callable[[], Holding]


def mend(
    store: Store,
    offer: Offer,
    bad: Collection[str],
    versions: Sequence[Wanted],
    report: Report | None,
    *,
    again: str,
    denied: DenyList | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> list[str]:
    """Get whole objects for those that are damaged or missing, as far as a source has them.

    Each is checked as any object that is fetched; the damaged one is set aside when the whole one
    is there. Where the source has a version in other packs, its layouts are taken with those.

    Args:
        store: where the objects go.
        offer: where they come from.
        bad: the objects that are damaged or missing here.
        versions: those that need them.
        report: called as the work goes on.
        again: the command that goes on after a failure.
        denied: what was forgotten: its bytes are left out of what comes.
        stall_seconds: how long the source may be silent.

    Returns:
        The objects that came and are in their places.

    Raises:
        RemoteError: the source refuses or goes away; what came before is kept.
        ResourceError: there is no room.
    """

    def attempt(bad: Collection[str], versions: Sequence[Wanted], *, whole: bool) -> list[str]:
        with staging(store) as staged:
            receiving = Receiving(
                store, staged, offer.source, report, stall_seconds, bad=bad, denied=denied
            )
            with explained(offer.source.name, receiving.so_far, again):
                receiving.look(offer.holding)
                needed = receive(receiving, versions, whole=whole)
                receiving.get([name for name in bad if name not in needed and not _is_layout(name)])
            return receiving.placed

    placed = attempt(bad, versions, whole=False)
    left = set(bad).difference(placed)
    if left and versions:
        layouts = {name for version in versions for name in layouts_of(version)}
        placed += attempt(left | layouts, versions, whole=True)
    sweep_parts(store)
    return placed


def _is_layout(name: str) -> bool:
    return name.startswith("layouts/")
