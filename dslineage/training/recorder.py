"""Writes the run file of a training while it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dslineage.disk import beside, make_folder, take_places
from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.records import Consumed, Gap, name_like
from dslineage.training.runfile import (
    RUN_FILE,
    Ended,
    Outcome,
    RunFile,
    RunStart,
    SavedCheckpoint,
)
from dslineage.weights.hashing import ModelFiles, hash_files, hash_model


def moment() -> str:
    """Now, to the microsecond: two runs may begin, and two checkpoints be saved, in one second."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass
class Recorder:
    """The run file in a folder.

    Write it before the first step. It is whole on the disk after each call, also where the one
    before failed.

    >>> recorder = Recorder.of(Path("out"), start)
    >>> recorder.write()
    >>> recorder.checkpoint(Path("out/checkpoint-20"), step=20, consumed=Consumed("unknown"))
    >>> recorder.finish("finished", steps=20)
    """

    folder: Path
    run: RunFile
    clock: Callable[[], str] = field(default=moment)

    @classmethod
    def of(cls, folder: Path, start: RunStart, clock: Callable[[], str] = moment) -> Recorder:
        """The recorder of a run that is about to start. Nothing is written yet."""
        return cls(folder, RunFile(start), clock)

    @property
    def path(self) -> Path:
        """Where the run file is."""
        return self.folder / RUN_FILE

    def write(self) -> None:
        """Write the run file; that of another run is kept beside it.

        Raises:
            OSError: the machine refuses.
        """
        make_folder(self.folder)
        self._put_aside()
        with beside(self.path) as handle:
            handle.write(self.run.to_bytes())
        take_places([(Path(handle.name), self.path)])

    def checkpoint(
        self,
        folder: Path,
        *,
        step: int | None,
        consumed: Consumed,
        epoch: float | None = None,
        label: str | None = None,
        names: list[str] | None = None,
    ) -> SavedCheckpoint:
        """Hash a checkpoint that was just saved, and note it.

        Args:
            folder: where it was saved.
            step: after how many steps of the optimizer, where that is known.
            consumed: how much of the data it had seen.
            epoch: after how many epochs.
            label: what tells it from the others of the run; by default the name of its folder.
            names: its files, where not those that belong to a model are meant.

        Raises:
            NotFoundError: there is no model in the folder.
            BadDataError: a file of it is damaged.
            OSError: the run file cannot be written; the checkpoint is in the next that can.
        """
        found: ModelFiles = hash_model(folder) if names is None else hash_files(folder, names)
        saved = SavedCheckpoint(
            label=name_like(label or folder.name),
            path=self._relative(folder),
            at=self.clock(),
            files=found.files,
            consumed=consumed,
            step=step,
            epoch=epoch,
            weights_hash=found.weights_hash,
            gaps=found.gaps,
        )
        self.run = self.run.with_checkpoint(saved)
        self.write()
        return saved

    def note(self, gaps: tuple[Gap, ...]) -> None:
        """Note what went wrong since the start; written with whatever is written next."""
        self.run = replace(self.run, gaps=tuple(dict.fromkeys((*self.run.gaps, *gaps))))

    def finish(
        self, status: Ended, *, steps: int | None = None, epochs: float | None = None
    ) -> None:
        """Note how the run ended.

        Raises:
            OSError: the run file cannot be written.
        """
        self.run = replace(self.run, outcome=Outcome(status, self.clock(), steps, epochs))
        self.write()

    def _relative(self, folder: Path) -> str:
        """The way from the run file to a folder; empty where it is elsewhere."""
        home, there = self.folder.resolve(), folder.resolve()
        return there.relative_to(home).as_posix() if there.is_relative_to(home) else ""

    def _put_aside(self) -> None:
        """Rename the run file of another run in the same folder, as that run may be resumed."""
        try:
            other = Digest.parse(start_hash_in(json.loads(self.path.read_bytes()))).hex
        except FileNotFoundError:
            return
        except (ValueError, RecursionError, UsageError):
            other = "damaged"
        if other != self.run.start.hash.hex:
            name = f"{self.path.stem}-{other[:12]}{self.path.suffix}"
            self.path.replace(self.path.with_name(name))


def start_hash_in(document: Any) -> str:
    """The `start_hash` of a JSON object, or an empty text."""
    found = document.get("start_hash") if isinstance(document, Mapping) else None
    return found if isinstance(found, str) else ""
