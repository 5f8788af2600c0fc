"""Repairing: whole objects in the place of those that are damaged or missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage.remotes.clone import Clone
from dslineage.remotes.copies import Holding
from dslineage.remotes.fetching import Wanted, layouts_of
from dslineage.remotes.mending import Offer, mend
from dslineage.remotes.selection import believed, in_documents
from dslineage.store.files import resource_errors
from dslineage.store.staging import set_aside
from dslineage.store.store import Store
from dslineage.verbs.remotes import opened, settings_of
from dslineage.verbs.verifying import checkpoint_of, verify
from dslineage.versions.needs import Needs
from dslineage.versions.roots import documents
from dslineage.versions.verified import Problem, Repaired
from dslineage.workspace import Workspace

if TYPE_CHECKING:
    from dslineage.versions.denied import DenyList
    from dslineage.versions.options import Report
    from dslineage.versions.verified import Scope, VerifyResult

_AGAIN = "dslineage verify --repair --max-age 1"
_DERIVED = ("views/", "measures/")


def repair(
    work: Workspace, sources: Sequence[str], report: Report | None, scope: Scope, *, urls: bool
) -> VerifyResult:
    """Verify, get whole objects, and verify those; see `Repository.repair`."""
    offers = [_offer(work, source) for source in sources or [""]]
    checkpoint = checkpoint_of(work, "here", scope)
    found = verify(work, report, scope, urls=urls, checkpoint=checkpoint)
    versions, all_known = _versions(work)
    bad = _bad(found.problems, versions)
    if not bad:
        return found
    denied = _denied(work)
    mended: dict[str, str] = {}
    for offer in offers:
        left = bad.difference(mended)
        needing = _needing(work.store, versions, left)
        if left:
            came = mend(work.store, offer, left, needing, report, again=_AGAIN, denied=denied)
            mended |= dict.fromkeys(came, offer.source.name)
    mended |= dict.fromkeys(_set_aside(work.store, bad - mended.keys(), versions, all_known), "")
    after = verify(work, report, scope, urls=urls, checkpoint=checkpoint)
    still = _bad(after.problems, versions)
    repaired = [Repaired(name, mended[name]) for name in sorted(mended) if name not in still]
    return replace(
        found,
        problems=after.problems,
        repaired=tuple(repaired),
        notices=after.notices,
    )


def _offer(work: Workspace, source: str) -> Offer:
    """Where whole objects may be had: a remote, the default one, or another clone.

    Raises:
        NotFoundError: there is no such remote and no such folder, or it is in no repository.
        UsageError: the folder is in this repository.
    """
    if not source or ("/" not in source and _is_remote(work, source)):
        remote = opened(work.git, source or None)
        return Offer(remote, partial(Holding.of, remote))
    path = work.here / source
    if not path.is_dir():
        raise NotFoundError(
            f"{source} is neither a remote nor a folder",
            kind="no-remote",
            hint="dslineage remote list",
        )
    folder = Workspace.open(path).store
    if folder.root.resolve() == work.store.root.resolve():
        raise UsageError(f"{source} has the same objects as this work tree", kind="same-objects")
    clone = Clone(folder, source)
    return Offer(clone, clone.holding)


def _is_remote(work: Workspace, name: str) -> bool:
    return name.lower() in {one.name for one in settings_of(work.git)}


def _versions(work: Workspace) -> tuple[list[Wanted], bool]:
    """Every version that git or a work tree has; those here alone, where one cannot be read."""
    try:
        return in_documents(documents(work.git)), True
    except IntegrityError:
        return believed(work.git), False


def _bad(problems: Iterable[Problem], versions: Iterable[Wanted]) -> set[str]:
    """The objects that are damaged or missing, and layouts of versions that are not as recorded."""
    problems = list(problems)
    wrong = {problem.name for problem in problems if problem.kind == "version"}
    layouts = [name for one in versions if one.title in wrong for name in layouts_of(one)]
    return {one.stored_as for one in problems if one.stored_as}.union(layouts)


def _denied(work: Workspace) -> DenyList | None:
    """What was forgotten, where the key is here by which that is known."""
    try:
        return work.deny_list
    except IntegrityError as error:
        if error.kind != "missing-key":
            raise
        return None


def _needing(store: Store, versions: Sequence[Wanted], bad: Collection[str]) -> list[Wanted]:
    """The versions that need some objects."""
    needs = _needs(store, versions)
    titles = {title for name in bad for title in needs.of(name.partition("/")[2])}
    return [one for one in versions if one.title in titles]


def _needs(store: Store, versions: Sequence[Wanted]) -> Needs:
    records = [one.record for one in versions]
    return Needs(Store(store.root), records, [one.step for one in versions if one.step])


def _set_aside(
    store: Store, bad: Iterable[str], versions: Sequence[Wanted], all_known: bool
) -> list[str]:
    """Set damaged objects aside that are computed again, or that no version needs any more."""
    needs = _needs(store, versions)
    all_known = all_known and needs.complete
    aside = [
        name
        for name in sorted(bad)
        if (store.root / name).exists()
        if name.startswith(_DERIVED) or (all_known and not needs.of(name.partition("/")[2]))
    ]
    with resource_errors(store.root), store.lock():
        for name in aside:
            set_aside(store, store.root / name)
    return aside
