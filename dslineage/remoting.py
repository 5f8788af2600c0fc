"""The facade of remotes: where objects are kept for other clones, and what goes there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.progress import Report
    from dslineage.remotes.dvcremote import DvcRemote
    from dslineage.remotes.fetching import Texts, Wanted
    from dslineage.remotes.result import (
        FetchResult,
        PushResult,
        RemoteChange,
        RemoteList,
        RemoteStatus,
    )
    from dslineage.remotes.swept import RemoteGarbage
    from dslineage.versions.verified import Scope, VerifyResult
    from dslineage.workspace import Workspace


@dataclass(frozen=True)
class Remotes:
    """The remotes of a repository, and the objects on them.

    >>> repo.remotes.push()
    """

    work: Workspace

    def list(self) -> RemoteList:
        """The remotes, by name, as DVC's configuration and ours say."""
        from dslineage.verbs.remotes import listed

        return listed(self.work.git)

    def add(
        self,
        name: str,
        url: str,
        options: Mapping[str, str] | None = None,
        *,
        local: bool = False,
        default: bool = False,
        force: bool = False,
    ) -> RemoteChange:
        """Say where a remote is, in a file that git carries, and stage that.

        The first remote is the default one.

        Args:
            name: what it is called.
            url: where it is: an address that DVC knows, or a folder, relative to `here`.
            options: options of DVC, such as `region`.
            local: say it in a file that git does not carry.
            default: make it the default.
            force: let it take the place of a remote of that name.

        Raises:
            UsageError: the name is taken or none, or a secret would be committed.
        """
        from dslineage.verbs.remotes import add

        return add(self.work, name, url, options or {}, local=local, default=default, force=force)

    def set(
        self, name: str, options: Mapping[str, str], *, local: bool = False, default: bool = False
    ) -> RemoteChange:
        """Set options of a remote; an empty value takes one away.

        Raises:
            NotFoundError: there is no such remote.
            UsageError: a secret would be committed.
        """
        from dslineage.verbs.remotes import change

        return change(self.work, name, options, local=local, default=default)

    def remove(self, name: str) -> RemoteChange:
        """Forget a remote; what it holds stays there.

        Raises:
            NotFoundError: our files do not speak of it.
        """
        from dslineage.verbs.remotes import remove

        return remove(self.work, name)

    def open(self, name: str | None = None) -> DvcRemote:
        """A remote, to be asked; by default the default one.

        Raises:
            NotFoundError: there is none.
            UsageError: what is said of it cannot be followed.
        """
        from dslineage.verbs.remotes import opened

        return opened(self.work.git, name)

    def status(self, name: str | None = None) -> RemoteStatus:
        """Which versions of the work tree are whole here, and which on a remote.

        Raises:
            RemoteError: the remote refuses or goes away.
        """
        from dslineage.verbs.pushing import held

        return held(self.work, self.open(name), self._versions(()))

    def push(
        self,
        *refs: str,
        remote: str | None = None,
        everything: bool = False,
        reread: bool = False,
        report: Report | None = None,
    ) -> PushResult:
        """Send the objects of versions that a remote has not, and look whether it has them all.

        Args:
            refs: versions; none, for all whose records are in the work tree.
            remote: its name; by default the default one.
            everything: those of every branch, tag, stash and work tree, too.
            reread: read back and hash what the remote has already.
            report: called as the work goes on.

        Raises:
            IntegrityError: an object is damaged here, or has bytes of what was forgotten; it was
                not sent.
            RemoteError: the remote refuses, goes away, is full, or lost what was sent.
        """
        from dslineage.verbs.pushing import push

        versions = self._versions(refs, everything=everything)
        return push(self.work, self.open(remote), versions, report, reread=reread)

    def fetch(
        self,
        *refs: str,
        remote: str | None = None,
        everything: bool = False,
        texts: Texts = "whole",
        options: DiffOptions | None = None,
        report: Report | None = None,
    ) -> FetchResult:
        """Bring the objects of versions that are not here; data files stay as they are.

        Args:
            refs: versions; none, for all whose records are in the work tree.
            remote: its name; by default the default one.
            everything: those of every branch, tag, stash and work tree, too.
            texts: which texts are wanted. `used`: of packs, only what the versions have of them.
                `changed`: of two versions, what a diff reads of them, and exports of what changed.
                `none`: none, as the summary of a diff needs none.
            options: with `changed`, those of the diff.
            report: called as the work goes on.

        Raises:
            UsageError: what changed is asked of more or fewer than two versions.
            RemoteError: the remote refuses or goes away; what came before is kept.
            ResourceError: there is no room.
        """
        from dslineage.verbs.fetching import fetch

        versions = self._versions(refs, everything=everything)
        return fetch(
            self.work,
            self.open(remote),
            versions,
            report,
            texts=texts,
            refs=refs,
            everything=everything,
            options=options,
        )

    def pull(
        self, *refs: str, remote: str | None = None, report: Report | None = None
    ) -> FetchResult:
        """Bring the objects of versions, and write the data files that pointers name.

        Args:
            refs: versions; none, for all whose records are in the work tree.
            remote: its name; by default the default one.
            report: called as the work goes on.

        Raises:
            RemoteError: the remote refuses or goes away; what came before is kept.
            UsageError: a data file has changes that are in no version; the objects are here.
        """
        from dslineage.verbs.fetching import pull

        return pull(self.work, self.open(remote), self._versions(refs), report, refs)

    def verify(
        self,
        remote: str | None = None,
        *,
        repair: bool = False,
        scope: Scope | None = None,
        report: Report | None = None,
    ) -> VerifyResult:
        """Read and hash what a remote holds, and look for what is missing there.

        Args:
            remote: its name; by default the default one.
            repair: send what is whole here for what is not there; a bad copy goes only then.
            scope: which copies are read; by default all of them.
            report: called as the work goes on.

        Raises:
            RemoteError: the remote refuses or goes away; what was read is noted.
            ResourceError: there is no room for a copy while it is looked at.
        """
        from dslineage.verbs.inspecting import repair_remote, verify_remote
        from dslineage.versions.verified import ALL

        verb = repair_remote if repair else verify_remote
        return verb(self.work, self.open(remote), report, scope or ALL)

    def gc(
        self,
        remote: str | None = None,
        *,
        delete: bool = False,
        grace_days: float | None = None,
        release: Sequence[str] = (),
        unclaimed: bool = False,
        accept_lost: bool = False,
        report: Report | None = None,
    ) -> RemoteGarbage:
        """Say what nobody needs on a remote; with `delete`, mark it, and delete what was marked.

        Kept is what is in any branch or tag of git's remotes, in anything here, and what other
        clones claim.

        Args:
            remote: its name; by default the default one.
            delete: do it.
            grace_days: what was marked less long ago stays; None: 14 days.
            release: clones, by the beginning of their names, whose claims end.
            unclaimed: whether what nobody ever claimed goes, too.
            accept_lost: go on although a run, model, step or mixture was made of a version that has
                no record any more.
            report: called as the work goes on.

        Raises:
            RemoteError: a remote, or one of git, refuses or goes away.
            IntegrityError: something that says what is needed cannot be read, or is not here.
            UsageError: everything would be deleted.
            NotFoundError: there is no such remote or clone.
        """
        from dslineage.remotes.swept import Order
        from dslineage.verbs.collecting import gc_remote
        from dslineage.versions.garbage import GRACE_DAYS

        days = GRACE_DAYS if grace_days is None else grace_days
        order = Order(delete, days, tuple(release), unclaimed)
        return gc_remote(self.work, self.open(remote), order, report, accept_lost=accept_lost)

    def _versions(self, refs: Sequence[str], *, everything: bool = False) -> Sequence[Wanted]:
        from dslineage.verbs.remotes import versions

        return versions(self.work, refs, everything=everything)
