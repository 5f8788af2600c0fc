"""Fetching: the objects of versions, brought from a remote, and their files put in place."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff.exact import match_exactly
from dslineage.errors import IntegrityError, NotFoundError, UndecidableError, UsageError
from dslineage.remotes.fetching import Texts, Wanted
from dslineage.remotes.fetching import fetch as fetched
from dslineage.remotes.result import FetchResult
from dslineage.verbs.checkouts import checkout
from dslineage.verbs.comparing import diff
from dslineage.versions.denied import key_names
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.progress import Report
    from dslineage.records import DatasetRecord
    from dslineage.remotes.fetching import Reading
    from dslineage.remotes.remote import Remote
    from dslineage.store.store import Store
    from dslineage.workspace import Workspace

_WORDS: Mapping[Texts, Sequence[str]] = {
    "whole": (),
    "used": ("--sparse",),
    "changed": ("--changed",),
    "none": ("--no-texts",),
}
"""What is said on the command line to have some texts."""


def fetch(
    work: Workspace,
    remote: Remote,
    versions: Sequence[Wanted],
    report: Report | None,
    *,
    texts: Texts = "whole",
    refs: Sequence[str] = (),
    everything: bool = False,
    options: DiffOptions | None = None,
    verb: str = "fetch",
) -> FetchResult:
    """Bring what versions need and is not here; see `Remotes.fetch`.

    `refs` and `everything` are how the versions were asked for, and with `changed` `options` how
    the diff is; `verb` is the command that goes on after a failure.

    Raises:
        UsageError: what changed is asked of anything but two versions; nothing was fetched.
    """
    reading: Reading | None = None
    if texts == "used":
        reading = partial(_read_all, versions)
    elif texts == "changed":
        reading = partial(_read_changed, work, refs, _pair(work, versions, refs), options)
    words = [*refs, *(["--all"] if everything else []), *_WORDS[texts]]
    if texts == "changed" and options is not None and not options.metrics:
        words.append("--no-metrics")
    mine, others = key_names(work.git)
    found = fetched(
        work.store,
        remote,
        versions,
        report,
        again=shlex.join(["dslineage", verb, *words, "--remote", remote.name]),
        others=(*mine, *others),
        texts=texts,
        reading=reading,
    )
    lacking = tuple(one for one in found.lacking if one.name not in others)
    found = replace(found, lacking=lacking)
    return FetchResult(remote.name, remote.url, len(versions), found)


def _read_all(versions: Sequence[Wanted], store: Store) -> None:
    """Say that all examples of versions are about to be read."""
    for version in versions:
        store.expect(open_version(store, version.record).rows())


def _pair(
    work: Workspace, versions: Sequence[Wanted], refs: Sequence[str]
) -> tuple[DatasetRecord, DatasetRecord]:
    """The two versions of which it is asked what changed; `train v3` is not two to a diff."""
    if len(versions) == len(refs) == 2:
        with suppress(NotFoundError):
            older, newer = work.sides.versions(refs)
            return older.record, newer.record
    raise UsageError(
        f"what changed is asked of two versions, not of {' '.join(refs) or 'all'}",
        hint="dslineage fetch v3 v4 --changed",
    )


def _read_changed(
    work: Workspace,
    refs: Sequence[str],
    pair: tuple[DatasetRecord, DatasetRecord],
    options: DiffOptions | None,
    store: Store,
) -> None:
    """Read what a diff reads: first, at once, what only one of two versions has."""
    older, newer = (open_version(store, record) for record in pair)
    exact = match_exactly(older, newer)
    changed = exact.rows_before[exact.left_before], exact.rows_after[exact.left_after]
    store.expect(np.concatenate(changed))
    with suppress(UndecidableError):  # whoever asks for the diff is told
        diff(work, refs, options, None, None, store)


def pull(
    work: Workspace,
    remote: Remote,
    versions: Sequence[Wanted],
    report: Report | None,
    refs: Sequence[str] = (),
) -> FetchResult:
    """Bring what versions need, and write the files that pointers name; see `Remotes.pull`."""
    result = fetch(work, remote, versions, report, refs=refs, verb="pull")
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
