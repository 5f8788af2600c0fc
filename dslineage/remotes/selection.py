"""Which versions are meant, each with the step that made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dslineage.records import DatasetRecord, StepRecord
from dslineage.remotes.fetching import Wanted
from dslineage.versions.roots import Document


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


def _step_of(root: Path, record: DatasetRecord) -> StepRecord | None:
    for path in _candidates(root, record.generated_by or ""):
        step = StepRecord.from_bytes(path.read_bytes(), path.relative_to(root).as_posix())
        if step.id == record.generated_by:
            return step
    return None


def _candidates(root: Path, id_: str) -> Iterator[Path]:
    kind, _, digits = id_.partition(":sha256:")
    if kind == StepRecord.kind:
        yield from (root / StepRecord.folder()).glob(f"*/*-{digits[:12]}.json")
