"""The facade: a git repository with data sets in it, and all that can be asked of them.

Each answer is worked out by a module of its own, which is imported where it is used: to ask what
there is, numpy is not needed, and loading it takes longer than the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.questions import Questions

if TYPE_CHECKING:
    from dslineage.adoption.result import AdoptResult
    from dslineage.forgetting.casefile import Case
    from dslineage.forgetting.result import ForgetResult
    from dslineage.merging.result import MergeResult
    from dslineage.provenance import Provenance
    from dslineage.records import ClaimRecord
    from dslineage.remoting import Remotes
    from dslineage.results import (
        AddResult,
        CheckoutResult,
        CommitResult,
        InitResult,
        MeasureResult,
        TrustResult,
    )
    from dslineage.reviewing.result import ApplyResult, ReviewImport
    from dslineage.verbs.unlocking import LockResult
    from dslineage.versions.garbage import GarbageResult
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.versions.verified import Scope, VerifyResult


@dataclass(frozen=True)
class Repository(Questions):
    """A git repository whose data sets are versioned: what can be asked of it, and what records."""

    @property
    def provenance(self) -> Provenance:
        """Where data came from and where it went."""
        from dslineage.provenance import Provenance

        return Provenance(self)

    @property
    def remotes(self) -> Remotes:
        """Where objects are kept for other clones, and what goes there and back."""
        from dslineage.remoting import Remotes

        return Remotes(self)

    @classmethod
    def init(cls, path: Path | str = ".") -> InitResult:
        """Prepare a folder: a git repository, the folder of records, the folder of objects."""
        from dslineage.verbs.initialising import initialise

        return initialise(Path(path))

    def add(
        self,
        paths: Path | str | Sequence[Path | str],
        *,
        name: str | None = None,
        message: str = "",
        options: ReadOptions | None = None,
        measure: bool = True,
        report: Report | None = None,
        source: str | None = None,
    ) -> AddResult:
        """Record the state of a file, a directory or several files as a new version.

        Record and pointer are staged in git; nothing is committed, and the data files stay as
        and where they are.

        Args:
            paths: the data file or files, relative to `here` or absolute; or URLs that fsspec
                knows, such as `s3://bucket/train.jsonl`, of which only an index can be kept.
            name: the data set's name; by default that of the file.
            message: why the version was made.
            options: how the files are read and kept.
            measure: whether the metrics of the profile are measured at once; see `measure`.
            report: called as the work goes on.
            source: the name of the recorded source that the files come from.

        Raises:
            BadDataError: a file has faults; nothing was written.
            UsageError: the name is taken, or the files make no data set.
            RemoteError: a remote refuses, or the file is not there.
        """
        from dslineage.verbs.adding import add

        return add(self, paths, name, message, options, report, measure=measure, source=source)

    def commit(
        self,
        message: str,
        *,
        options: ReadOptions | None = None,
        measure: bool = True,
        report: Report | None = None,
    ) -> CommitResult:
        """Record every data set whose files changed, then commit what is staged.

        Raises:
            UsageError: there is nothing to commit.
        """
        from dslineage.verbs.committing import commit

        return commit(self, message, options, report, measure=measure)

    def forget(
        self,
        *digests: str,
        hashes: Path | None = None,
        recall: Path | None = None,
        only: bool = False,
        delete: bool = False,
        case: Case | None = None,
        report: Report | None = None,
    ) -> ForgetResult:
        """Say where the bytes of examples are and, with `delete`, delete them from the objects.

        Their digests stay, so that audits hold. They are denied from then on: whoever brings them
        back is refused. Without any example, what was denied before is deleted, here and on
        remotes: in another clone, after a pull, or after an interruption.

        Args:
            digests: the examples, by their digests or first digits of them.
            hashes: a file of digests, one a line.
            recall: a report that `recall` wrote as JSON.
            only: these only, and no other example that shows a model the same.
            delete: do it; without this, nothing is changed.
            case: who asked for it, and what was decided: kept as claims about the versions that had
                the examples and the models that saw them.
            report: called as the work goes on.

        Raises:
            NotFoundError: there is no such example.
            UsageError: some first digits mean several examples; a case says what no case does.
            IntegrityError: an object is damaged, or the key of the deny list is not here.
            LockedError: somebody else writes.
        """
        from dslineage.forgetting.query import ForgetQuery
        from dslineage.verbs.forgetting import forget

        query = ForgetQuery(digests, hashes, recall, only)
        return forget(self, query, report, delete=delete, case=case)

    def adopt(
        self,
        paths: Path | str | Sequence[Path | str],
        *,
        name: str | None = None,
        options: ReadOptions | None = None,
        measure: bool = True,
        skip_missing: bool = False,
        report: Report | None = None,
    ) -> AdoptResult:
        """Record the states that data had before as versions, oldest first.

        Each has author, date and message of the commit that made it so, which a step names.
        What was adopted before is not adopted again. Records are staged in git; nothing is
        committed, and no data file is touched.

        Args:
            paths: a file or folder whose history git has, Git LFS or DVC with it; or several files
                that are versions of one another, oldest first, of which the last one stays the
                file of the data set.
            name: the data set's name; by default that of the file. Several files need one.
            options: how each state is read and kept.
            measure: whether the metrics of the profile are measured at once.
            skip_missing: leave out states whose bytes are not on this machine.
            report: called as the work goes on.

        Raises:
            NotFoundError: git has no history of the file, or bytes of it are not on this machine.
            UsageError: the data set has versions, and none is of the history.
        """
        from dslineage.verbs.adopting import adopt

        return adopt(self, paths, name, options, report, measure=measure, skip_missing=skip_missing)

    def allow(self, path: Path | str) -> TrustResult:
        """Let the code of a file of this repository run, until it is edited.

        Args:
            path: a metric file, `dslineage.toml` for its judges, or a file that a judge runs.

        Raises:
            UsageError: it is no file of the repository, or trust cannot be kept.
        """
        from dslineage.verbs.trusting import allow

        return allow(self, path)

    def disallow(self, path: Path | str) -> TrustResult:
        """Take trust in a file back, whether it is there or not."""
        from dslineage.verbs.trusting import disallow

        return disallow(self, path)

    def measure(
        self,
        *refs: str,
        files: Sequence[Path | str] = (),
        judges: bool = False,
        workers: int | None = None,
        report: Report | None = None,
    ) -> MeasureResult:
        """Measure versions under the profile, and record what was measured.

        Args:
            refs: references; none, for every version of every data set.
            files: metric files to run in this call, trusted or not, besides those of the profile.
            judges: whether judges are asked, which may cost money.
            workers: how many processes; None means one a core.
            report: called as the work goes on.

        Raises:
            NotFoundError: a reference is unknown, ambiguous, or no recorded version.
            UntrustedError: the profile has code that was not trusted.
            MetricError: one of a team's own metrics, or a judge, failed; all the rest is recorded.
        """
        from dslineage.verbs.measuring import measure

        return measure(self, refs, files, workers, report, judges=judges)

    def waive(self, metric: str, *refs: str, reason: str, until: str) -> ClaimRecord:
        """Let a gate's failure through, by a claim that names who, why and until which day.

        Args:
            metric: the gate's metric.
            refs: a version; the waiver holds for its data set.
            reason: why.
            until: the last day, as ISO 8601.

        Raises:
            UsageError: no gate is on that metric, there is no reason, or the day is none.
        """
        from dslineage.versions.publishing import recover

        recover(self.git, self.store)
        record = self.show(*refs).record
        return self.meter.waive(record, metric, reason, until, self.git.author)

    def write(
        self,
        name: str,
        rows: Iterable[Mapping[str, Any]],
        *,
        message: str = "",
        path: Path | str | None = None,
        options: ReadOptions | None = None,
        measure: bool = True,
    ) -> AddResult:
        """Write examples from memory to a data set's file, and record that as a version.

        The file is written at once, when all examples are there; where it cannot be recorded, it
        is as it was.

        Args:
            name: the data set.
            rows: the examples, taken once; an iterator is not kept in memory.
            message: why the version was made.
            path: the file of a new data set; by default `NAME.jsonl`. Its name says the format.
            options: how the file is read and kept.
            measure: whether the metrics of the profile are measured at once.

        Raises:
            UsageError: the file has changes that are in no version, or belongs to nothing that
                is recorded; or a row is no mapping.
            BadDataError: a row is no JSON object.
        """
        from dslineage.verbs.adding import write

        return write(self, name, rows, path, message, options, measure=measure)

    def checkout(self, *refs: str, force: bool = False) -> CheckoutResult:
        """Write the files of a version where its pointer stands, and point there.

        Without a reference, the files that pointers name are brought back.

        Raises:
            UsageError: a file has changes that are in no version (unless `force`).
            IntegrityError: an object is missing or damaged, and files stay as they are; or a
                pointer is, and the files of the others were brought back.
        """
        from dslineage.verbs.checkouts import checkout

        return checkout(self, refs, force=force)

    def repair(
        self,
        *sources: str,
        scope: Scope | None = None,
        urls: bool = False,
        report: Report | None = None,
    ) -> VerifyResult:
        """Hash everything, and get whole objects for those that are damaged or missing.

        Damaged objects are set aside in the folder `damaged`, and nothing is deleted. Each object
        that comes is checked before it takes a place.

        Args:
            sources: remotes by name, or folders of other clones, in the order in which they are
                asked; none, for the default remote.
            scope: which objects are hashed; by default all of them.
            urls: whether files behind URLs that pointers name are read, too, and hashed.
            report: called as the work goes on.

        Raises:
            NotFoundError: a source is neither a remote nor a folder of a repository.
            RemoteError: a source refuses or goes away; what came before is kept.
            ResourceError: there is no room.
        """
        from dslineage.verbs.repairing import repair
        from dslineage.versions.verified import ALL

        return repair(self, sources, report, scope or ALL, urls=urls)

    def gc(
        self,
        *,
        delete: bool = False,
        grace_days: float | None = None,
        accept_lost: bool = False,
        report: Report | None = None,
    ) -> GarbageResult:
        """Say which objects no version needs any more and, with `delete`, delete them.

        What is in a branch, tag, stash, reflog, index or work tree is kept, whole. Packs of which
        most is dead, and those that are too many and small, are written anew.

        Args:
            delete: do it.
            grace_days: what was written less long ago is kept; None: 14 days.
            accept_lost: go on although a run, model, step or mixture was made of a version that has
                no record any more.
            report: called as the work goes on.

        Raises:
            IntegrityError: something that says what is needed cannot be read; nothing was deleted.
            UsageError: everything would be deleted.
            LockedError: somebody else writes, or collects garbage.
        """
        from dslineage.verbs.collecting import gc

        return gc(self, grace_days, report, delete=delete, accept_lost=accept_lost)

    def unlock(self, id: str) -> LockResult:  # noqa: A002 - the word that messages use
        """End the hold of a process on another machine that is gone for good; see `lock_state`.

        Args:
            id: that hold's id, which the error of who had to wait for it names.

        Raises:
            NotFoundError: there is no such hold.
            LockedError: the process runs.
        """
        from dslineage.verbs.unlocking import end_hold

        return end_hold(self, id)

    def review_import(self, path: Path | str, *, reviewer: str = "") -> ReviewImport:
        """Keep the verdicts of a sheet as claims about its version, staged in git.

        Importing a sheet again adds what is new in it, and nothing else.

        Args:
            path: the sheet, as people left it.
            reviewer: who gave the verdicts of rows that name nobody; by default git's author.

        Raises:
            BadDataError: the file is no sheet, or has verdicts that are none; nothing was kept.
        """
        from dslineage.versions.publishing import recover

        recover(self.git, self.store)
        return self.desk.import_reviews(self.here / path, reviewer, self.stamp(""))

    def apply(
        self,
        path: Path | str,
        *,
        editor: str = "",
        message: str = "",
        partial: bool = False,
        accept: Collection[str] = (),
        measure: bool = True,
        report: Report | None = None,
    ) -> ApplyResult:
        """Bring the edits of a sheet home: changed texts and `drop` verdicts, as a new version.

        The version names a step, which names the editors and, for each example that it made, the
        one that it was made from. Every other byte of a text file stays as it is.

        Args:
            path: the sheet, as people left it.
            editor: who edited the rows that name no reviewer; by default git's author.
            message: why the version was made.
            partial: apply what can be applied, and list the rest.
            accept: habits of spreadsheet programs that were the editors' own doing; see `MANGLES`.
            measure: whether the metrics of the profile are measured at once.
            report: called as the work goes on.

        Raises:
            BadDataError: rows cannot be applied, since their example is not in the current version
                any more, or since a program mangled them; nothing was changed.
            UsageError: the data files have changes that are in no version.
        """
        from dslineage.verbs.applying import apply

        sheet = self.here / path
        return apply(self, sheet, editor, message, accept, report, partial=partial, measure=measure)

    def merge(
        self,
        *refs: str,
        message: str = "",
        resume: bool = False,
        measure: bool = True,
        report: Report | None = None,
    ) -> MergeResult:
        """Merge two versions of a data set by example, into a version with two parents.

        Without a reference, every data set is merged whose pointer git left in conflict. Examples
        that both sides changed in two ways are written to `NAME.conflicts.jsonl` beside the
        pointer, and nothing else is changed until somebody decided them.

        Args:
            refs: the version that is merged into the current one of its data set.
            message: why the version was made.
            resume: go on with a merge whose conflicts were decided in the file.
            measure: whether the metrics of the profile are measured at once.
            report: called as the work goes on.

        Raises:
            UsageError: there is nothing to merge, or the files cannot be merged by example.
            BadDataError: a conflict is not decided; nothing was changed.
        """
        from dslineage.verbs.merges import merge

        return merge(self, refs, message, report, measure=measure, resume=resume)

    def merge_abort(self) -> MergeResult:
        """Give up a merge with conflicts: its conflict file goes, the data is as it was."""
        from dslineage.verbs.merges import give_up

        return give_up(self)
