"""Every reader of bytes that others may have written, with valid bytes for each: the table."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fuzz import caches, datafiles, documents, notes, objects, recordfiles, remotefiles
from tests.fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    **datafiles.TARGETS,
    **recordfiles.TARGETS,
    **objects.TARGETS,
    **remotefiles.TARGETS,
    **documents.TARGETS,
    **notes.TARGETS,
    **caches.TARGETS,
}
