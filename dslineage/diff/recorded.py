"""What records alone say of two versions: in a clone, the examples may not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dslineage.diff.result import SchemaChange, SideInfo
from dslineage.errors import UsageError
from dslineage.quality.attribution import Split
from dslineage.quality.metric import name_of
from dslineage.quality.movement import Movement
from dslineage.quality.tally import Tally

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.ids import Digest
    from dslineage.records import DatasetRecord, MeasurementRecord
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.references import VersionTarget

_COUNTS = ("unchanged", "edited", "removed", "added")
_UNKNOWN: Mapping[str, None] = dict.fromkeys(Split._fields)


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A change as the record of a version has it; the members are those of `DiffResult`.

    `media_changed` is None where the media differ, and nobody counted in how many examples.
    """

    unchanged: int
    edited: int
    removed: int
    added: int
    edits: Mapping[str, int]
    schema_changes: tuple[SchemaChange, ...]
    reordered: bool
    media_changed: int | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> RecordedChange:
        """The change in a record; what it says nothing of did not happen."""
        return cls(
            **{name: document[name] for name in _COUNTS},
            edits=document.get("edits", {}),
            schema_changes=tuple(SchemaChange(**one) for one in document.get("schema_changes", ())),
            reordered=document.get("reordered", False),
            media_changed=document.get("media_changed", 0),
        )


