"""The meter of a repository: by which metrics versions are measured, and what gates say of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dslineage.config import FILE_NAME, read_config
from dslineage.errors import DslineageError, IntegrityError, NotFoundError, UsageError
from dslineage.quality.checking import (
    CheckResult,
    Returned,
    check_versions,
    returned_to,
    waiver_claim,
)
from dslineage.quality.choosing import (
    Consent,
    chosen_profile,
    plain_profile,
    require_trust,
    vocabulary,
)
from dslineage.quality.custom import MetricError
from dslineage.quality.example import Example
from dslineage.quality.inside import repository_file
from dslineage.quality.recording import record_measurement
from dslineage.versions.catalog import Catalog
from dslineage.versions.denied import all_denied
from dslineage.versions.ledger import Ledger
from dslineage.versions.remote import is_url

if TYPE_CHECKING:
    from dslineage.config import Config
    from dslineage.quality.profile import Profile
    from dslineage.quality.trust import Trust
    from dslineage.records import ClaimRecord, DatasetRecord, MeasurementRecord
    from dslineage.store.store import Store
    from dslineage.versions.sides import Sides


@dataclass(frozen=True, slots=True)
class Meter:
    """Measures the versions of a repository.

    `time` is the time that records carry, `tool` the release that writes them.
    """

    sides: Sides
    store: Store
    time: str
    tool: str

    @property
    def catalog(self) -> Catalog:
        """The records and pointers."""
        return self.sides.catalog

    @property
    def config(self) -> Config:
        """The settings of the repository, as they are in the work tree."""
        return read_config(self.catalog.git.root)

    def plain_profile(self, dataset: str | None = None, *, evals: bool = False) -> Profile:
        """The profile as far as it needs no code of the repository.

        With `evals`, evaluation sets are read; that takes a while.
        """
        found, missing = self._evals(dataset) if evals else ({}, {})
        profile = plain_profile(self.config, self.catalog.git.root, found)
        return replace(profile, unavailable={**profile.unavailable, **missing})

    def profile(self, consent: Consent, dataset: str | None = None) -> Profile:
        """The profile of a data set; evaluation sets are not compared with themselves.

        Raises:
            UsageError: the settings name what is not there.
        """
        found, missing = self._evals(dataset)
        profile = chosen_profile(self.config, self.catalog.git.root, consent, found)
        return replace(profile, unavailable={**profile.unavailable, **missing})

    def vocabulary(self, trust: Trust) -> Profile:
        """The metrics and all judges, to be read; see `choosing.vocabulary`."""
        found, missing = self._evals(None)
        profile = vocabulary(self.config, self.catalog.git.root, trust, found)
        return replace(profile, unavailable={**profile.unavailable, **missing})

    def require_trust(self, consent: Consent) -> None:
        """Refuse to go on where the profile has code that nobody trusted.

        Raises:
            UntrustedError: it has.
        """
        require_trust(self.config, self.catalog.git.root, consent)

    def measure(
        self, record: DatasetRecord, profile: Profile, workers: int | None = None
    ) -> tuple[MeasurementRecord, bool]:
        """Measure a version under a profile, and whether that is new.

        A metric of a team's own that fails is left out; the record says why.
        """
        try:
            return record_measurement(
                self.catalog.git,
                self.store,
                record,
                profile,
                created_at=self.time,
                tool=self.tool,
                workers=workers,
            )
        except MetricError as error:
            return self.measure(record, profile.failing(error.metric, error.message), workers)
        except DslineageError as error:
            name = f"{record.dataset}@{record.label}"
            error.message = f"{name} is recorded, but could not be measured: {error.message}"
            error.hint = error.hint or f"dslineage metrics run {name}"
            error.args = (error.message,)
            raise

    def check(self, records: Sequence[DatasetRecord]) -> CheckResult:
        """What the gates say of some versions, and which have examples that were forgotten."""
        result = check_versions(self.catalog, self.config, records, self.time[:10])
        try:
            denied, unread = all_denied(self.catalog.git, self.store)
        except IntegrityError as error:
            if error.kind != "missing-key":
                raise
            unknown = (Returned(name, None, error.message) for name in result.versions)
            return replace(result, returned=tuple(unknown))
        found = () if denied is None else tuple(returned_to(self.store, denied, records))
        return replace(result, returned=found, notices=unread)

    def waive(
        self, record: DatasetRecord, metric: str, reason: str, until: str, author: str
    ) -> ClaimRecord:
        """Let a gate's failure through for the data set of a version until a day.

        Raises:
            UsageError: no gate is on that metric, or the claim is not whole.
        """
        gates = [one for one in self.config.gates if one.dataset in (None, record.dataset)]
        if metric not in {gate.metric for gate in gates}:
            raise UsageError(
                f"no gate of {record.dataset} is on {metric!r}",
                kind="unknown-gate",
                hint="dslineage check",
            )
        claim = waiver_claim(
            record, metric, reason, until, author=author, created_at=self.time, tool=self.tool
        )
        Ledger(self.catalog).keep([claim], self.store)
        return claim

    def _evals(self, dataset: str | None) -> tuple[dict[str, list[Example]], dict[str, str]]:
        """The evaluation sets that a data set is compared with, and why others cannot be."""
        config = self.config
        if dataset in config.eval_sets:
            return {}, {}
        sources = dict(config.evals) | {name: f"{name}@latest" for name in config.eval_sets}
        found, missing = {}, {}
        for name, ref in sources.items():
            try:
                found[name] = self._items(name, ref)
            except NotFoundError as error:
                missing[f"contam[{name}]"] = error.message
        return found, missing

    def _items(self, name: str, ref: str) -> list[Example]:
        """The examples of an evaluation set: a file of the repository, or a data set."""
        root = self.catalog.git.root
        where = f"metrics.evals.{name}"
        if is_url(ref):
            raise UsageError(f"{FILE_NAME}: {where}: {ref} is on a remote", kind="bad-config")
        if os.path.lexists(root / ref) or ".." in ref.split("/"):
            ref = str(repository_file(root, ref, where))
        with self.sides.one(ref, None) as snapshot:
            rows = snapshot.read(snapshot.rows())
            return [Example.of(fields, snapshot.adapter) for fields in rows]
