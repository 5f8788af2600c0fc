"""A training that is to be started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dslineage.records.run import Role


@dataclass(frozen=True, slots=True)
class Launch:
    """A training that is to be started, and what is said of it.

    `data` are roles with paths, or references to versions; they go over what the configuration
    names in that role. `config` is the file of the configuration, where the command does not name
    it. `output` is where checkpoints appear; `name` what the run is called. `every` is how often
    the output folder is looked at, in seconds.
    """

    command: tuple[str, ...]
    here: Path
    name: str | None = None
    config: Path | None = None
    data: tuple[tuple[Role, str], ...] = ()
    output: Path | None = None
    every: float = 1.0
