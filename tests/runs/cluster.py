"""Trainings on a machine without git or the repository, as far as their notes go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from dslineage.records import Consumed
from dslineage.repository import Repository
from dslineage.training.recorder import Recorder
from dslineage.training.runfile import RunStart
from dslineage.training.watching import NOTES, watch
from tests.weights.saving import f32, save

ROWS = [{"id": number, "prompt": f"ask {number}", "completion": "yes"} for number in range(6)]


def written(path: Path, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    """A file of examples."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def added(root: Path, rows: Sequence[Mapping[str, Any]] = ROWS, name: str = "train") -> Repository:
    """A repository with a version of a data set."""
    repo = Repository.open(root)
    repo.add([written(root / f"{name}.jsonl", rows)], measure=False)
    return repo


def model(folder: Path, *weights: float) -> Path:
    """A folder with a model of one tensor."""
    save(folder / "model.safetensors", {"w": f32(*weights)})
    (folder / "config.json").write_text("{}")
    return folder


def trained(
    out: Path, rows: Any = ROWS, *, steps: Sequence[int] = (10, 20), ends: bool = True, **start: Any
) -> Recorder:
    """A training that saves a checkpoint after some steps."""
    NOTES.take()
    watch(rows, version=start.pop("version", None))
    (watched,) = NOTES.take()
    begun = RunStart(
        created_at=start.pop("created_at", "2026-03-01T00:00:00.000001Z"),
        tool="dslineage 0.1.0",
        inputs=(watched.as_input(),),
        versions=(watched.version or "",),
    )
    recorder = Recorder.of(out, replace(begun, **start))
    recorder.write()
    for step in steps:
        folder = model(out / f"checkpoint-{step}", step / 2)
        recorder.checkpoint(
            folder, step=step, epoch=step / 10, consumed=Consumed("exact", step / 10)
        )
    if ends:
        recorder.finish("finished", steps=max(steps, default=0), epochs=2.0)
    return recorder
