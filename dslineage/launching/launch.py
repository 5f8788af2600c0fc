"""Starting a training, and noting what can be seen of it from outside."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dslineage.errors import UsageError
from dslineage.launching.asked import Launch
from dslineage.launching.checkpoints import Found, Progress, Shelf, progress
from dslineage.launching.data import Data, hashed
from dslineage.launching.result import Launched
from dslineage.launching.start import data_of, start_of
from dslineage.lineage.command import Ending, ending, run_command
from dslineage.records import Consumed, Gap
from dslineage.trainers.commands import configuration_of
from dslineage.trainers.configured import Configured, files_of, is_local
from dslineage.training.denied import deny_list_for
from dslineage.training.guard import Guard
from dslineage.training.recorder import Recorder


def launch(asked: Launch, *, stdout: int | None = None) -> Launched:
    """Run a trainer to its end; what goes wrong in noting it is told, and stops nothing.

    Args:
        asked: the command, and what is said of it.
        stdout: the file descriptor that the command's output goes to; None: ours.

    Raises:
        UsageError: there is no command, a file that is said to be its data is not there, or nobody
            says where its checkpoints appear; nothing ran.
        BadDataError: its data has examples that were forgotten; nothing ran.
        IntegrityError: nobody can say which were forgotten; nothing ran.
    """
    if not asked.command:
        raise UsageError(
            "a training needs a command", hint="dslineage train -- llamafactory-cli train sft.yaml"
        )
    for _, text in asked.data:
        if is_local(text) and not files_of(asked.here, [text]):
            raise UsageError(
                f"{text} is not there; nothing was started",
                kind="missing-file",
                hint="dslineage train --data train=FILE --output DIR -- ...",
            )
    guard = Guard()
    configured = Configured("")
    with guard("reading the configuration"):
        configured = configuration_of(asked.command, asked.here, asked.config) or configured
    output = asked.output or (Path(configured.output) if configured.output else None)
    if output is None and not guard.gaps:
        raise UsageError(
            "where the checkpoints of this command appear is not known",
            kind="no-output",
            hint="dslineage train --data train=FILE --output DIR -- ...",
        )
    watch: Watch | None = None
    if output is not None:
        with guard("recording the start of the run"):
            watch = Watch.begin(asked, configured, asked.here / output, guard)
    ended = _run(asked, watch, guard, stdout)
    if watch is not None:
        with guard("recording the end of the run"):
            watch.end(ended)
    recorder = watch.recorder if watch else None
    told = (*(gap.message for gap in (*guard.gaps, *ended.gaps)), *ended.notices)
    return Launched(
        ended.status,
        configured.trainer,
        recorder.path if recorder else None,
        recorder.run if recorder else None,
        tuple(dict.fromkeys(told)),
    )


@dataclass
class Watch:
    """A training under way."""

    recorder: Recorder
    data: Sequence[Data]
    doubts: tuple[str, ...]
    shelf: Shelf
    guard: Guard
    reached: list[Progress] = field(default_factory=list)

    @classmethod
    def begin(cls, asked: Launch, found: Configured, output: Path, guard: Guard) -> Watch:
        """Hash the data and write the run file."""
        shelf = Shelf(output)
        named, referred = data_of(asked, found)
        denied = deny_list_for(asked.here, guard)
        data = [hashed(one, guard, denied) for one in named]
        start = start_of(asked, found, data, referred, shelf, guard)
        watch = cls(Recorder.of(output, start), data, found.doubts, shelf, guard)
        with guard("writing the run file"):
            watch.recorder.write()
        return watch

    def look(self) -> None:
        """Note the checkpoints that are whole, and files of data that were written."""
        for one in self.data:
            one.look()
        for checkpoint in self.shelf.settled():
            self.note(checkpoint)

    def note(self, checkpoint: Found) -> None:
        """Hash a checkpoint."""
        folder = checkpoint.folder
        with self.guard(f"noting {folder.name}", "unread-files"):
            at = progress(folder)
            self.reached.append(at)
            self.recorder.checkpoint(
                folder,
                step=at.steps,
                epoch=at.epochs,
                consumed=self._consumed(at),
                label=self.shelf.label(folder),
                names=list(checkpoint.names),
            )

    def end(self, ended: Ending) -> None:
        """Note the checkpoints that are left, and how the training ended."""
        for checkpoint in self.shelf.settled(ended=True):
            self.note(checkpoint)
        changes = tuple(gap for one in self.data for gap in one.changes(self.guard))
        failed = [Gap("outcome", f"the command {ending(ended.status)}")] if ended.status else []
        lost = [
            Gap("unread-files", f"{name} was gone before it could be hashed")
            for name in sorted(self.shelf.lost)
        ]
        self.recorder.note((*self.guard.gaps, *changes, *lost, *failed, *ended.gaps))
        self.recorder.finish(
            "failed" if ended.status else "finished",
            steps=max((one.steps for one in self.reached if one.steps is not None), default=None),
            epochs=max(
                (one.epochs for one in self.reached if one.epochs is not None), default=None
            ),
        )

    def _consumed(self, at: Progress) -> Consumed:
        """Rows that were hashed may have been seen; that they were, nobody saw."""
        read = any(one.received is not None for one in self.data if one.named.role == "train")
        why = "; ".join(("what the trainer made of its rows was not seen", *self.doubts))
        return Consumed("upper-bound" if read else "unknown", at.epochs, at.steps, why)


def _run(asked: Launch, watch: Watch | None, guard: Guard, stdout: int | None) -> Ending:
    """Run the command, and look at its checkpoints meanwhile."""
    ended = threading.Event()

    def looking() -> None:
        while watch is not None and not ended.wait(asked.every):
            with guard("looking at the output folder"):
                watch.look()

    thread = threading.Thread(target=looking, daemon=True)
    thread.start()
    try:
        return run_command(asked.command, asked.here, stdout=stdout)
    finally:
        ended.set()
        thread.join()
