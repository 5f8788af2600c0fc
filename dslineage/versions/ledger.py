"""Steps and claims: the records beside those of versions, read, and claims written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import IntegrityError, NotFoundError
from dslineage.records import (
    ClaimRecord,
    DatasetRecord,
    MixtureRecord,
    ModelRecord,
    RunRecord,
    StepRecord,
    checked_name,
)
from dslineage.store.files import resource_errors, sweep, write_file
from dslineage.store.folder import ObjectFolder
from dslineage.versions.catalog import Catalog
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from dslineage.store.store import Store

STEPS = StepRecord.folder()
CLAIMS = ClaimRecord.folder()
Parents = Mapping[bytes, tuple[bytes, ...]]


class Fault(NamedTuple):
    """A record that is damaged or missing: its name, what is wrong, and the versions hurt by it."""

    name: str
    message: str
    needed_by: tuple[str, ...]


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
            step = StepRecord.from_bytes(path.read_bytes(), str(path))
            if step.id == id_:
                return step
        return None

    def steps(self) -> Iterator[StepRecord]:
        """Every step whose record is as it was written, by path."""
        for path in sorted((self.catalog.git.root / STEPS).glob("*/*.json")):
            with suppress(IntegrityError):
                yield StepRecord.from_bytes(path.read_bytes(), str(path))

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
        found = [ClaimRecord.from_bytes(path.read_bytes(), str(path)) for path in paths]
        return sorted(
            (claim for claim in found if claim.type == type_),
            key=lambda claim: (claim.created_at, claim.id),
        )

    def datasets_with_claims(self) -> list[str]:
        """The data sets that something is claimed about, sorted."""
        folder = self.catalog.git.root / CLAIMS
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def is_used(self, version: DatasetRecord) -> bool:
        """Whether a step, mixture, run, model or claim names a version."""
        root, id_ = self.catalog.git.root, version.id.encode()
        return any(
            id_ in path.read_bytes()
            for kind in (StepRecord, MixtureRecord, RunRecord, ModelRecord, ClaimRecord)
            for path in (root / kind.folder()).glob("*/*.json")
        )

    def faults(self, versions: Sequence[DatasetRecord]) -> tuple[int, list[Fault]]:
        """How many steps and claims there are, and what is wrong with them.

        Args:
            versions: the whole records of versions that there are.
        """
        root = self.catalog.git.root
        known = {version.id for version in versions}
        found: list[Fault] = []
        steps: set[str] = set()
        paths = [
            *sorted((root / STEPS).glob("*/*.json")),
            *sorted((root / CLAIMS).glob("*/*.json")),
        ]
        for path in paths:
            name = path.relative_to(root).as_posix()
            try:
                record: StepRecord | ClaimRecord
                if name.startswith(STEPS):
                    record = StepRecord.from_bytes(path.read_bytes(), name)
                    needed = set(record.inputs)
                    steps.add(record.id)
                else:
                    record = ClaimRecord.from_bytes(path.read_bytes(), name)
                    needed = {record.subject}
            except IntegrityError as error:
                found.append(Fault(name, error.message, ()))
                continue
            if record.path != name:
                found.append(Fault(name, f"damaged record {name}: its name is another", ()))
            missing = sorted(id_ for id_ in needed - known if id_.startswith("dataset:"))
            found += [Fault(name, f"{name} names {id_}, which is not here", ()) for id_ in missing]
        for version in versions:
            id_ = version.generated_by or ""
            if id_.startswith("step:") and id_ not in steps:
                title = f"{version.dataset}@{version.label}"
                found.append(Fault(id_, f"missing record {id_}", (title,)))
        return len(paths), found

    def keep(self, claims: Sequence[ClaimRecord], store: Store) -> list[str]:
        """Write claims and stage them in git; their paths, relative to the repository."""
        git = self.catalog.git
        paths = [claim.path for claim in claims]
        with resource_errors(git.root), store.lock():
            for path, claim in zip(paths, claims, strict=True):
                refuse_links(git.root, path)
                sweep(git.root / path)
                write_file(git.root / path, claim.to_bytes())
            git.stage(paths)
        return paths

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
