"""Weighing: what the versions of a repository take on the disk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dslineage.versions.garbage import DAY, GRACE_DAYS
from dslineage.versions.roots import documents
from dslineage.versions.usage import usage

if TYPE_CHECKING:
    from dslineage.versions.usage import Usage
    from dslineage.workspace import Workspace


def du(work: Workspace) -> Usage:
    """What each version costs; see `Repository.du`."""
    return usage(work.store, documents(work.git), time.time() - GRACE_DAYS * DAY)
