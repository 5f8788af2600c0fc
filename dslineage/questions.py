"""The questions that a repository answers: none of them changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.workspace import Workspace

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.diff.recorded import RecordedDiff
    from dslineage.diff.result import Change, DiffResult
    from dslineage.exporting import ExportResult, Side
    from dslineage.loading import LoadedVersion
    from dslineage.pullrequest.result import PullRequest
    from dslineage.quality.checking import CheckResult
    from dslineage.results import (
        LogResult,
        StatusResult,
        VersionInfo,
    )
    from dslineage.reviewing.population import SampleOptions
    from dslineage.reviewing.result import ReviewReport, SampleResult
    from dslineage.verbs.unlocking import LockResult
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.versions.usage import Usage
    from dslineage.versions.verified import Scope, VerifyResult


@dataclass(frozen=True)
class Questions(Workspace):
    """A workspace, and what can be asked of its versions."""

    def status(self) -> StatusResult:
        """Every data set, its version, and whether its files are as recorded."""
        from dslineage.verbs.statuses import status_of

        return status_of(self.catalog)

    def log(self, dataset: str | None = None, metric: str | None = None) -> LogResult:
        """The versions of one data set or of all, newest first.

        Args:
            dataset: the data set.
            metric: a metric to show over the versions, by name.

        Raises:
            NotFoundError: there is no such data set, or no version was measured under the metric.
        """
        from dslineage.verbs.describing import log

        return log(self, dataset, metric)

    def show(self, *refs: str) -> VersionInfo:
        """What a version is: hashes, counts, fields, files, where it came from.

        Raises:
            NotFoundError: the reference is unknown, ambiguous, or no recorded version.
        """
        from dslineage.verbs.describing import show

        return show(self, refs)

    def check(self, *refs: str) -> CheckResult:
        """What the gates of `dslineage.toml` say of versions, each against its parent.

        Only what was recorded is read, and nothing is measured.

        Args:
            refs: references; none, for the current version of every data set.

        Raises:
            NotFoundError: a reference is unknown, ambiguous, or no recorded version.
        """
        names = [f"{file.pointer.dataset}@latest" for file in self.catalog.pointers()]
        return self.meter.check([self.show(ref).record for ref in refs or names])

    def diff(
        self,
        *refs: str,
        options: DiffOptions | None = None,
        read: ReadOptions | None = None,
        report: Report | None = None,
    ) -> DiffResult:
        """What changed between two states of a data set.

        Args:
            refs: two references; one, to compare it with the working file; none, to compare the
                current version with the working file; or a data set's name and two versions.
            options: what to compare and to show.
            read: how plain files are read.
            report: called as the work goes on.

        Raises:
            IntegrityError: an object is missing or damaged; see `diff_of_records`.
        """
        from dslineage.verbs.comparing import diff

        return diff(self, refs, options, read, report)

    def diff_of_records(self, *refs: str, options: DiffOptions | None = None) -> RecordedDiff:
        """What records alone say of the change between two versions, as in a clone without objects.

        Args:
            refs: two versions, as for `diff`.
            options: whether metrics count, and which.

        Raises:
            NotFoundError: a reference is unknown, ambiguous, or no recorded version.
        """
        from dslineage.verbs.comparing import diff_of_records

        return diff_of_records(self, refs, options)

    def pull_request(self, base: str, head: str = "HEAD", *, limit: int = 5) -> PullRequest:
        """What the commits of `head` that `base` has not do to data sets; for a review in CI.

        Only the two commits are read, and the objects where they are here; no code of the
        repository runs, and the settings of `head` cannot loosen those of the merge base.

        Args:
            base: the git revision that the change is to go into.
            head: the change itself.
            limit: how many examples to draw of each kind of change.

        Raises:
            NotFoundError: one is no commit, or the history is cut off before their merge base.
        """
        from dslineage.verbs.pullrequest import pull_request

        return pull_request(self, base, head, limit)

    def export(
        self,
        *refs: str,
        output: Path | str,
        format: str | None = None,  # noqa: A002 - the word that users know
        only: Change | None = None,
        side: Side = "to",
        without: Sequence[str] = (),
        neutralise: bool = False,
        force: bool = False,
        without_forgotten: bool = False,
        options: DiffOptions | None = None,
        read: ReadOptions | None = None,
    ) -> ExportResult:
        """Write a state of a data set, or a part of a diff, as a file.

        Args:
            refs: a reference, or a data set's name and a version; with `only` or `without`, two
                states to compare, as for `diff`, the older one first.
            output: the file, relative to `here` or absolute.
            format: `jsonl`, `json`, `csv`, `tsv`, `parquet` or `arrow`; None: by the file's name.
            only: write just the examples that were added, removed or edited.
            side: of edited examples, the older (`from`) or the newer (`to`) form.
            without: write the newer state with these kinds of change undone; see `Undone.of`.
            neutralise: put a `'` before CSV cells that a spreadsheet would run.
            force: replace a file that is there.
            without_forgotten: leave out examples that were forgotten.
            options: how the two sides are compared.
            read: how plain files are read.

        Raises:
            UsageError: the file is there, or the options do not fit together.
            BadDataError: the format cannot hold an example.
            IntegrityError: an example was forgotten, and is not to be left out.
        """
        from dslineage.exporting import Output
        from dslineage.verbs.exports import export

        target = Output.to(
            self.here / output,
            format,
            neutralise=neutralise,
            force=force,
            without_forgotten=without_forgotten,
        )
        return export(self, refs, target, only, side, without, options, read)

    def load(self, *refs: str) -> LoadedVersion:
        """A recorded version, to be read without a checkout.

        Raises:
            NotFoundError: the reference is unknown, ambiguous, or no recorded version.
            IntegrityError: an object is missing or damaged.
        """
        from dslineage.loading import LoadedVersion
        from dslineage.versions.opening import open_version

        version = self.show(*refs)
        return LoadedVersion(version, open_version(self.store, version.record))

    def lock_state(self) -> LockResult:
        """Who holds the lock under which versions are published."""
        from dslineage.verbs.unlocking import lock_state

        return lock_state(self)

    def du(self) -> Usage:
        """What the versions of all branches, stashes and work trees take on the disk.

        Raises:
            IntegrityError: an object that says what a version needs is damaged.
        """
        from dslineage.verbs.weighing import du

        return du(self)

    def verify(
        self, report: Report | None = None, *, scope: Scope | None = None, urls: bool = False
    ) -> VerifyResult:
        """Hash everything again: records, pointers, objects. Nothing but the cache is written.

        Args:
            report: called as the work goes on.
            scope: which objects are hashed; by default all of them.
            urls: whether files behind URLs that pointers name are read, too, and hashed.

        Raises:
            RemoteError: a remote refuses or goes away.
        """
        from dslineage.verbs.verifying import verify
        from dslineage.versions.verified import ALL

        return verify(self, report, scope or ALL, urls=urls)

    def sample(
        self,
        *refs: str,
        output: Path | str,
        format: str | None = None,  # noqa: A002 - the word that users know
        options: SampleOptions | None = None,
        force: bool = False,
    ) -> SampleResult:
        """Draw examples at random and write them as a sheet, to be read, judged and edited.

        Args:
            refs: a version, by default the current one; or two (`A`, `B` or `A..B`), to draw from
                the examples that were edited, added or removed between them.
            output: the file, relative to `here` or absolute.
            format: `csv`, `xlsx` or `jsonl`; None: by the file's name.
            options: how many, by which seed, and from which strata.
            force: replace a file that is there.

        Raises:
            NotFoundError: a reference is unknown, or names no recorded version.
            UsageError: the file is there, or there is nothing to draw.
        """
        from dslineage.reviewing.population import SampleOptions

        options = options or SampleOptions()
        target = self.here / output
        return self.desk.sample(
            refs, target, format, options, self.meter.plain_profile(), force=force
        )

    def reviews(self, *refs: str) -> ReviewReport:
        """What reviewers said of a version, or of every version, and how far they agree."""
        return self.desk.reviews(refs)
