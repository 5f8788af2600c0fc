"""Runs that were captured elsewhere, brought into the repository with their checkpoints."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import BadDataError, DslineageError, IntegrityError, NotFoundError
from dslineage.ids import Digest
from dslineage.lineage.importedrun import (
    ImportedInput,
    ImportedModel,
    ImportedRun,
    RunImport,
    free_name,
)
from dslineage.lineage.node import node_of
from dslineage.lineage.registry import Registry
from dslineage.records import (
    DatasetRecord,
    Evidence,
    Gap,
    ModelRecord,
    RunInput,
    RunRecord,
)
from dslineage.training.runfile import RUN_FILE, RUN_FILES, RunFile, SavedCheckpoint, is_run_file
from dslineage.weights.hashing import hash_files

if TYPE_CHECKING:
    from dslineage.records import Record
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp


@dataclass
class RunImporter:
    """Makes records of run files. `notices` grow while it works."""

    registry: Registry
    store: Store
    stamp: Stamp
    here: Path
    notices: list[str] = field(default_factory=list)

    def bring(self, path: Path, name: str | None = None) -> RunImport:
        """Record the runs of a folder, or of one run file, and stage them in git.

        What is recorded already stays; checkpoints that were saved since are added.

        Args:
            path: a folder with run files, or one of them.
            name: the name of the runs; by default that of the folder.

        Raises:
            NotFoundError: there is no run file.
            BadDataError: the file is of another kind.
            IntegrityError: a run file was edited or says what no record can, or a checkpoint is not
                what it says; nothing was recorded.
            UsageError: the name is that of another run.
        """
        files = {one: _run_file(one, self.here) for one in _run_files(path)}
        ordered = sorted(files, key=lambda one: files[one].start.created_at)
        found: list[ImportedRun] = []
        for number, one in enumerate(ordered):
            later = [files[other] for other in ordered[number + 1 :]]
            found.append(self._run(one, files[one], name, found, later))
        fresh: list[Record] = [run.record for run in found if run.new]
        fresh += [model.record for run in found for model in run.models if model.new]
        if fresh:
            self.registry.keep(fresh, self.store)
        return RunImport(tuple(found), tuple(self.notices))

    @cached_property
    def _known(self) -> dict[Digest, RunRecord]:
        runs = self.registry.every(RunRecord)
        return {run.started_with: run for run in runs if run.started_with is not None}

    @cached_property
    def _versions(self) -> list[DatasetRecord]:
        return list(self.registry.every(DatasetRecord))

    @cached_property
    def _models(self) -> list[ModelRecord]:
        return list(self.registry.every(ModelRecord))

    def _run(
        self,
        path: Path,
        file: RunFile,
        name: str | None,
        before: Sequence[ImportedRun],
        later: Sequence[RunFile],
    ) -> ImportedRun:
        start = file.start
        known = self._known | {run.record.started_with: run.record for run in before}
        record = known.get(start.hash)
        new = record is None
        if record is None:
            continued = known.get(start.continues_start) if start.continues_start else None
            taken = {run.name for run in known.values()}
            chosen = _name(name or start.name, path, continued, taken)
            record = self._record(file, chosen, continued)
        elif file.outcome is not None and record.status == "started":
            self.notices.append(
                f"run:{record.name} was imported while it was under way; its record says so still"
            )
        replaced = {saved.path for one in later for saved in one.checkpoints}
        models = [
            self._model(record, file, saved, _verified(path.parent, saved, replaced))
            for saved in file.checkpoints
        ]
        inputs = tuple(self._linked(entry) for entry in record.inputs)
        return ImportedRun(record, new, inputs, tuple(models))

    def _record(self, file: RunFile, name: str, continued: RunRecord | None) -> RunRecord:
        start, outcome = file.start, file.outcome
        inputs, gaps = self._inputs(file)
        if start.continues_start is not None and continued is None:
            self.notices.append(
                f"the run that it resumed at {start.resumed_from} is not recorded; it is linked "
                "when that one is imported"
            )
        if outcome is None:
            gaps = (*gaps, Gap("outcome", "how the run ended is not recorded"))
        return RunRecord(
            name=name,
            inputs=inputs,
            status=outcome.status if outcome else "started",
            evidence=_evidence(file),
            author=self.stamp.author,
            created_at=start.created_at,
            tool=self.stamp.tool,
            base=start.base,
            code=start.code,
            parameters=start.parameters,
            environment=start.environment,
            framework=start.framework,
            seed=start.seed,
            tokenizer_hash=start.tokenizer_hash,
            template_hash=start.template_hash,
            started_with=start.hash,
            continues=continued.id if continued else None,
            continues_start=None if continued else start.continues_start,
            resumed_from=start.resumed_from,
            started_at=start.created_at,
            ended_at=outcome.ended_at if outcome else None,
            epochs=outcome.epochs if outcome else None,
            steps=outcome.steps if outcome else None,
            gaps=tuple(dict.fromkeys((*start.gaps, *file.gaps, *gaps))),
        )

    def _inputs(self, file: RunFile) -> tuple[tuple[RunInput, ...], tuple[Gap, ...]]:
        """The inputs, with the versions that the training named, where these have the same rows.

        A version whose id stands in the run file is only named by it, too.
        """
        inputs: list[RunInput] = []
        gaps: list[Gap] = []
        names = (*file.start.versions, *[""] * len(file.start.inputs))
        for said, given in zip(file.start.inputs, names, strict=False):
            entry, named = said, given
            if said.subject is not None and said.subject.startswith("dataset:"):
                entry, named = replace(said, subject=None), given or said.subject
            version = self._version(named) if named else None
            if version is not None and version.content_hash == entry.content_hash:
                entry = replace(entry, subject=version.id)
            elif version is not None and entry.content_hash is None:
                entry = replace(entry, subject=version.id, evidence=Evidence.DECLARED)
            elif version is not None:
                why = f"the training named {named}, and received other rows than that has"
                gaps.append(Gap("unknown-data", why))
                self.notices.append(why)
            inputs.append(entry)
        return tuple(inputs), tuple(gaps)

    def _version(self, named: str) -> DatasetRecord | None:
        """The version that a training named; None with a notice, where there is none."""
        try:
            found = self.registry.find(named, here=self.here)
        except DslineageError as error:
            self.notices.append(f"the training named {named}: {error.message}")
            return None
        if isinstance(found, DatasetRecord):
            return found
        self.notices.append(f"the training named {named}: it is {node_of(found).title}, no version")
        return None

    def _linked(self, entry: RunInput) -> ImportedInput:
        """An input with the versions that it is; where there is none, what comes near is told."""
        same = [one for one in self._versions if one.content_hash == entry.content_hash]
        if entry.content_hash is None:
            named = [one for one in self._versions if one.id == entry.subject]
            if entry.subject is None:
                self.notices.append(f"{entry.uri or 'some data'} was not read, and is no version")
            return ImportedInput(entry, tuple(map(_title, named)))
        if not same and entry.subject is None:
            rows = "rows" if entry.examples is None else f"{entry.examples:,} rows"
            self.notices.append(f"the {rows} of the {entry.role} data are in no recorded version")
            near = [
                one
                for one in self._versions
                if (one.training_hash, one.adapter) == (entry.training_hash, entry.adapter)
            ]
            self.notices += [
                f"{_title(one)} shows a model the same, in other rows (equal training hashes)"
                for one in near
            ]
        return ImportedInput(entry, tuple(sorted(map(_title, same))))

    def _model(
        self, run: RunRecord, file: RunFile, saved: SavedCheckpoint, verified: bool
    ) -> ImportedModel:
        adapter = any("adapter_" in one.path.rpartition("/")[2] for one in saved.files)
        record = ModelRecord(
            name=run.name,
            label=saved.label,
            form="adapter" if adapter else "checkpoint",
            files=saved.files,
            evidence=_evidence(file),
            author=run.author,
            created_at=saved.at,
            tool=run.tool,
            weights_hash=saved.weights_hash,
            generated_by=run.id,
            derived_from=(file.start.base,) if adapter and file.start.base else (),
            consumed=saved.consumed,
            step=saved.step,
            epoch=saved.epoch,
            gaps=saved.gaps,
        )
        known = {model.id for model in self._models}
        return ImportedModel(record, verified, record.id not in known)


def _run_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(path.glob(RUN_FILES)) if path.is_dir() else []
    if not found:
        raise NotFoundError(
            f"there is no {RUN_FILE} in {path}",
            kind="no-run-file",
            hint=f"of a model without one: dslineage model add {path} --trained-on REF",
        )
    return found


def _run_file(path: Path, here: Path) -> RunFile:
    """A run file, which is named in errors as it is seen from `here`."""
    shown = os.path.relpath(path, here)
    data = path.read_bytes()
    if not is_run_file(data):
        raise BadDataError(
            f"{shown} is no run file, as a training leaves one ({RUN_FILE}); nothing was recorded",
            kind="no-run-file",
            hint="what else tells of a run, and how: dslineage run import --help",
        )
    return RunFile.from_bytes(data, shown)


def _name(given: str | None, path: Path, continued: RunRecord | None, taken: set[str]) -> str:
    """The name of a run: that of the run that it continues, the one given, or its folder's."""
    if continued is not None and given in (None, continued.name):
        return continued.name
    return free_name(given, path.parent.resolve().name, taken)


def _evidence(file: RunFile) -> Evidence:
    """How a run is known: a command is seen from outside, by the hashes of files."""
    return Evidence.RECORDED if file.start.command else Evidence.CAPTURED


def _verified(home: Path, saved: SavedCheckpoint, replaced: set[str]) -> bool:
    """Whether the files of a checkpoint are here, as they were; those of a later run are not its.

    Raises:
        IntegrityError: a file is another one.
    """
    folder = home / saved.path
    if not saved.path or saved.path in replaced:
        return False
    there = [file for file in saved.files if (folder / file.path).is_file()]
    found = {file.path: file for file in hash_files(folder, [file.path for file in there]).files}
    for file in there:
        if found[file.path] != file:
            raise IntegrityError(
                f"{saved.path}/{file.path} is not what the run saved: its SHA-256 was "
                f"{file.sha256.short}… and is {found[file.path].sha256.short}…; nothing was "
                "recorded",
                kind="changed-checkpoint",
                hint="bring the file back, or take its folder away and import the run without it",
            )
    return bool(saved.files) and len(there) == len(saved.files)


def _title(version: DatasetRecord) -> str:
    return node_of(version).title
