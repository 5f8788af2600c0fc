"""Runs that trackers and configurations tell of, recorded as declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.lineage.importedrun import ImportedInput, ImportedRun, RunImport, free_name
from dslineage.lineage.node import node_of
from dslineage.lineage.registry import Registry
from dslineage.records import Base, DatasetRecord, Evidence, Gap, RunInput, RunRecord
from dslineage.trainers.configured import NamedData
from dslineage.trainers.mlflow import from_mlflow
from dslineage.trainers.tracked import Tracked, from_axolotl, from_llamafactory
from dslineage.trainers.wandb import from_wandb

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp

Form = Literal["wandb", "mlflow", "axolotl", "llamafactory"]
FORMS: tuple[Form, ...] = get_args(Form)
_READERS: dict[Form, Callable[[Path, Path], list[Tracked]]] = {
    "wandb": from_wandb,
    "mlflow": from_mlflow,
    "axolotl": from_axolotl,
    "llamafactory": from_llamafactory,
}


@dataclass
class DeclaredImporter:
    """Makes records of what others kept. `notices` grow while it works."""

    registry: Registry
    store: Store
    stamp: Stamp
    here: Path
    notices: list[str] = field(default_factory=list)

    def bring(self, form: Form, path: Path, name: str | None = None) -> RunImport:
        """Record the runs that are told of, and stage them in git; what is recorded already stays.

        Raises:
            NotFoundError: there is no run.
            BadDataError: a file is not what it should be; nothing was recorded.
            UsageError: several runs cannot have one name, or it is that of another.
        """
        tracked = _READERS[form](path, self.here)
        if name is not None and len(tracked) > 1:
            raise UsageError(f"there are {len(tracked)} runs, and one name", kind="name-taken")
        taken = {run.name for run in self._runs}
        found: list[ImportedRun] = []
        for one in tracked:
            run = self._run(one, name, taken)
            taken.add(run.record.name)
            found.append(run)
        fresh = [run.record for run in found if run.new]
        if fresh:
            self.registry.keep(fresh, self.store)
        return RunImport(tuple(found), tuple(self.notices))

    @cached_property
    def _runs(self) -> list[RunRecord]:
        return list(self.registry.every(RunRecord))

    @cached_property
    def _versions(self) -> list[DatasetRecord]:
        versions = self.registry.every(DatasetRecord)
        return sorted(versions, key=lambda one: (one.created_at, one.id))

    def _run(self, told: Tracked, name: str | None, taken: set[str]) -> ImportedRun:
        captured = [run for run in self._runs if str(run.started_with) == told.start_hash]
        if captured:
            self.notices.append(f"{told.origin} is {node_of(captured[0]).title}, captured already")
            return ImportedRun(captured[0], new=False, inputs=(), models=())
        record = self._record(told, "NAME")
        for run in self._runs:
            if run.imported_from == told.origin and _says_the_same(run, record):
                return ImportedRun(run, False, self._linked(run.inputs), ())
        record = self._record(told, free_name(name, told.name, taken))
        return ImportedRun(record, True, self._linked(record.inputs), ())

    def _record(self, told: Tracked, name: str) -> RunRecord:
        found = told.configured
        inputs = [self._input(one, told.started_at) for one in found.data]
        gaps = [*told.gaps, *found.gaps, *(gap for _, own in inputs for gap in own)]
        gaps.append(Gap("consumption", "how much of its data it used is only declared, if at all"))
        if told.code is None:
            gaps.append(Gap("code", "which code trained is not recorded"))
        return RunRecord(
            name=name,
            inputs=(*(entry for entry, _ in inputs), *_by_hash(told)),
            status=told.status,
            evidence=Evidence.DECLARED,
            author=self.stamp.author,
            created_at=self.stamp.created_at,
            tool=self.stamp.tool,
            base=Base(found.base, revision=found.revision) if found.base else None,
            code=told.code,
            parameters=found.parameters or None,
            seed=found.seed,
            started_at=told.started_at,
            ended_at=told.ended_at,
            epochs=told.epochs,
            steps=told.steps,
            imported_from=told.origin,
            gaps=tuple(dict.fromkeys(gaps)),
        )

    def _input(self, named: NamedData, started_at: str | None) -> tuple[RunInput, tuple[Gap, ...]]:
        """An input, with the version that has its path; of several, the last before the run."""
        at = [one for one in self._versions if self._path(named) in {f.path for f in one.files}]
        before = [one for one in at if started_at is None or one.created_at <= started_at]
        version = (before or at)[-1] if at else None
        entry = RunInput(
            named.role,
            Evidence.DECLARED,
            subject=None if version is None else version.id,
            weight=named.weight,
            split=named.split,
            uri=named.uri,
        )
        if version is None:
            return entry, ()
        why = f"{named.uri} is taken for {node_of(version).ref}, which has that path: which rows "
        return entry, (Gap("unknown-data", f"{why}it had when the run read it is not known"),)

    def _path(self, named: NamedData) -> str:
        """The path of a data set below the repository, or an empty text."""
        uri = named.uri.removeprefix("file://")
        if "://" in uri or "\0" in uri:
            return ""
        path, root = (self.here / uri).resolve(), self.registry.catalog.git.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""

    def _linked(self, inputs: Sequence[RunInput]) -> tuple[ImportedInput, ...]:
        return tuple(
            ImportedInput(
                entry,
                tuple(
                    node_of(one).title
                    for one in self._versions
                    if one.id == entry.subject
                    or (entry.content_hash is not None and one.content_hash == entry.content_hash)
                ),
            )
            for entry in inputs
        )


def _by_hash(told: Tracked) -> Iterator[RunInput]:
    """What a callback of dslineage told a tracker: hashes in somebody else's keeping."""
    for one in told.content_hashes:
        try:
            yield RunInput("train", Evidence.DECLARED, content_hash=Digest.parse(one))
        except UsageError:
            continue


def _says_the_same(one: RunRecord, other: RunRecord) -> bool:
    """Whether two records differ in nothing but their names, who made them and when."""
    left, right = one.to_dict(), other.to_dict()
    return all(
        left.get(name) == right.get(name)
        for name in {*left, *right} - {"id", "name", "author", "created_at", "tool"}
    )
