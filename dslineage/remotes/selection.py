"""Which versions are meant, each with the step that made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.disk import regular_bytes
from dslineage.lineage.checking import check_records
from dslineage.records import DatasetRecord, StepRecord
from dslineage.remotes.fetching import Wanted
from dslineage.versions.roots import Document

if TYPE_CHECKING:
    from dslineage.versions.git import Git


def in_work_tree(root: Path, records: Iterable[DatasetRecord]) -> list[Wanted]:
    """Versions with the records of their steps in a work tree."""
    return [Wanted(record, _step_of(root, record)) for record in records]


def in_documents(documents: Iterable[Document]) -> list[Wanted]:
    """The versions among some documents of git, each once, with steps that are among them, too.

    Raises:
        IntegrityError: a record is damaged.
    """
    records: dict[str, DatasetRecord] = {}
    steps: dict[str, StepRecord] = {}
    for document in documents:
        if document.kind == DatasetRecord.kind:
            record = DatasetRecord.from_bytes(document.data, document.path)
            records[record.id] = record
        elif document.kind == StepRecord.kind:
            step = StepRecord.from_bytes(document.data, document.path)
            steps[step.id] = step
    found = sorted(records.values(), key=lambda one: (one.dataset, one.number, one.id))
    return [Wanted(record, steps.get(record.generated_by or "")) for record in found]


def believed(git: Git) -> list[Wanted]:
    """The versions of a work tree whose records can be believed, whatever others are like."""
    checked = check_records(git)
    steps = {step.id: step for step in checked.of(StepRecord)}
    records = checked.of(DatasetRecord)
    return [Wanted(record, steps.get(record.generated_by or "")) for record in records]


def _step_of(root: Path, record: DatasetRecord) -> StepRecord | None:
    for path in _candidates(root, record.generated_by or ""):
        step = StepRecord.from_bytes(regular_bytes(path), path.relative_to(root).as_posix())
        if step.id == record.generated_by:
            return step
    return None


def _candidates(root: Path, id_: str) -> Iterator[Path]:
    kind, _, digits = id_.partition(":sha256:")
    if kind == StepRecord.kind:
        yield from (root / StepRecord.folder()).glob(f"*/*-{digits[:12]}.json")
