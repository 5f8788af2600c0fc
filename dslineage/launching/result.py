"""What came of a training that was started with a command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.lineage.importedrun import RunImport
from dslineage.training.runfile import RunFile


@dataclass(frozen=True, slots=True)
class Launched:
    """A training that has ended.

    `status` is its exit status as a shell gives it; `trainer` what it was recognised as, or an
    empty text. `run` is what the run file at `path` says, both None where no output folder is
    known. `notices` are sentences for people; `imported` is what the repository recorded of it.
    """

    status: int
    trainer: str
    path: Path | None
    run: RunFile | None
    notices: tuple[str, ...] = ()
    imported: RunImport | None = None

    def to_dict(self) -> dict[str, Any]:
        """The training as a JSON object."""
        run = self.run
        return {
            "schema": "dslineage.train/1",
            "exit_status": self.status,
            "trainer": self.trainer or None,
            "run_file": None if self.path is None else str(self.path),
            "start_hash": None if run is None else str(run.start.hash),
            "inputs": [] if run is None else [one.to_dict() for one in run.start.inputs],
            "checkpoints": [] if run is None else [one.to_dict() for one in run.checkpoints],
            "gaps": [] if run is None else [gap.to_dict() for gap in (*run.start.gaps, *run.gaps)],
            "notices": list(self.notices),
            "imported": None if self.imported is None else self.imported.to_dict(),
        }
