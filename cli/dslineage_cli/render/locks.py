"""Who holds the lock of writers, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dslineage.verbs.unlocking import LockResult
    from dslineage_cli.page import Page


def locked(result: LockResult, into: Page) -> Page:
    """One line, and what to do where the holder may be gone."""
    if result.holder is None:
        into.add("nobody holds the lock")
    elif result.ended:
        into.add(f"{result.holder} holds the lock no more")
    elif result.here:
        into.add(f"{result.holder}, of this machine, holds the lock, or did until it ended")
    else:
        into.add(f"{result.holder} holds the lock; only that machine can say whether it still runs")
        into.add("where the machine is gone for good:")
        into.next(f"dslineage unlock --id {result.holder.id}")
    return into
