"""The checkpoints that appear in the output folder of a training."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dslineage.weights.membership import belongs, model_files

_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".distcp", ".gguf")
_NO_CHECKPOINTS = re.compile(
    r"\..*|tmp-.*|recipe_state|base_model|logs?|runs|wandb|mlruns|lightning_logs|profiling_outputs"
)
_STEP = re.compile(r"(?:checkpoint|step|global_step)[-_]?([0-9]{1,15})")
_EPOCH = re.compile(r"epoch[-_]([0-9]{1,9})")
_STATE = "trainer_state.json"
Signature = frozenset[tuple[str, int, int]]


class Found(NamedTuple):
    """A checkpoint: its folder and the files in it that belong to the model."""

    folder: Path
    names: tuple[str, ...]
    signature: Signature


class Progress(NamedTuple):
    """How far a training had come, as far as that can be told."""

    steps: int | None = None
    epochs: float | None = None


@dataclass
class Shelf:
    """The output folder; what was in it before the training is none of its checkpoints.

    A checkpoint is settled once it is the same at two looks, so that none is hashed that is still
    being written; one that is written anew is new. `lost` are those that were gone before.
    """

    output: Path
    lost: set[str] = field(default_factory=set)
    _known: dict[Path, Signature] = field(default_factory=dict)
    _before: dict[Path, Signature] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {one.folder: one.signature for one in checkpoints(self.output)}

    @property
    def folders(self) -> list[Path]:
        """The checkpoints that are known."""
        return sorted(self._known)

    def label(self, folder: Path) -> str:
        """What tells a checkpoint from the others: that of the output folder itself is final."""
        if folder != self.output:
            return folder.name
        return "output" if (self.output / "final").is_dir() else "final"

    def settled(self, *, ended: bool = False) -> list[Found]:
        """Checkpoints that are new, or written anew, and whole; each is given once.

        Args:
            ended: the training has ended, so whatever is there is whole. Only then the output
                folder itself counts: trainers write into it piece by piece.
        """
        now = {one.folder: one for one in checkpoints(self.output)}
        self.lost |= {one.name for one in self._before.keys() - now.keys() - self._known.keys()}
        fresh = [one for one in now.values() if self._known.get(one.folder) != one.signature]
        whole = [
            one
            for one in fresh
            if ended
            or (one.folder != self.output and self._before.get(one.folder) == one.signature)
        ]
        self._before = {one.folder: one.signature for one in fresh}
        self._known |= {one.folder: one.signature for one in whole}
        return whole


def checkpoints(output: Path) -> list[Found]:
    """The folders with weights directly below a folder, and that folder itself, by name."""
    try:
        below = sorted(
            one for one in output.iterdir() if one.is_dir() and not _NO_CHECKPOINTS.match(one.name)
        )
        own = sorted(one.name for one in output.iterdir() if one.is_file() and belongs(one.name))
    except OSError:
        return []
    found = [(folder, model_files_in(folder)) for folder in below]
    known = [_found(folder, names) for folder, names in [*found, (output, own)]]
    return [one for one in known if one is not None]


def model_files_in(folder: Path) -> list[str]:
    """The files of a model in a folder, none where it is gone."""
    try:
        return model_files(folder)
    except OSError:
        return []


def progress(folder: Path) -> Progress:
    """How far a training had come at a checkpoint: by its own trainer's state, else by its name."""
    try:
        state = json.loads((folder / _STATE).read_bytes())
        steps, epochs = state["global_step"], state.get("epoch")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        step, epoch = _STEP.fullmatch(folder.name), _EPOCH.match(folder.name)
        # torchtune counts epochs from 0, and saves at the end of each.
        return Progress(int(step[1]) if step else None, int(epoch[1]) + 1.0 if epoch else None)
    return Progress(
        steps if type(steps) is int and steps >= 0 else None,
        float(epochs) if type(epochs) in {int, float} and 0 <= epochs < float("inf") else None,
    )


def _found(folder: Path, names: list[str]) -> Found | None:
    if not any(name.endswith(_WEIGHTS) for name in names):
        return None
    try:
        states = [(name, (folder / name).stat()) for name in names]
    except OSError:
        return None
    signature = frozenset((name, state.st_size, state.st_mtime_ns) for name, state in states)
    return Found(folder, tuple(names), signature)
