"""Checking versions against the gates of their repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dslineage.config import FILE_NAME
from dslineage.errors import IntegrityError, NotFoundError, UndecidableError, UsageError
from dslineage.quality.gates import WAIVER, GateResult, Measured, Waiver, check_gates
from dslineage.records import ClaimRecord
from dslineage.versions.ledger import Ledger

if TYPE_CHECKING:
    from dslineage.config import Config
    from dslineage.records import DatasetRecord
    from dslineage.records.forgotten import DenyList
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Returned:
    """How many forgotten examples a version has; None where that is not known, for the reason."""

    version: str
    examples: int | None
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {"version": self.version, "examples": self.examples, "why": self.why or None}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the gates say; `gates` is empty where none is set.

    `returned` are the versions that have forgotten examples, or may have; `notices` say what else
    is not known of such.
    """

    gates: tuple[GateResult, ...]
    versions: tuple[str, ...]
    returned: tuple[Returned, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a gate failed that nobody waived, or a forgotten example is in a version."""
        fails = any(gate.verdict == "fail" for gate in self.gates)
        return fails or any(one.examples for one in self.returned)

    @property
    def undecided(self) -> bool:
        """Whether a gate could not be judged, or nobody knows if a forgotten example is there."""
        unknown = any(gate.verdict == "not comparable" for gate in self.gates)
        return unknown or any(one.examples is None for one in self.returned)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.check/1`."""
        return {
            "schema": "dslineage.check/1",
            "versions": list(self.versions),
            "failed": self.failed,
            "undecided": self.undecided,
            "gates": [gate.to_dict() for gate in self.gates],
            "forgotten": [one.to_dict() for one in self.returned],
            "notices": list(self.notices),
        }


def check_versions(
    catalog: Catalog, config: Config, records: Sequence[DatasetRecord], today: str
) -> CheckResult:
    """What the gates of a repository say of some versions, each against its first parent.

    Only records are read: what was not measured is "not comparable".

    Raises:
        UsageError: a gate is on a data set that is not there.

    Args:
        catalog: the records.
        config: the gates.
        records: the versions.
        today: the day on which waivers must still hold, as ISO 8601.
    """
    known = catalog.names()
    for gate in config.gates:
        if gate.dataset is not None and gate.dataset not in known:
            raise UsageError(
                f"{FILE_NAME}: the gate on {gate.metric}: there is no data set {gate.dataset!r}",
                kind="bad-config",
            )
    ledger = Ledger(catalog)
    results: list[GateResult] = []
    for record in records:
        gates = [gate for gate in config.gates if gate.dataset in (None, record.dataset)]
        results += check_gates(
            _measured(catalog, record),
            _parent(catalog, record),
            gates,
            [Waiver.of(claim) for claim in ledger.claims(record.dataset, WAIVER)],
            today,
        )
    return CheckResult(tuple(results), tuple(f"{one.dataset}@{one.label}" for one in records))


def returned_to(
    store: Store, denied: DenyList, records: Sequence[DatasetRecord]
) -> Iterator[Returned]:
    """The versions among some that have forgotten examples, or may have."""
    from dslineage.versions.opening import open_version
    from dslineage.versions.returning import returned

    for record in records:
        name = f"{record.dataset}@{record.label}"
        try:
            found = sum(map(len, returned(open_version(store, record), denied)))
        except (IntegrityError, UndecidableError) as error:
            yield Returned(name, None, error.message)
            continue
        if found:
            yield Returned(name, found)


def waiver_claim(
    record: DatasetRecord,
    metric: str,
    reason: str,
    until: str,
    *,
    author: str,
    created_at: str,
    tool: str,
) -> ClaimRecord:
    """The claim that lets a gate's failure through for the data set of a version, for a while.

    Raises:
        UsageError: there is no reason, or the day is none or over.
    """
    if not reason.strip():
        raise UsageError("a waiver says why: --reason", kind="bad-waiver")
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise UsageError(
            f"{until!r} is not a day", kind="bad-waiver", hint="--until 2027-01-31"
        ) from None
    if day.isoformat() < created_at[:10]:
        raise UsageError(f"{until} is over: a waiver holds until its last day", kind="bad-waiver")
    return ClaimRecord(
        subject=record.id,
        dataset=record.dataset,
        type=WAIVER,
        body={"metric": metric, "reason": reason.strip(), "until": day.isoformat()},
        author=author,
        created_at=created_at,
        tool=tool,
    )


def _parent(catalog: Catalog, record: DatasetRecord) -> Measured | None:
    """The first parent; nothing is known of one whose record is not in this work tree."""
    for parent in record.parents[:1]:
        try:
            return _measured(catalog, catalog.record(parent, record.dataset))
        except NotFoundError:
            return Measured(f"{record.dataset}@{parent[15:27]}")
    return None


def _measured(catalog: Catalog, record: DatasetRecord) -> Measured:
    return Measured(f"{record.dataset}@{record.label}", catalog.measurements(record))
