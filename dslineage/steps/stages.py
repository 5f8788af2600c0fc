"""Reading the stages of a `dvc.lock` as steps, and linking them to the versions that they made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import IntegrityError, UndecidableError, UsageError
from dslineage.lineage.codestate import named_file
from dslineage.lineage.dvcstages import Stage, StageFile, read_stages
from dslineage.lineage.registry import Registry
from dslineage.members import known
from dslineage.records import ClaimRecord, DatasetRecord, Gap, NamedFile, StepRecord
from dslineage.steps.result import ImportResult
from dslineage.versions.catalog import relative_to
from dslineage.versions.restoring import restored
from dslineage.versions.worktree import HashCache, state_of

if TYPE_CHECKING:
    from dslineage.versions.catalog import PointerFile
    from dslineage.versions.recording import Stamp
    from dslineage.workspace import Workspace

ORIGIN = "origin"
_UNPLAIN = re.compile(r"[^a-z0-9]+")


def import_stages(work: Workspace, path: Path) -> ImportResult:
    """Read the stages of a `dvc.lock` as steps.

    A version is linked only where the MD5 in the lock file is that of its bytes; a path whose bytes
    are in no version is a gap of the step. A version that no step made gets a claim of type
    `origin`, which names the step. Reading the same file again adds nothing.

    Args:
        work: the repository.
        path: the `dvc.lock`, or the folder that it is in.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no `dvc.lock`.
    """
    lock = path / "dvc.lock" if path.is_dir() else path
    reader = _Reader(work, lock.parent, relative_to(work.root, lock), work.stamp(""))
    earlier = list(reader.registry.every(StepRecord))
    steps, new, linked, claims, notices = [], [], {}, [], []
    for stage in read_stages(lock):
        found = reader.read(stage)
        if found is None:
            notices.append(f"the stage {stage.name} has no data set that is recorded here")
            continue
        before = next((one for one in earlier if _same(one, found.step)), None)
        step = before or found.step
        steps.append(step)
        new += [] if before else [step]
        claims += [reader.claim(made, step) for made in found.made if made.generated_by is None]
        linked[step.id] = tuple(f"{one.dataset}@{one.label}" for one in found.made)
    said = {(one.subject, json.dumps(one.body)) for one in reader.registry.every(ClaimRecord)}
    fresh = [one for one in claims if (one.subject, json.dumps(one.body)) not in said]
    if new or fresh:
        store = work.store
        store.prepare()
        reader.registry.keep([*new, *fresh], store)
    return ImportResult(tuple(steps), tuple(one.id for one in new), linked, tuple(notices))


@dataclass(frozen=True, slots=True)
class _Read:
    """A stage as a step, and the versions that it made."""

    step: StepRecord
    made: tuple[DatasetRecord, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes steps of the stages of one lock file."""

    work: Workspace
    folder: Path
    lock: str
    stamp: Stamp

    @property
    def registry(self) -> Registry:
        """All records of the work tree."""
        return Registry(self.work.catalog)

    def read(self, stage: Stage) -> _Read | None:
        """A stage as a step; None where no version of its data is recorded."""
        gaps = [Gap("code", "DVC does not write down which commit was checked out")]
        inputs: list[DatasetRecord] = []
        files: dict[str, NamedFile] = {}
        for one in stage.dependencies:
            found = self._found(one)
            if isinstance(found, DatasetRecord):
                inputs.append(found)
            elif isinstance(found, NamedFile):
                files[found.path] = found
            else:
                gaps.append(Gap("unknown-data", f"{one.path} {found}"))
        made: list[DatasetRecord] = []
        for one in stage.outputs:
            found = self._found(one)
            if isinstance(found, DatasetRecord):
                made.append(found)
            elif isinstance(found, str) and self._pointer(one) is not None:
                gaps.append(Gap("unknown-data", f"{one.path} {found}"))
        if not (inputs or made):
            return None
        operation = _UNPLAIN.sub("-", stage.name.lower()).strip("-0123456789")[:40] or "stage"
        step = StepRecord(
            dataset=(made or inputs)[0].dataset,
            operation=operation,
            inputs=tuple(dict.fromkeys(one.id for one in inputs)),
            parameters=_plain({"stage": stage.name, **known(files=dict(stage.parameters))}),
            parents={},
            counts={},
            message="",
            author=self.stamp.author,
            created_at=self.stamp.created_at,
            tool=self.stamp.tool,
            command=stage.commands,
            files=tuple(files[path] for path in sorted(files)),
            imported_from=self.lock,
            gaps=tuple(gaps),
        )
        return _Read(step, tuple(made))

    def claim(self, made: DatasetRecord, step: StepRecord) -> ClaimRecord:
        """That a version was made by a step, by the bytes that both name."""
        return ClaimRecord(
            subject=made.id,
            dataset=made.dataset,
            type=ORIGIN,
            body={"step": step.id, "evidence": str(step.evidence)},
            author=self.stamp.author,
            created_at=self.stamp.created_at,
            tool=self.stamp.tool,
        )

    def _found(self, one: StageFile) -> DatasetRecord | NamedFile | str:
        """The version or the plain file with the bytes that a stage names, or why there is none."""
        file = self._pointer(one)
        if file is None:
            return self._file(one)
        for version in reversed(self.work.catalog.versions(file.pointer.dataset)):
            if self._is(one, version, file):
                return version
        return "had bytes, when the stage ran, that are in no version here"

    def _file(self, one: StageFile) -> NamedFile | str:
        """A file that is no data set, if it still has the bytes that a stage names."""
        path = self.folder / one.path
        if not path.exists():
            return "is not there any more"
        if path.is_dir() or not path.resolve().is_relative_to(self.work.root.resolve()):
            return "is a folder, or outside the repository, and was not hashed"
        if not one.is_at(path):
            return "is not as it was when the stage ran"
        return named_file(self.work.git, self.work.root / relative_to(self.work.root, path))

    def _is(self, one: StageFile, version: DatasetRecord, file: PointerFile) -> bool:
        """Whether a version's files have the bytes that a stage names."""
        if version.id == file.pointer.id and one.is_at(self.folder / one.path):
            cache = HashCache.load(self.work.store.root / "cache" / "files.json")
            if state_of(self.work.root, file, cache) == "clean":
                return True
        if len(version.files) != 1 or one.size not in {None, version.files[0].size}:
            return False
        try:
            return one.is_of(restored(self.work.store, version.files[0]))
        except (IntegrityError, UndecidableError):
            return False

    def _pointer(self, one: StageFile) -> PointerFile | None:
        """The data set at a path that a stage names."""
        try:
            inside = relative_to(self.work.root, self.folder / one.path)
        except UsageError:
            return None
        return self.work.catalog.pointer_at(inside)


def _same(before: StepRecord, step: StepRecord) -> bool:
    """Whether two steps say the same of one stage, whoever read it when."""
    return before.imported_from is not None and before == replace(
        step, author=before.author, created_at=before.created_at, tool=before.tool
    )


def _plain(value: Any) -> Any:
    """A value of a YAML file as a record can hold it: without nulls, dates as texts."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value if one is not None]
    return value if isinstance(value, str | int | float | bool) else str(value)