@dataclass(frozen=True, slots=True)
class RecordedDiff:
    """What two versions are known to differ in, no example having been read.

    `change` is None where the older version is no parent of the newer one. `metrics` have figures
    and tallies, and nothing about what moved them.
    """

    dataset: str
    from_: SideInfo
    to: SideInfo
    identical: bool
    change: RecordedChange | None
    metrics: tuple[Movement, ...]
    notices: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether there is any change of an example, or of media to which it refers."""
        return not self.identical or self.change is None or self.change.media_changed != 0

    def to_dict(self) -> dict[str, Any]:
        """The document `dslineage.diff/1`, `known` being `records`; null where that says nothing.

        Kinds, pairs and rows are those of examples, so that a `rows` member is never there.
        """
        change = self.change
        return {
            "schema": "dslineage.diff/1",
            "known": "records",
            "dataset": self.dataset,
            "from": self.from_.to_dict(),
            "to": self.to.to_dict(),
            "identical": self.identical,
            "reordered": change and change.reordered,
            "bytes_only": None,
            "examples": {
                "from": self.from_.examples,
                "to": self.to.examples,
                **{name: change and getattr(change, name) for name in _COUNTS},
            },
            "edits": change and dict(change.edits),
            "pairing": None,
            "related": None,
            "media_changed": change and change.media_changed,
            "schema_changes": change and [one.to_dict() for one in change.schema_changes],
            "metrics": [_document(movement) for movement in self.metrics],
            "notices": list(self.notices),
        }


def recorded_diff(
    catalog: Catalog, before: VersionTarget, after: VersionTarget, options: DiffOptions
) -> RecordedDiff:
    """Compare two versions by their records.

    Args:
        catalog: where their measurements are.
        before: the older one.
        after: the newer one.
        options: whether metrics count, and which; the others are about examples.

    Raises:
        UsageError: no version was measured under a name.
    """
    names = options.names
    older, newer = before.record, after.record
    sides = _side(older, newer), _side(newer, older)
    measured = [catalog.measurements(one.record, one.commit) for one in (before, after)]
    known = _names(measured) if options.metrics else []
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"{unknown[0]!r} is no metric of which a record has a figure",
            hint=f"the metrics are: {', '.join(known)}",
        )
    change = _change(older, newer)
    return RecordedDiff(
        newer.dataset,
        *sides,
        older.content_hash == newer.content_hash,
        change,
        tuple(
            _movement(name, measured, [side.version for side in sides])
            for name in known
            if not names or name in names
        ),
        tuple(_notices(older, newer, change)),
    )


def _side(record: DatasetRecord, other: DatasetRecord) -> SideInfo:
    label = record.label
    if record.dataset != other.dataset:
        label = f"{record.dataset}@{label}"
    elif record.number == other.number and record.id != other.id:
        label = f"{record.dataset}@{record.digits[:8]}"
    return SideInfo(
        label,
        str(record.content_hash),
        str(record.training_hash),
        record.examples,
        record.quarantined,
        record.adapter,
        record.key,
    )


def _change(older: DatasetRecord, newer: DatasetRecord) -> RecordedChange | None:
    """The change between two versions, where a record has it or equal hashes leave no other."""
    known = newer.change.get(older.id)
    if known is not None:
        return RecordedChange.of(known)
    if older.content_hash != newer.content_hash:
        return None
    reordered = older.order_hash != newer.order_hash
    media_changed = 0 if _media(older) == _media(newer) else None
    return RecordedChange(newer.examples, 0, 0, 0, {}, (), reordered, media_changed)


def _media(record: DatasetRecord) -> Digest | None:
    return None if record.media is None else record.media.list


def _notices(
    older: DatasetRecord, newer: DatasetRecord, change: RecordedChange | None
) -> Iterator[str]:
    if change is None:
        yield (
            f"{older.title} is no parent of {newer.title}, and records count a change against "
            "parents alone: how many examples changed is not known"
        )
    yield (
        "the examples are not here: which of them changed, what moved a metric, and whether chance "
        "would have, is not known. Objects are in the git folder of the clone where the versions "
        "were added; where the versions' files are, dslineage add makes them anew"
    )


def _names(measured: Sequence[Sequence[MeasurementRecord]]) -> list[str]:
    """The names of the metrics that either side was last measured by, those of the newer first."""
    ids = (id_ for side in reversed(measured) for one in side[:1] for id_ in one.metrics)
    return list(dict.fromkeys(map(name_of, ids)))


def _movement(
    name: str, measured: Sequence[Sequence[MeasurementRecord]], labels: Sequence[str]
) -> Movement:
    """The figures of both sides, under the newest id by which both were measured."""
    older, newer = (_under(name, records) for records in measured)
    id_ = next((id_ for id_ in newer if id_ in older), next(iter({**newer, **older})))
    told = newer.get(id_) or older[id_]
    movement = Movement(
        metric=name,
        id=id_,
        unit=str(told.get("unit", "")),
        better=told.get("better", "neutral"),
        kind=str(told.get("kind", "judge" if "judge" in told else "set")),
    )
    for label, known in zip(labels, (older, newer), strict=True):
        if id_ not in known:
            how = " in the same way" if known else ""
            return replace(movement, reason=f"{label} was not measured{how}")
    sides = older[id_], newer[id_]
    tallies = (Tally.from_dict(sides[0]), Tally.from_dict(sides[1])) if "kind" in told else None
    return replace(
        movement, before=sides[0].get("figure"), after=sides[1].get("figure"), tallies=tallies
    )


def _under(name: str, records: Sequence[MeasurementRecord]) -> dict[str, Mapping[str, Any]]:
    """What was measured under a name, by ids, the newest first."""
    found: dict[str, Mapping[str, Any]] = {}
    for record in records:
        for id_, measured in record.metrics.items():
            if name_of(id_) == name:
                found.setdefault(id_, measured)
    return found


def _document(movement: Movement) -> dict[str, Any]:
    """The movement as JSON, null where only examples could tell."""
    document = movement.to_dict()
    if movement.comparable:
        document["moved"] = None
    if movement.tallies is not None:
        older, newer = movement.tallies
        document["affected"] = {"from": older.nonzero, "to": newer.nonzero, **_UNKNOWN}
        names = sorted({*older.counts, *newer.counts})
        if names:
            document["labels"] = [
                {"label": name, "examples": [older.counts.get(name, 0), newer.counts.get(name, 0)]}
                for name in names
            ]
    return document
