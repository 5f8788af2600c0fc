"""The facade: a git repository with data sets in it, and all that can be asked of them.

What reads or writes examples is imported where it is used: to ask what there is, numpy is not
needed, and loading it takes longer than the answer.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import NotFoundError, UsageError
from dslineage.records import DatasetRecord, StepRecord
from dslineage.results import (
    AddResult,
    CheckoutResult,
    CommitResult,
    InitResult,
    LogResult,
    MeasureResult,
    StatusResult,
    TrustResult,
    VersionInfo,
)
from dslineage.store.files import write_file
from dslineage.store.lock import WAIT_SECONDS
from dslineage.versions.catalog import Catalog, joined, relative_to
from dslineage.versions.git import Git
from dslineage.versions.references import Target, VersionTarget, is_label, resolve
from dslineage.versions.remote import is_url, remote_files
from dslineage.versions.worktree import DataFiles, HashCache, data_files, wanted

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.diff.result import Change, DiffResult
    from dslineage.exporting import ExportResult, Side
    from dslineage.loading import LoadedVersion
    from dslineage.meter import Meter
    from dslineage.quality.checking import CheckResult
    from dslineage.quality.profile import Profile
    from dslineage.quality.side import Quality
    from dslineage.quality.trust import Trust
    from dslineage.records import ClaimRecord
    from dslineage.reviewing.desk import Desk
    from dslineage.reviewing.population import SampleOptions
    from dslineage.reviewing.result import ApplyResult, ReviewImport, ReviewReport, SampleResult
    from dslineage.store.store import Store
    from dslineage.versions.ledger import Parents
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.versions.recording import Recorded, Stamp
    from dslineage.versions.sides import Sides
    from dslineage.versions.stored import StoredSnapshot
    from dslineage.versions.verifying import VerifyResult

TOOL = "dslineage 0.1.0"
_ATTRIBUTES = """\
*.dsl.json text eol=lf
.dslineage/** text eol=lf
.gitignore merge=union
"""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Repository:
    """A git repository whose data sets are versioned.

    `here` is the folder that relative paths start from; `clock` gives the time that records
    carry, so that a caller can pin it; `lock_seconds` is how long to wait for another writer;
    `trust_file` is where it stands which code may run, None: none may.
    """

    git: Git
    here: Path
    clock: Callable[[], datetime] = field(default=_now)
    lock_seconds: float = WAIT_SECONDS
    trust_file: Path | None = None

    @classmethod
    def init(cls, path: Path | str = ".") -> InitResult:
        """Prepare a folder: a git repository, the folder of records, the folder of objects."""
        from dslineage.store.store import Store

        folder = Path(path)
        try:
            git, made = Git.find(folder), False
        except NotFoundError as error:
            if error.kind not in {"no-repository", "no-file"}:
                raise
            git, made = Git.init(folder), True
        marker = git.root / ".dslineage" / "README.md"
        created = not marker.exists()
        if created:
            write_file(marker, _README.encode())
            attributes = git.root / ".gitattributes"
            before = attributes.read_text() if attributes.exists() else ""
            if _ATTRIBUTES not in before:
                newline = "\n" if before and not before.endswith("\n") else ""
                write_file(attributes, (before + newline + _ATTRIBUTES).encode())
            git.stage([".dslineage/README.md", ".gitattributes"])
        Store(git.common_dir / "dslineage").prepare()
        return InitResult(git.root, made, created)

    @classmethod
    def open(
        cls,
        path: Path | str = ".",
        *,
        clock: Callable[[], datetime] | None = None,
        lock_seconds: float = WAIT_SECONDS,
        trust_file: Path | None = None,
    ) -> Repository:
        """The repository that a folder is in.

        Raises:
            NotFoundError: the folder is in no git repository.
        """
        here = Path(path).absolute()
        return cls(Git.find(here), here, clock or _now, lock_seconds, trust_file)

    @property
    def root(self) -> Path:
        """The top of the work tree."""
        return self.git.root

    @property
    def store(self) -> Store:
        """The object store, opened anew."""
        from dslineage.store.store import Store

        return Store(self.git.common_dir / "dslineage", lock_seconds=self.lock_seconds)

    @property
    def catalog(self) -> Catalog:
        """The records and pointers as they are now."""
        return Catalog(self.git)

    def add(
        self,
        paths: Sequence[Path | str],
        *,
        name: str | None = None,
        message: str = "",
        options: ReadOptions | None = None,
        measure: bool = True,
        report: Report | None = None,
    ) -> AddResult:
        """Record the state of a file, a directory or several files as a new version.

        Record and pointer are staged in git; nothing is committed, and the data files stay as
        and where they are.

        Args:
            paths: the data files, relative to `here` or absolute; or URLs that fsspec knows, such
                as `s3://bucket/train.jsonl`, of which only an index can be kept.
            name: the data set's name; by default that of the file.
            message: why the version was made.
            options: how the files are read and kept.
            measure: whether the metrics of the profile are measured at once; see `measure`.
            report: called as the work goes on.

        Raises:
            BadDataError: a file has faults; nothing was written.
            UsageError: the name is taken, or the files make no data set.
            RemoteError: a remote refuses, or the file is not there.
        """
        if any(is_url(str(path)) for path in paths):
            folder = relative_to(self.root, self.here)
            remote = remote_files(list(map(str, paths)), "" if folder == "." else folder, name)
            return self._record(remote, message, options, report, measure=measure)
        from dslineage.noted import shared_files

        inside = wanted([relative_to(self.root, self.here / path) for path in paths])
        catalog = self.catalog
        known = catalog.pointer_at(inside[0]) if len(inside) == 1 and name is None else None
        chosen = known.pointer.dataset if known else name
        files = replace(data_files(self.root, inside, chosen), named=name is not None)
        result = self._record(files, message, options, report, measure=measure)
        return replace(result, notices=(*result.notices, *shared_files(catalog, files)))

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
        from dslineage.versions.publishing import recover
        from dslineage.versions.recording import pointer_files

        recover(self.git, self.store)
        made = []
        for status in self.status().datasets:
            if status.state == "modified":
                file = self.catalog.pointer_of(status.name)
                if file is not None:
                    files = pointer_files(self.root, file)
                    one = self._record(files, message, options, report, measure=measure)
                    made.append(one)
        drafts = {d.name for d in self.status().datasets if d.draft}
        if not self.git.staged_names():
            raise UsageError(
                "nothing changed: there is nothing to commit",
                kind="nothing-to-commit",
                hint="dslineage status",
            )
        commit = self.git.commit(message)
        versions = [
            self._info(target.record)
            for name in sorted(drafts)
            if isinstance(target := self._resolve(f"{name}@latest"), VersionTarget)
        ]
        notices = tuple(notice for one in made for notice in one.notices)
        return CommitResult(commit, tuple(versions), notices)

    def status(self) -> StatusResult:
        """Every data set, its version, and whether its files are as recorded."""
        from dslineage.statuses import status_of

        return status_of(self.catalog)

    def log(self, dataset: str | None = None, metric: str | None = None) -> LogResult:
        """The versions of one data set or of all, newest first.

        Args:
            dataset: the data set.
            metric: a metric to show over the versions, by name.

        Raises:
            NotFoundError: there is no such data set, or no version was measured under the metric.
        """
        catalog = self.catalog
        if dataset is not None and dataset not in catalog.names():
            raise NotFoundError(
                f"there is no data set {dataset!r}",
                kind="unknown-dataset",
                hint=f"one of: {', '.join(catalog.names())}" if catalog.names() else "",
            )
        names = [dataset] if dataset else catalog.names()
        records = [record for name in names for record in reversed(catalog.versions(name))]
        infos = [self._info(record, catalog) for record in records]
        if metric is None:
            return LogResult(tuple(infos))
        measured = tuple(self._with_measurement(info, catalog) for info in infos)
        if not any(metric in info.metrics for info in measured):
            raise NotFoundError(
                f"no version was measured under a metric {metric!r}",
                kind="unknown-metric",
                hint="dslineage metrics list; dslineage metrics run",
            )
        return LogResult(measured, metric)

    def show(self, *refs: str) -> VersionInfo:
        """What a version is: hashes, counts, fields, files, where it came from.

        Raises:
            NotFoundError: the reference is unknown, ambiguous, or no recorded version.
        """
        text = "@".join(refs) if refs else "latest"
        target = self._resolve(text)
        if not isinstance(target, VersionTarget):
            raise NotFoundError(
                f"{text} is no recorded version",
                kind="not-recorded",
                hint=f"dslineage add {text}",
            )
        info = self._with_measurement(self._info(target.record), self.catalog, target.commit)
        return replace(info, draft=info.draft and not target.commit)

    @property
    def profile(self) -> Profile:
        """The metrics by which versions are measured; code runs only where it was trusted."""
        from dslineage.quality.choosing import Consent

        return self._meter.profile(Consent(self.trust))

    @property
    def trust(self) -> Trust:
        """Which code of this repository may run."""
        from dslineage.quality.trust import Trust

        return Trust(self.trust_file, self.root)

    def allow(self, path: Path | str) -> TrustResult:
        """Let the code of a file of this repository run, until it is edited.

        Args:
            path: a metric file, `dslineage.toml` for its judges, or a file that a judge runs.

        Raises:
            UsageError: it is no file of the repository, or trust cannot be kept.
        """
        from dslineage.ids import Digest
        from dslineage.quality.inside import repository_file

        name = relative_to(self.root, self.here / path)
        file = repository_file(self.root, name, "trust")
        known = self.trust.allows(file, Digest.of(file.read_bytes()))
        return TrustResult(name, str(self.trust.grant(file)), trusted=True, changed=not known)

    def disallow(self, path: Path | str) -> TrustResult:
        """Take trust in a file back, whether it is there or not."""
        revoked = self.trust.revoke(self.here / path)
        return TrustResult(str(path), "", trusted=False, changed=revoked)

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
        from dslineage.quality.choosing import Consent
        from dslineage.quality.custom import MetricError
        from dslineage.versions.options import Progress

        catalog = self.catalog
        infos = [self.show(ref) for ref in refs] or [
            self._info(record, catalog) for record in catalog.all_versions()
        ]
        meter = self._meter
        consent = Consent(self.trust, tuple(self.here / file for file in files), judges)
        meter.require_trust(consent)
        done = []
        failed: dict[tuple[str, str], str] = {}
        for place, info in enumerate(infos):
            if report is not None:
                report(Progress("measuring", place, len(infos)))
            profile = meter.profile(consent, info.record.dataset)
            measurement, new = meter.measure(info.record, profile, workers)
            done.append((replace(info, measurement=measurement), new))
            lacking = set(measurement.unmeasured) - set(profile.unavailable)
            failed |= {(info.title, name): measurement.unmeasured[name] for name in lacking}
        for (title, name), why in sorted(failed.items()):
            more = f"; and {len(failed) - 1} more" if len(failed) > 1 else ""
            raise MetricError(
                f"{title}: {why}{more}; everything else is recorded",
                hint=f"dslineage metrics run, when {name} is mended",
            )
        return MeasureResult(tuple(info for info, _ in done), tuple(new for _, new in done))

    def check(self, *refs: str) -> CheckResult:
        """What the gates of `dslineage.toml` say of versions, each against its parent.

        Only what was recorded is read, and nothing is measured.

        Args:
            refs: references; none, for the current version of every data set.

        Raises:
            NotFoundError: a reference is unknown, ambiguous, or no recorded version.
        """
        names = [f"{file.pointer.dataset}@latest" for file in self.catalog.pointers()]
        return self._meter.check([self.show(ref).record for ref in refs or names])

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
        record = self.show(*refs).record
        return self._meter.waive(record, metric, reason, until, self.git.author)

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
        """
        from dslineage.diff.engine import diff_snapshots
        from dslineage.diff.options import DiffOptions

        options = options or DiffOptions()
        with self._sides.opened(refs, read, report) as (before, after):
            quality = self._quality(before, after, options) if options.metrics else None
            parents = self._parents(before, after)
            return diff_snapshots(before, after, options, parents=parents, quality=quality)

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
            options: how the two sides are compared.
            read: how plain files are read.

        Raises:
            UsageError: the file is there, or the options do not fit together.
            BadDataError: the format cannot hold an example.
        """
        from dslineage.exporting import Output, export_part, export_version

        target = Output.to(self.here / output, format, neutralise=neutralise, force=force)
        if only or without:
            with self._sides.opened(refs, read, None) as (before, after):
                return export_part(
                    before, after, target, only=only, side=side, without=without, options=options
                )
        if len(refs) > 1 and not (refs[0] in self.catalog.names() and is_label(refs[1])):
            raise UsageError(
                "of two states, say what to write",
                hint=f"dslineage export {' '.join(refs)} --only added -o {target.path.name}",
            )
        with self.snapshot(*refs, read=read) as snapshot:
            return export_version(snapshot, target)

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
        from dslineage.targets import own_target
        from dslineage.writing import written

        target, form = own_target(self.catalog, self.store, self.here, name, path)
        store = self.store
        store.prepare()
        with written(target, rows, form, store.temporary_folder):
            return self.add([target], name=name, message=message, options=options, measure=measure)

    def checkout(self, *refs: str, force: bool = False) -> CheckoutResult:
        """Write the files of a version where its pointer stands, and point there.

        Without a reference, the files that pointers name are brought back.

        Raises:
            UsageError: a file has changes that are in no version (unless `force`).
            IntegrityError: an object is missing or damaged, and files stay as they are; or a
                pointer is, and the files of the others were brought back.
        """
        from dslineage.versions.restoring import check_out

        if not refs:
            files = self.catalog.pointers_about(None)
            targets = [self._resolve(f"{file.pointer.dataset}@latest") for file in files]
        else:
            targets = [self._resolve("@".join(refs))]
        cache = HashCache.load(self.git.common_dir / "dslineage" / "cache" / "files.json")
        written: list[Path] = []
        versions = []
        for target in targets:
            if not isinstance(target, VersionTarget):
                raise NotFoundError(f"{refs[0]} is no recorded version", kind="not-recorded")
            written += check_out(self.git, self.store, target.record, cache, force=force)
            versions.append(self._info(target.record))
        cache.save()
        for broken in () if refs else self.catalog.broken_pointers():
            raise broken.error
        return CheckoutResult(tuple(written), tuple(versions))

    def verify(self, report: Report | None = None, *, remote: bool = False) -> VerifyResult:
        """Hash every record and object again; with `remote`, files on remotes as well.

        Raises:
            RemoteError: a remote refuses or goes away.
        """
        from dslineage.versions.verifying import verify

        return verify(self.catalog, self.store, report, remote=remote)

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
        return self._desk.sample(
            refs, target, format, options, self._meter.plain_profile(), force=force
        )

    def review_import(self, path: Path | str, *, reviewer: str = "") -> ReviewImport:
        """Keep the verdicts of a sheet as claims about its version, staged in git.

        Importing a sheet again adds what is new in it, and nothing else.

        Args:
            path: the sheet, as people left it.
            reviewer: who gave the verdicts of rows that name nobody; by default git's author.

        Raises:
            BadDataError: the file is no sheet, or has verdicts that are none; nothing was kept.
        """
        return self._desk.import_reviews(self.here / path, reviewer, self._stamp(""))

    def reviews(self, *refs: str) -> ReviewReport:
        """What reviewers said of a version, or of every version, and how far they agree."""
        return self._desk.reviews(refs)

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
        from dslineage.reviewing.result import ApplyResult
        from dslineage.reviewing.workbook import read_sheet
        from dslineage.targets import untouched
        from dslineage.versions.recording import pointer_files
        from dslineage.writing import replaced, written

        sheet = read_sheet(self.here / path)
        file, record = untouched(self.catalog, sheet.dataset)
        stamp = self._stamp(message or f"edits from {sheet.path.name}")
        work = self._desk.applying(
            sheet, record, stamp, editor=editor, accept=accept, partial=partial
        )
        plan, made = work.plan, None
        if plan.rows:
            store = self.store
            store.prepare()
            with ExitStack() as files:
                for new in work.files:
                    target = self.root / joined(file.folder, new.entry.path)
                    form = str(new.entry.reader["format"])
                    files.enter_context(
                        replaced(target, new.pieces)
                        if new.examples is None
                        else written(target, new.examples, form, store.temporary_folder)
                    )
                made = self._record(
                    pointer_files(self.root, file),
                    stamp.message,
                    work.reading,
                    report,
                    measure=measure,
                    step=work.step,
                )
        return ApplyResult(
            record.dataset,
            None if made is None else made.version,
            len(plan.edits),
            len(plan.drops),
            plan.done,
            plan.editors,
            plan.faults,
            (*plan.notices, *(made.notices if made else ())),
        )

    @contextmanager
    def snapshot(self, *refs: str, read: ReadOptions | None = None) -> Iterator[StoredSnapshot]:
        """One state of a data set, opened for reading."""
        with self._sides.one("@".join(refs), read) as snapshot:
            yield snapshot

    def _record(
        self,
        files: DataFiles,
        message: str,
        options: ReadOptions | None,
        report: Report | None,
        *,
        measure: bool,
        step: StepRecord | None = None,
    ) -> AddResult:
        from dslineage.versions.options import ReadOptions
        from dslineage.versions.sidecar import dataset_info

        options = options or ReadOptions()
        if options.info is None and not files.base:
            options = replace(options, info=dataset_info(self.root / files.folder, files.names))
        if options.media_dir is not None:
            media = os.path.relpath(self.here / options.media_dir, self.root / files.folder)
            options = replace(options, media_dir=Path(media).as_posix())
        profile = self._chosen_profile(files.name) if measure else None
        done, profile = self._record_measured(files, message, options, profile, report, step)
        info = self._info(done.record)
        notices = done.notices
        if profile is not None:
            measurement, _ = self._meter.measure(done.record, profile, options.workers)
            info = replace(info, measurement=measurement)
            unavailable = sorted(measurement.unmeasured.items())
            notices += tuple(f"{name} is not measured: {why}" for name, why in unavailable)
        return AddResult(
            version=info,
            pointer=done.pointer,
            unchanged=done.unchanged,
            new_rows=done.new_rows,
            saw=done.saw,
            notices=notices,
        )

    def _record_measured(
        self,
        files: DataFiles,
        message: str,
        options: ReadOptions,
        profile: Profile | None,
        report: Report | None,
        step: StepRecord | None,
    ) -> tuple[Recorded, Profile | None]:
        """Record a version, its new examples measured on the way; a metric that fails is left out.

        Returns:
            what was recorded, and the profile without the metrics that failed.
        """
        from dslineage.noted import change
        from dslineage.quality.custom import MetricError
        from dslineage.quality.measurer import ChunkMeasurer
        from dslineage.versions.recording import record_version

        if profile is not None:
            options = replace(options, measurer=ChunkMeasurer(tuple(profile.measured)))
        try:
            done = record_version(
                self.git,
                self.store,
                files,
                options,
                self._stamp(message),
                functools.partial(change, parents=step.digests if step else None),
                report,
                self.here,
                step,
            )
        except MetricError as error:
            if profile is None:
                raise
            profile = profile.failing(error.metric, error.message)
            return self._record_measured(files, message, options, profile, report, step)
        return done, profile

    def _chosen_profile(self, dataset: str) -> Profile:
        from dslineage.quality.choosing import Consent

        return self._meter.profile(Consent(self.trust), dataset)

    @staticmethod
    def _with_measurement(info: VersionInfo, catalog: Catalog, commit: str = "") -> VersionInfo:
        """The same version with what was measured last."""
        known = catalog.measurements(info.record, commit)
        return replace(info, measurement=next(iter(known), None))

    def _parents(self, before: StoredSnapshot, after: StoredSnapshot) -> Parents:
        """Which examples were made of which, as steps between two versions recorded it."""
        from dslineage.versions.ledger import Ledger

        if before.recorded is None or after.recorded is None:
            return {}
        return Ledger(self.catalog).parents(before.recorded, after.recorded)

    def _quality(
        self, before: StoredSnapshot, after: StoredSnapshot, options: DiffOptions
    ) -> Quality:
        """Two states as they were measured; no code of the repository is run for it."""
        from dslineage.quality.side import Quality, Side

        catalog = self.catalog
        named = [*options.names, options.why or ""]
        evals = any(name.startswith("contam[") for name in named)
        profile = self._meter.plain_profile(after.dataset, evals=evals)
        return Quality(profile, Side.of(before, catalog), Side.of(after, catalog))

    @property
    def _meter(self) -> Meter:
        from dslineage.meter import Meter

        return Meter(self._sides, self.store, self._time(), TOOL)

    def _stamp(self, message: str) -> Stamp:
        from dslineage.versions.recording import Stamp

        return Stamp(message, self.git.author, self._time(), TOOL)

    @property
    def _desk(self) -> Desk:
        from dslineage.reviewing.desk import Desk

        return Desk(self.catalog, self.store, self._sides)

    def _time(self) -> str:
        created = self.clock().astimezone(UTC).replace(microsecond=0).isoformat()
        return created.replace("+00:00", "Z")

    @property
    def _sides(self) -> Sides:
        from dslineage.versions.sides import Sides

        return Sides(self.catalog, self.store, self.here)

    def _resolve(self, text: str) -> Target:
        return resolve(self.catalog, text, here=self.here)

    def _info(self, record: DatasetRecord, catalog: Catalog | None = None) -> VersionInfo:
        catalog = catalog or self.catalog
        return VersionInfo(record, record.path, draft=not catalog.is_committed(record))


_README = """# dslineage

This folder holds the records of this repository's data sets: one small JSON file for each version,
named after its id. They belong into git. The data itself is in git's own folder, under
`dslineage/`, and is brought back by `dslineage checkout`.
"""
