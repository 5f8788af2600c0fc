"""What trainings left behind, read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dslineage.training.runfile import RunFile


def run_file(folder: Path) -> RunFile:
    """The run file in a folder."""
    path = folder / "dslineage-run.json"
    return RunFile.from_bytes(path.read_bytes(), path.name)


def carried(checkpoint: Path) -> dict[str, Any]:
    """What a checkpoint's `trainer_state.json` says of its run."""
    state = json.loads((checkpoint / "trainer_state.json").read_bytes())
    attributes: dict[str, Any] = state["stateful_callbacks"]["DslineageCallback"]["attributes"]
    lineage: dict[str, Any] = attributes["lineage"]
    return lineage


def gaps(run: RunFile) -> list[str]:
    """The gaps of a run, at its start and after it."""
    return [gap.message for gap in (*run.start.gaps, *run.gaps)]
