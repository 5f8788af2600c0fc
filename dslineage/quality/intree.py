"""What gates need to know of a version, read from one tree: an index, or a commit."""

from __future__ import annotations

from dslineage.quality.gates import WAIVER, Measured, Waiver
from dslineage.records import ClaimRecord, DatasetRecord, MeasurementRecord
from dslineage.versions.catalog import MEASUREMENTS, RECORDS
from dslineage.versions.tree import Tree


def record_in(tree: Tree, id_: str, dataset: str) -> DatasetRecord | None:
    """The record of a version, or None where the tree has it not.

    Raises:
        IntegrityError: it was edited.
    """
    digits = id_.rpartition(":")[2][:12]
    names = tree.named(f"{RECORDS}/{dataset}", begin="v", end=f"-{digits}.json")
    found = (
        DatasetRecord.from_bytes(data, name)
        for name, data in zip(names, tree.read(names), strict=True)
    )
    return next((record for record in found if record.id == id_), None)


def measured_in(tree: Tree, record: DatasetRecord) -> Measured:
    """A version with what was measured of it, the newest first."""
    names = tree.named(f"{MEASUREMENTS}/{record.dataset}", begin=f"{record.label}-", end=".json")
    read = [
        (MeasurementRecord.from_bytes(data, name), name)
        for name, data in zip(names, tree.read(names), strict=True)
    ]
    own = [one for one in read if one[0].subject == record.id]
    own.sort(key=lambda one: (one[0].created_at, one[1]), reverse=True)
    return Measured(f"{record.dataset}@{record.label}", [one for one, _ in own])


def parent_in(tree: Tree, record: DatasetRecord) -> Measured | None:
    """The first parent; nothing is known of one whose record is not in the tree."""
    for id_ in record.parents[:1]:
        parent = record_in(tree, id_, record.dataset)
        if parent is None:
            return Measured(f"{record.dataset}@{id_.rpartition(':')[2][:12]}")
        return measured_in(tree, parent)
    return None


def waivers_in(tree: Tree, dataset: str) -> list[Waiver]:
    """The waivers of a data set."""
    names = tree.named(f"{ClaimRecord.folder()}/{dataset}", begin=f"{WAIVER}-", end=".json")
    read = zip(names, tree.read(names), strict=True)
    return [Waiver.of(ClaimRecord.from_bytes(data, name)) for name, data in read]
