"""Running a command as a step: what it began with, how it ended, and what it made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dslineage.environment import machine, runs_here
from dslineage.errors import DslineageError, IntegrityError, NotFoundError, UsageError
from dslineage.lineage.codestate import script_of
from dslineage.lineage.command import ending, run_command
from dslineage.lineage.registry import Registry
from dslineage.records import POINTER_SUFFIX, StepRecord
from dslineage.steps.draft import draft, kept, with_gap
from dslineage.steps.inputs import InputFinder, Inputs
from dslineage.steps.outputs import counted, recorded
from dslineage.steps.result import StepResult
from dslineage.steps.watching import Outcome, Watch, Watched

if TYPE_CHECKING:
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace

_OPERATION = re.compile(r"[a-z][a-z0-9-]{0,40}")
_INTERPRETERS = re.compile(r"(?:python|node|ruby|perl|bash|sh|zsh|Rscript|uv|poetry)[0-9.]*")


@dataclass(frozen=True, slots=True)
class CommandStep:
    """A command, and what is said of it before it runs.

    `inputs` are references and paths; `outputs` paths, `NAME=PATH` or names of data sets. Where no
    inputs are named, the data sets that the command changed are taken for what it began with.
    `add` records inputs that have changes; `measure` says whether versions are measured.
    """

    command: tuple[str, ...]
    name: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    message: str = ""
    add: bool = False
    measure: bool = True


def run_step(
    work: Workspace, asked: CommandStep, report: Report | None = None, *, stdout: int | None = None
) -> StepResult:
    """Run a command, and record what it made, with how it was made.

    A command that fails, is interrupted or is not there leaves a record as well, and no version.

    Args:
        work: the repository.
        asked: the command, and what is said of it.
        report: called as outputs are read, after the command.
        stdout: the file descriptor that the command's output goes to; None: ours.

    Raises:
        UsageError: an input has changes that are in no version, or a name is taken; nothing ran.
        NotFoundError: an input is unknown, and nothing ran; or the command left out an output.
        BadDataError: the command ran, and an output cannot be read; that is recorded.
    """
    if not asked.command:
        raise UsageError("a step needs a command", hint="dslineage step -- python clean.py")
    operation = operation_of(asked.name, asked.command)
    inputs = InputFinder(work, asked.add, asked.measure).find(asked.inputs)
    watch = Watch.start(work, asked.outputs)
    step = _begun(work, asked, operation, inputs, watch)
    ended = run_command(asked.command, work.here, stdout=stdout)
    step = replace(step, exit_status=ended.status, gaps=(*step.gaps, *ended.gaps))
    outcomes = watch.outcomes()
    if ended.status:
        left = tuple(sorted(path for one in outcomes if one.changed for path in one.after))
        why = f"the command {ending(ended.status)}"
        why += f", and left {', '.join(left)} changed, in no version" if left else ""
        return StepResult(kept(work, with_gap(step, "failed", why)), (), left, ended.notices)
    notices = (*(gap.message for gap in ended.gaps), *_said(outcomes))
    return _Finished(work, asked, inputs, outcomes, notices).recorded(step, report)


def operation_of(name: str, command: Sequence[str]) -> str:
    """What a step is called: as it was named, else after the script or the program.

    Raises:
        UsageError: the name is none.
    """
    if name:
        if not _OPERATION.fullmatch(name):
            raise UsageError(
                f"{name!r} cannot name a step: a lower-case letter, then a-z, 0-9 and '-' can",
                hint="dslineage step --name clean -- ...",
            )
        return name
    words = [
        word.rpartition(".")[2] if before == "-m" else PurePosixPath(word).stem
        for before, word in pairwise(("", *command))
        if not (word.startswith("-") or " " in word)
    ]
    telling = [one for one in words if not _INTERPRETERS.fullmatch(one)]
    chosen = (telling or words or ["step"])[0]
    near = re.sub(r"[^a-z0-9]+", "-", chosen.lower()).strip("-0123456789")[:40]
    return near if _OPERATION.fullmatch(near) else "step"


def _begun(
    work: Workspace, asked: CommandStep, operation: str, inputs: Inputs, watch: Watch
) -> StepRecord:
    """The record as far as it can be told before the command runs."""
    data = frozenset(path for one in watch.watched for path in one.before)
    named = [one.name for one in watch.watched if one.declared]
    named += [one.stem.partition("/")[0] for one in inputs.records]
    return draft(
        work,
        (*named, operation)[0],
        operation,
        inputs.ids,
        asked.parameters,
        message=asked.message,
        seed=asked.seed,
        files=inputs.files,
        script=script_of(asked.command, work.here, work.git, data),
        command=asked.command,
        ran_in=None if runs_here(asked.command) else machine(work.root),
    )


def _said(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What there is to say of files that make no version."""
    for one in outcomes:
        path = one.watched.path.removesuffix(POINTER_SUFFIX)
        if one.watched.before and not one.after:
            yield f"{path} is gone"
        elif one.watched.declared and one.after and not one.written:
            yield f"{path} was not written"


