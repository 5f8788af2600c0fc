"""Collecting garbage: objects that no version needs any more, and packs worth writing anew."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dslineage.versions.collecting import collect
from dslineage.versions.garbage import GRACE_DAYS

if TYPE_CHECKING:
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
