"""What versions cost: which bytes only one of them needs, and which they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.errors import IntegrityError
from dslineage.records import DatasetRecord, StepRecord
from dslineage.store.closure import Closure
from dslineage.store.folder import OBJECTS
from dslineage.store.repacking import worth_repacking
from dslineage.store.store import Store
from dslineage.versions.garbage import Repacked, planned, survey
from dslineage.versions.roots import Document, Names


@dataclass(frozen=True, slots=True)
class Cost:
    """What something needs, in bytes: `own` are those that nothing else needs."""

    own: int
    shared: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.own + self.shared

    def to_dict(self) -> dict[str, int]:
        """The cost as a JSON object."""
        return {"own": self.own, "shared": self.shared, "total": self.total}


@dataclass(frozen=True, slots=True)
class VersionCost:
    """A version's cost; `objects` are those that only it needs, `missing` how many are not here."""

    record: DatasetRecord
    cost: Cost
    objects: Mapping[str, int]
    missing: int

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "dataset": self.record.dataset,
            "version": self.record.label,
            "id": self.record.id,
            "examples": self.record.examples,
            **self.cost.to_dict(),
            "missing": self.missing,
            "objects": [{"name": name, "bytes": size} for name, size in self.objects.items()],
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """What a repository's objects take.

    `shared` are the objects that several versions need, `kinds` numbers and bytes by kind, `dead`
    what garbage collection would delete now, `young` what it would delete later. `repacked` is what
    packing anew would come to. `aside` are bytes of other folders, by name.
    """

    versions: tuple[VersionCost, ...]
    datasets: Mapping[str, Cost]
    kinds: Mapping[str, tuple[int, int]]
    shared: Mapping[str, int]
    dead: Mapping[str, int]
    young: Mapping[str, int]
    repacked: Repacked | None
    aside: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.du/1`."""
        return {
            "schema": "dslineage.du/1",
            "versions": [version.to_dict() for version in self.versions],
            "datasets": {name: cost.to_dict() for name, cost in self.datasets.items()},
            "kinds": {
                kind: {"objects": count, "bytes": size}
                for kind, (count, size) in self.kinds.items()
            },
            **{
                word: [{"name": name, "bytes": size} for name, size in sorted(objects.items())]
                for word, objects in (
                    ("shared", self.shared),
                    ("dead", self.dead),
                    ("young", self.young),
                )
            },
            "repacked": self.repacked.to_dict() if self.repacked else None,
            "aside": dict(self.aside),
        }


def usage(store: Store, documents: Iterable[Document], before: float) -> Usage:
    """What each version of a repository costs, in whichever branch or work tree it is.

    Args:
        store: the objects.
        documents: all records and pointers that are kept.
        before: what was written later would not be deleted yet (seconds since 1970).

    Raises:
        IntegrityError: a layout or pack that is needed is damaged.
    """
    records: dict[str, DatasetRecord] = {}
    steps: dict[str, StepRecord] = {}
    found = survey(store, Names.of(_noted(documents, records, steps)), before)
    sizes = {name: one.size for name, one in found.inventory.objects.items()}
    closure = Closure(store, found.inventory)
    versions = sorted(records.values(), key=lambda one: (one.dataset, one.number, one.id))

    def needs() -> Iterator[tuple[DatasetRecord, set[str]]]:
        for record in versions:
            yield record, closure.of_version(record, steps.get(record.generated_by or ""))

    times: Counter[str] = Counter()
    owners: dict[str, frozenset[str]] = {}
    for record, needed in needs():
        times.update(needed)
        for name in needed:
            if record.dataset not in owners.get(name, ()):
                owners[name] = owners.get(name, frozenset()) | {record.dataset}
    datasets: Counter[tuple[str, bool]] = Counter()
    for name, those in owners.items():
        for dataset in those:
            datasets[dataset, len(those) == 1] += sizes.get(name, 0)
    groups = worth_repacking(found.inventory, found.marks)
    return Usage(
        versions=tuple(_cost(record, needed, times, sizes) for record, needed in needs()),
        datasets={
            name: Cost(datasets[name, True], datasets[name, False])
            for name in sorted({record.dataset for record in versions})
        },
        kinds={kind: _of_kind(sizes, kind) for kind in OBJECTS},
        shared={name: sizes[name] for name, count in times.items() if count > 1 and name in sizes},
        dead={name: one.size for name, one in found.dead.items()},
        young={name: one.size for name, one in found.young.items()},
        repacked=planned(groups, found) if groups else None,
        aside={name: _below(store.root / name) for name in ("cache", "damaged", "tmp")},
    )


def _noted(
    documents: Iterable[Document], records: dict[str, DatasetRecord], steps: dict[str, StepRecord]
) -> Iterator[Document]:
    """Documents as they come, those of versions and steps that can be believed set down by id."""
    for document in documents:
        try:
            if document.kind == DatasetRecord.kind:
                version = DatasetRecord.from_bytes(document.data, document.path)
                records[version.id] = version
            elif document.kind == StepRecord.kind:
                step = StepRecord.from_bytes(document.data, document.path)
                steps[step.id] = step
        except IntegrityError:  # a damaged one in history, which no reader would take for a version
            pass
        yield document


def _cost(
    record: DatasetRecord, needed: set[str], times: Mapping[str, int], sizes: Mapping[str, int]
) -> VersionCost:
    here = needed & sizes.keys()
    own = {name: sizes[name] for name in sorted(here) if times[name] == 1}
    total = sum(sizes[name] for name in here)
    cost = Cost(sum(own.values()), total - sum(own.values()))
    return VersionCost(record, cost, own, len(needed) - len(here))


def _of_kind(sizes: Mapping[str, int], kind: str) -> tuple[int, int]:
    """How many objects of a kind there are, and how many bytes."""
    found = [size for name, size in sizes.items() if name.startswith(f"{kind}/")]
    return len(found), sum(found)


def _below(folder: Path) -> int:
    """The bytes of all files below a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
