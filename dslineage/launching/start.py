"""What is known of a training before its command runs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from dslineage.environment import environment, machine, runs_here
from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.launching.asked import Launch
from dslineage.launching.checkpoints import Shelf, progress
from dslineage.launching.data import Data
from dslineage.records import Base, Evidence, Gap, RunInput
from dslineage.records.run import Role
from dslineage.trainers.commands import shown
from dslineage.trainers.configured import Configured, NamedData, files_of
from dslineage.training.guard import Guard
from dslineage.training.recorder import moment
from dslineage.training.runfile import RUN_FILES, RunFile, RunStart
from dslineage.training.session import FRAMEWORKS
from dslineage.training.surroundings import code_of, framework_versions
from dslineage.weights.hashing import weights_hash

_TRAINERS = ("axolotl", "llamafactory", "torchtune", *FRAMEWORKS)
_UNSEEN = (
    "the data was hashed before the training, outside of its process: what the trainer read of it, "
    "and made of it, was not seen"
)


class Resumed(NamedTuple):
    """The checkpoint that a training goes on from, and the start of the run that saved it."""

    name: str | None = None
    start: Digest | None = None
    gaps: tuple[Gap, ...] = ()


def data_of(asked: Launch, found: Configured) -> tuple[list[NamedData], list[tuple[Role, str]]]:
    """The data sets by path or address; and the references, which only a repository knows."""
    said = {role for role, _ in asked.data}
    named = [one for one in found.data if one.role not in said]
    referred = []
    for role, text in asked.data:
        paths = files_of(asked.here, [text])
        if paths:
            named.append(NamedData(role, text, paths))
        else:
            referred.append((role, text))
    return named, referred


def start_of(
    asked: Launch,
    found: Configured,
    data: Sequence[Data],
    referred: Sequence[tuple[Role, str]],
    shelf: Shelf,
    guard: Guard,
) -> RunStart:
    """All that can be said; what cannot be read is a gap.

    Args:
        asked: the command, and what is said of it.
        found: its configuration.
        data: what it reads, hashed.
        referred: roles and references to versions.
        shelf: the output folder, as it is before.
        guard: takes what goes wrong.
    """
    base: Base | None = None
    with guard("reading the base model", "base-model"):
        base = _base(found, asked.here)
    code, code_gaps = code_of(asked.here)
    resumed = _resumed(found, asked.here, shelf)
    beside = runs_here(asked.command)
    unseen = [Gap("preparation", _UNSEEN)] if any(one.received for one in data) else []
    inputs = [one.as_input() for one in data]
    inputs += [RunInput(role, Evidence.DECLARED, uri=text) for role, text in referred]
    return RunStart(
        created_at=moment(),
        tool=f"dslineage {version('dslineage')}",
        inputs=tuple(inputs),
        versions=(*("" for _ in data), *(text for _, text in referred)),
        base=base,
        code=code,
        environment=environment(asked.here) if beside else machine(asked.here),
        framework=framework_versions(_TRAINERS) if beside else None,
        parameters=found.parameters or None,
        seed=found.seed,
        continues_start=resumed.start,
        resumed_from=resumed.name,
        command=shown(asked.command),
        name=asked.name,
        gaps=tuple(dict.fromkeys((*guard.gaps, *found.gaps, *unseen, *code_gaps, *resumed.gaps))),
    )


def _base(found: Configured, here: Path) -> Base | None:
    """The base model; the tensors of one in a local folder are hashed."""
    if found.base is None:
        return None
    folder = here / found.base
    files = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    return Base(found.base, revision=found.revision, weights_hash=weights_hash(files))


def _resumed(found: Configured, here: Path, shelf: Shelf) -> Resumed:
    """The checkpoint that is resumed, and the run that saved it, by the run files beside it."""
    folder = here / found.resumes if found.resumes else None
    if folder is None and found.resumes_last:
        steps = {one: progress(one).steps for one in shelf.folders if one != shelf.output}
        counted = {one: step for one, step in steps.items() if step is not None}
        folder = max(counted, key=lambda one: counted[one], default=None)
    if folder is None:
        return Resumed()
    for path in sorted(folder.parent.glob(RUN_FILES)):
        try:
            run = RunFile.from_bytes(path.read_bytes(), path.name)
        except (IntegrityError, OSError):
            continue
        if any(saved.path == folder.name for saved in run.checkpoints):
            return Resumed(folder.name, run.start.hash)
    why = f"the run that saved {folder.name}, from which this one goes on, is not recorded"
    return Resumed(folder.name, None, (Gap("unrecorded-run", why),))
