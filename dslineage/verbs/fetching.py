"""Fetching: the objects of versions, brought from a remote, and their files put in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.remotes.fetching import Wanted
from dslineage.remotes.fetching import fetch as fetched
from dslineage.remotes.result import FetchResult
from dslineage.verbs.checkouts import checkout
from dslineage.versions.denied import key_name

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.remotes.remote import Remote
    from dslineage.workspace import Workspace


def fetch(
    work: Workspace,
    remote: Remote,
    versions: Sequence[Wanted],
    report: Report | None,
    *,
    texts: bool,
    verb: str = "fetch",
) -> FetchResult:
    """Bring what versions need and is not here; see `Remotes.fetch`.

    `verb` is the command that goes on after a failure.
    """
    again = f"dslineage {verb} --remote {remote.name}"
    key = key_name(work.root)
    found = fetched(work.store, remote, versions, report, again=again, others=key, texts=texts)
    return FetchResult(remote.name, remote.url, len(versions), found)


def pull(
    work: Workspace, remote: Remote, versions: Sequence[Wanted], report: Report | None
) -> FetchResult:
    """Bring what versions need, and write the files that pointers name; see `Remotes.pull`."""
    result = fetch(work, remote, versions, report, texts=True, verb="pull")
    written: list[Path] = []
    unwritten: list[str] = []
    here = {version.record.id: version.title for version in versions}
    for file in work.catalog.pointers():
        title = here.get(file.pointer.id)
        if title is not None and title not in result.fetched.incomplete:
            try:
                written += checkout(work, [f"{file.pointer.dataset}@latest"], force=False).files
            except IntegrityError as error:
                if error.kind != "forgotten":
                    raise
                unwritten.append(f"{title}: {error.message}")
    return replace(result, written=tuple(written), unwritten=tuple(unwritten))
