"""Trusting the code of a repository, file by file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.ids import Digest
from dslineage.quality.inside import repository_file
from dslineage.results import TrustResult
from dslineage.versions.catalog import relative_to

if TYPE_CHECKING:
    from dslineage.workspace import Workspace


def allow(work: Workspace, path: Path | str) -> TrustResult:
    """Let the code of a file run, until it is edited; see `Repository.allow`."""
    name = relative_to(work.root, work.here / path)
    file = repository_file(work.root, name, "trust")
    known = work.trust.allows(file, Digest.of(file.read_bytes()))
    return TrustResult(name, str(work.trust.grant(file)), trusted=True, changed=not known)


def disallow(work: Workspace, path: Path | str) -> TrustResult:
    """Take trust in a file back, whether it is there or not."""
    revoked = work.trust.revoke(work.here / path)
    return TrustResult(str(path), "", trusted=False, changed=revoked)
