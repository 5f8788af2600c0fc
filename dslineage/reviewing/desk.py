"""The desk at which sheets are written and read: everything between a repository and a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.records import ClaimRecord, DatasetRecord, StepRecord
from dslineage.reviewing.edits import DROPPED, Plan, planned
from dslineage.reviewing.figures import figures
from dslineage.reviewing.opinion import opinions
from dslineage.reviewing.places import origins, places_of
from dslineage.reviewing.population import SampleOptions, of_change, of_version
from dslineage.reviewing.result import ReviewImport, ReviewReport, SampleResult
from dslineage.reviewing.rewriting import TEXT_FORMATS, NewFile, new_files
from dslineage.reviewing.sheet import Sample, sheet_of
from dslineage.reviewing.verdicts import REVIEW, Review, in_order, read_reviews, unsaid
from dslineage.reviewing.workbook import FORMATS, Filled, read_sheet, write_sheet
from dslineage.versions.ledger import Ledger
from dslineage.versions.opening import open_version
from dslineage.versions.options import ReadOptions, StoreMode
from dslineage.versions.references import is_label

if TYPE_CHECKING:
    from dslineage.quality.profile import Profile
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.recording import Stamp
    from dslineage.versions.sides import Sides
    from dslineage.versions.stored import StoredSnapshot

APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Applying:
    """A sheet that is ready to be applied: the plan, the new files, and the step's record."""

    plan: Plan
    record: DatasetRecord
    files: Sequence[NewFile]
    step: StepRecord

    @property
    def reading(self) -> ReadOptions:
        """How the new files are read: as those of the version before were."""
        record = self.record
        readers = [entry.reader for entry in record.files]
        forms = {str(reader["format"]) for reader in readers}
        plain = len(forms) == 1 and forms <= TEXT_FORMATS
        return ReadOptions(
            format=forms.pop() if plain else None,
            delimiter=readers[0].get("delimiter") if plain else None,
            quarantine=bool(record.quarantined),
            store=cast("StoreMode", record.store),
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """Works for one repository; `sides` opens its versions."""

    catalog: Catalog
    store: Store
    sides: Sides

    @property
    def ledger(self) -> Ledger:
        """The steps and claims of the repository."""
        return Ledger(self.catalog)

    def sample(
        self,
        refs: Sequence[str],
        path: Path,
        format_: str | None,
        options: SampleOptions,
        profile: Profile,
        *,
        force: bool,
    ) -> SampleResult:
        """Draw a sample and write it as a sheet; see `Repository.sample`."""
        form = _format(path, format_)
        if path.exists() and not force:
            raise UsageError(
                f"{path} exists already, and was left as it is: people may have edited it",
                kind="file-exists",
                hint="choose another name, or replace it with --force",
            )
        with self._opened(refs) as (before, after):
            metrics = {} if options.blind else figures(after, profile)
            new = _recorded(after)
            if before is None:
                rows = of_version(after, options, metrics)
                sample = Sample(new.dataset, "", new.id, options.seed, blind=False, rows=rows)
            else:
                old = _recorded(before)
                parents = self.ledger.parents(old, new)
                rows = of_change(before, after, options, metrics, parents)
                sample = Sample(new.dataset, old.id, new.id, options.seed, options.blind, rows)
        sheet = sheet_of(sample, spreadsheet=form != "jsonl")
        write_sheet(sheet, path, form, blind=options.blind)
        drawn = Counter(row.stratum for row in rows)
        sizes = {row.stratum: row.stratum_size for row in rows}
        return SampleResult(
            path=path,
            format=form,
            dataset=sample.dataset,
            from_version=sample.from_version,
            version=sample.version,
            sample=sample.id,
            seed=sample.seed,
            blind=sample.blind,
            rows=len(rows),
            strata={name: (drawn[name], sizes[name]) for name in sorted(drawn)},
            notices=sheet.notices,
        )

    def import_reviews(self, path: Path, reviewer: str, stamp: Stamp) -> ReviewImport:
        """Keep the verdicts of a sheet as claims; see `Repository.review_import`."""
        sheet = read_sheet(path)
        if not sheet.lines:
            raise UsageError(f"{path.name} has no rows", kind="no-verdicts")
        reviews = read_reviews(sheet, reviewer or stamp.author.partition(" <")[0])
        claims, new, known = [], Counter[str](), 0
        for review in reviews:
            record = self._version(review.dataset, review.version)
            before = self._reviews(record.dataset)
            fresh = unsaid(review, [one for _, one in before if one.version == record.id])
            known += len(review.verdicts) - len(fresh)
            if fresh:
                new[review.reviewer] += len(fresh)
                own = (review.reviewer, review.sample)
                last = [id_ for id_, one in before if (one.reviewer, one.sample) == own][-1:]
                body = replace(review, verdicts=fresh, follows="".join(last)).body()
                claims.append(
                    ClaimRecord(
                        subject=record.id,
                        dataset=record.dataset,
                        type=REVIEW,
                        body=body,
                        author=stamp.author,
                        created_at=stamp.created_at,
                        tool=stamp.tool,
                    )
                )
        if not reviews:
            raise UsageError(f"no row of {path.name} has a verdict", kind="no-verdicts")
        paths = self.ledger.keep(claims, self.store) if claims else []
        return ReviewImport(reviews[0].dataset, dict(sorted(new.items())), known, tuple(paths))

    def reviews(self, refs: Sequence[str]) -> ReviewReport:
        """What was said of a version, or of every version; see `Repository.reviews`."""
        only = None
        names: Sequence[str] = self.ledger.datasets_with_claims()
        if refs:
            with self.sides.one("@".join(refs), None) as snapshot:
                only = _recorded(snapshot)
            names = [only.dataset]
        reviews = [review for name in names for _, review in self._reviews(name)]
        found = opinions(one for one in reviews if only is None or one.version == only.id)
        wanted = {id_ for one in found for id_ in (one.version, one.from_version)}
        titles = {
            record.id: f"{record.dataset} {record.title}"
            for record in self.catalog.all_versions()
            if record.id in wanted
        }
        return ReviewReport(found, titles, f"{only.dataset} {only.title}" if only else "")

    def applying(
        self,
        sheet: Filled,
        record: DatasetRecord,
        stamp: Stamp,
        *,
        editor: str,
        accept: Collection[str],
        partial: bool,
    ) -> Applying:
        """What a sheet makes of the current version, or an error that lists what is in its way."""
        current = open_version(self.store, record)
        steps = [step for step in self.ledger.steps_to(record) if step.operation == APPLY]
        applied = {
            row: result
            for step in reversed(steps)
            for row, result in step.parameters.get("rows", {}).items()
        }
        plan = planned(
            sheet,
            current,
            self._examples(sheet, record.dataset),
            applied,
            editor=editor or stamp.author.partition(" <")[0],
            accept=accept,
        )
        if plan.faults and not partial:
            rows = len({fault.line for fault in plan.faults})
            raise BadDataError(
                f"{rows} of the {len(sheet.lines)} rows of {sheet.path.name} cannot be applied; "
                "nothing was changed",
                plan.faults,
                kind="not-applied",
                hint="mend these cells, or apply the other rows with --partial",
            )
        return Applying(
            plan=plan,
            record=record,
            files=new_files(self.store, record, current, plan),
            step=_step(sheet, record, plan, stamp),
        )

    def _reviews(self, dataset: str) -> list[tuple[str, Review]]:
        """The reviews of a data set, oldest first, each with the id of its claim."""
        claims = in_order(self.ledger.claims(dataset, REVIEW))
        return [(claim.id, Review.of(claim)) for claim in claims]

    def _examples(self, sheet: Filled, dataset: str) -> dict[str, dict[str, Any]]:
        """Each example that a sheet was written of, by digest, from the version it is of."""
        found: dict[str, dict[str, Any]] = {}
        for version, digests in origins(sheet).items():
            snapshot = open_version(self.store, self._version(dataset, version))
            places = places_of(snapshot, digests)
            rows = snapshot.rows()[np.array([at[0] for at in places.values()], np.int64)]
            found |= dict(zip(places, snapshot.read(rows), strict=True))
        return found

    def _version(self, dataset: str, id_: str) -> DatasetRecord:
        """The version that a sheet names.

        Raises:
            NotFoundError: it is not in this repository.
        """
        try:
            return self.catalog.record(id_, dataset)
        except NotFoundError as error:
            raise NotFoundError(
                f"the sheet is of a version of {dataset} that is not here: {id_[:23]}…",
                kind="unknown-version",
                hint=error.hint,
            ) from error

    @contextmanager
    def _opened(
        self, refs: Sequence[str]
    ) -> Iterator[tuple[StoredSnapshot | None, StoredSnapshot]]:
        """One version, or two; `A..B` is two."""
        names = self.catalog.names()
        *head, last = refs or ["latest"]
        first, dots, second = last.partition("..")
        parts = [*head, first, second] if dots and first and second else [*head, last]
        single = len(parts) == 1 or (len(parts) == 2 and parts[0] in names and is_label(parts[1]))
        if single:
            with self.sides.one("@".join(parts), None) as snapshot:
                yield None, snapshot
        else:
            with self.sides.opened(parts, None, None) as (before, after):
                yield before, after


def _recorded(snapshot: StoredSnapshot) -> DatasetRecord:
    if snapshot.recorded is None:
        raise NotFoundError(
            f"{snapshot.label} is no recorded version: what is said of it would have no subject",
            kind="not-recorded",
            hint=f"dslineage add {snapshot.label}",
        )
    return snapshot.recorded


def _format(path: Path, format_: str | None) -> str:
    chosen = path.suffix.lower().removeprefix(".") if format_ is None else format_
    if chosen not in FORMATS:
        raise UsageError(
            f"{chosen or path.name!r} is no format of sheets", hint=f"one of {', '.join(FORMATS)}"
        )
    return chosen


def _step(sheet: Filled, record: DatasetRecord, plan: Plan, stamp: Stamp) -> StepRecord:
    dropped = sum(result == DROPPED for result in plan.rows.values())
    parameters: Mapping[str, Any] = {
        "sheet": sheet.path.name,
        "editors": list(plan.editors),
        "rows": dict(plan.rows),
    }
    return StepRecord(
        dataset=record.dataset,
        operation=APPLY,
        inputs=(record.id,),
        parameters=parameters,
        parents=plan.parents,
        counts={
            "in": record.examples,
            "out": record.examples - dropped,
            "changed": len(plan.edits),
            "dropped": dropped,
        },
        message=stamp.message,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
    )
