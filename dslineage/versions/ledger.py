"""Steps and claims: the records beside those of versions, read; and records written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dslineage.disk import regular_bytes
from dslineage.errors import NotFoundError
from dslineage.records import (
    ClaimRecord,
    DatasetRecord,
    MixtureRecord,
    ModelRecord,
    Record,
    RunRecord,
    StepRecord,
    checked_name,
)
from dslineage.store.files import resource_errors
from dslineage.store.folder import ObjectFolder
from dslineage.versions.catalog import Catalog
from dslineage.versions.keeping import keep, stage_rest

if TYPE_CHECKING:
    from dslineage.store.store import Store

STEPS = StepRecord.folder()
CLAIMS = ClaimRecord.folder()
Parents = Mapping[bytes, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The steps and claims of a work tree."""

    catalog: Catalog

    def step_of(self, version: DatasetRecord) -> StepRecord | None:
        """The step that made a version, where its record is in this work tree.

        Raises:
            IntegrityError: the record is not as it was written.
        """
        id_ = version.generated_by
        if id_ is None or not id_.startswith("step:"):
            return None
        folder = self.catalog.git.root / STEPS / checked_name(version.dataset)
        for path in folder.glob(f"*-{id_[12:24]}.json"):
            step = StepRecord.from_bytes(regular_bytes(path), str(path))
            if step.id == id_:
                return step
        return None

    def derived(self, step: StepRecord) -> Parents:
        """Which examples a step made of which, whether its record has that or an object.

        Raises:
            IntegrityError: the object is missing or damaged.
        """
        if step.links is None or step.parents:
            return step.digests
        from dslineage.store.links import read_links

        folder = ObjectFolder(self.catalog.git.common_dir / "dslineage").links_folder
        return read_links(folder, step.links).derived

    def steps_to(self, version: DatasetRecord) -> Iterator[StepRecord]:
        """The steps that led to a version, the last one first; versions without one are passed."""
        for one in self._line(version):
            step = self.step_of(one)
            if step is not None:
                yield step

    def parents(self, before: DatasetRecord, after: DatasetRecord) -> Parents:
        """Which examples of a version were made of which of an older one, as steps recorded it."""
        if before.dataset != after.dataset:
            return {}
        steps = [self.step_of(one) for one in self._line(after, beyond=before.number)]
        found: dict[bytes, tuple[bytes, ...]] = {}
        for step in reversed([step for step in steps if step is not None]):
            found |= {
                child: tuple(origin for one in of for origin in found.get(one, (one,)))
                for child, of in self.derived(step).items()
            }
        return found

    def claims(self, dataset: str, type_: str) -> list[ClaimRecord]:
        """The claims of one type, oldest first."""
        folder = self.catalog.git.root / CLAIMS / checked_name(dataset)
        paths = sorted(folder.glob(f"{type_}-*.json"))
        found = [ClaimRecord.from_bytes(regular_bytes(path), str(path)) for path in paths]
        return sorted(
            (claim for claim in found if claim.type == type_),
            key=lambda claim: (claim.created_at, claim.id),
        )

    def datasets_with_claims(self) -> list[str]:
        """The data sets that something is claimed about, sorted."""
        folder = self.catalog.git.root / CLAIMS
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def is_used(self, version: DatasetRecord) -> bool:
        """Whether a step, mixture, run, model or claim names a version, by id or by content."""
        root = self.catalog.git.root
        names = version.id.encode(), str(version.content_hash).encode()
        return any(
            name in data
            for kind in (StepRecord, MixtureRecord, RunRecord, ModelRecord, ClaimRecord)
            for path in (root / kind.folder()).glob("*/*.json")
            for data in [regular_bytes(path)]
            for name in names
        )

    def keep(self, records: Sequence[Record], store: Store) -> list[str]:
        """Write records and stage them in git; their paths, relative to the repository.

        Raises:
            IntegrityError: one could not be read again; nothing was written.
        """
        git = self.catalog.git
        for record in records:
            record.from_bytes(record.to_bytes(), record.path)
        with resource_errors(git.root), store.lock():
            stage_rest(git)
            keep(git, {record.path: record.to_bytes() for record in records})
        return [record.path for record in records]

    def _line(self, version: DatasetRecord, beyond: int = 0) -> Iterator[DatasetRecord]:
        """A version and those before it, newest first, as far as this work tree has them.

        Only those with a greater number than `beyond`; a parent's is less than its child's.
        """
        seen = {version.id}
        todo = [version]
        while todo:
            one = todo.pop(0)
            if one.number <= beyond:
                continue
            yield one
            for parent in one.parents:
                if parent not in seen:
                    seen.add(parent)
                    todo += self._recorded(parent, one.dataset)

    def _recorded(self, id_: str, dataset: str) -> list[DatasetRecord]:
        try:
            return [self.catalog.record(id_, dataset)]
        except NotFoundError:
            return []