@dataclass(frozen=True, slots=True)
class _Finished:
    """A command that ended well."""

    work: Workspace
    asked: CommandStep
    inputs: Inputs
    outcomes: Sequence[Outcome]
    notices: tuple[str, ...]

    @property
    def made(self) -> list[Watched]:
        """The data sets that it wrote."""
        return [
            one.watched
            for one in self.outcomes
            if one.after and (one.changed or (one.watched.declared and one.written))
        ]

    @property
    def missing(self) -> list[str]:
        """The paths of declared outputs that are not there, or were there before and no output."""
        return [
            one.watched.path.removesuffix(POINTER_SUFFIX)
            for one in self.outcomes
            if one.watched.declared
            and not (one.after if one.watched.file is not None else one.written)
        ]

    def recorded(self, step: StepRecord, report: Report | None) -> StepResult:
        """The step and what it made, recorded."""
        work, made = self.work, self.made
        step, inputs = self._with_inputs(step)
        if self.missing:
            why = f"the command did not write {', '.join(self.missing)}, a declared output"
            kept(work, with_gap(step, "failed", why))
            raise NotFoundError(f"{why}; that is recorded", kind="no-output")
        try:
            step = self._counted(step, inputs, report)
            outputs = recorded(work, step, made, measure=self.asked.measure, report=report)
        except DslineageError as error:
            kept(work, with_gap(step, "failed", f"what it wrote is in no version: {error.message}"))
            raise
        if all(one.unchanged for one in outputs):
            kept(work, step)
        return StepResult(step, outputs, (), self.notices)

    def _counted(self, step: StepRecord, inputs: Inputs, report: Report | None) -> StepRecord:
        """The step, with what became of the examples, where those of its inputs are there.

        A command that made no data dropped nothing.
        """
        work = self.work
        if not self.made:
            return step
        try:
            versions = inputs.versions(Registry(work.catalog))
            return replace(step, counts=counted(work, versions, self.made, report=report))
        except IntegrityError as error:
            return with_gap(step, "unread-files", f"examples were not counted: {error.message}")

    def _with_inputs(self, step: StepRecord) -> tuple[StepRecord, Inputs]:
        """The step, with the inputs that nobody named and what is not known of them."""
        inputs = self.inputs
        if not self.asked.inputs:
            before = tuple(one.version for one in self.made if one.version is not None)
            inputs = replace(inputs, records=before)
            step = with_gap(step, "undeclared-inputs", "what else the command read was not said")
        for one in self.made:
            if not one.clean:
                why = f"{one.name} had changes that were in no version before the command ran"
                step = with_gap(step, "unrecorded-step", why)
        return replace(step, inputs=inputs.ids), inputs
