"""The callback for trainers of Lightning."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from dslineage.records.form import name_like
from dslineage.training.guard import Guard
from dslineage.training.sampling import doubts_about
from dslineage.training.session import Resumed, Session, Settings
from dslineage.training.surroundings import plain

_KEY = "dslineage"


class LightningCallback(Callback):  # type: ignore[misc]  # a base of Any
    """Notes of a training what is needed to say later which data made which checkpoint.

    It writes `dslineage-run.json` into the trainer's `default_root_dir` before the first step, puts
    the run's ids into each checkpoint under the key `dslineage`, and hashes checkpoints once they
    are saved. Only the first process of all writes. Call `dslineage.watch` on the raw data set.

    Args:
        strict: let errors stop the training; otherwise they are one warning, and a gap.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self._session = Session(Guard(strict))
        self._resumed: Mapping[str, Any] | None = None
        self._saved_at: tuple[int, float | None] = (0, None)
        self._known: dict[Path, int] = {}

    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Note which run saved the checkpoint that is resumed."""
        found = checkpoint.get(_KEY)
        self._resumed = found if isinstance(found, dict) else {}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the run file, before the first step."""
        if not trainer.is_global_zero:
            return
        session = Session(Guard(self.strict), watched=self._session.watched)
        self._session = session
        with session.guard("recording the start of the run"):
            loader = trainer.train_dataloader
            settings = Settings(
                folder=Path(trainer.default_root_dir),
                parameters=_parameters(trainer, pl_module),
                script=Path(sys.argv[0]).name or None,
                doubts=tuple(doubts_about(loader)),
            )
            fed = getattr(loader, "dataset", None)
            session.begin(settings, fed, _resumed(trainer, self._resumed))

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Put the run's ids into a checkpoint that is about to be written."""
        self._saved_at = _progress(trainer)
        if self._session.lineage:
            checkpoint[_KEY] = dict(self._session.lineage)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Hash what was saved after the batch before."""
        self._look(trainer)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Hash what was saved last, and note the end."""
        self._look(trainer)
        if trainer.is_global_zero:
            steps, epochs = _progress(trainer)
            self._session.end("finished", steps=steps, epochs=epochs)

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Note that the training failed."""
        if trainer.is_global_zero:
            steps, epochs = _progress(trainer)
            self._session.end("failed", steps=steps, epochs=epochs)

    def _look(self, trainer: Trainer) -> None:
        """Hash the files that the trainer's checkpoint callbacks name, and that are new.

        No hook is called after a file is written.
        """
        if not trainer.is_global_zero:
            return
        for path in _checkpoints(trainer):
            changed = path.stat().st_mtime_ns
            if self._known.get(path) == changed:
                continue
            self._known[path] = changed
            steps, epochs = self._saved_at
            folder, names = (path, None) if path.is_dir() else (path.parent, [path.name])
            label = name_like(path.stem)
            self._session.saved(folder, steps=steps, epochs=epochs, label=label, names=names)


def _checkpoints(trainer: Trainer) -> list[Path]:
    """The checkpoints that are there, each once."""
    named: list[str] = []
    for callback in trainer.checkpoint_callbacks:
        last = [getattr(callback, name, "") for name in ("best_model_path", "last_model_path")]
        named += [*last, *getattr(callback, "best_k_models", ())]
    return sorted({Path(name).resolve() for name in named if name and Path(name).exists()})


def _progress(trainer: Trainer) -> tuple[int, float | None]:
    """Steps of the optimizer, and epochs, as far as the length of one is known."""
    batches = trainer.num_training_batches
    known = 0 < batches < float("inf")
    done = trainer.fit_loop.total_batch_idx + 1
    return trainer.global_step, done / batches if known else None


def _parameters(trainer: Trainer, module: LightningModule) -> dict[str, Any]:
    found = {
        name: getattr(trainer, name, None)
        for name in ("accumulate_grad_batches", "max_epochs", "max_steps", "precision")
    }
    return dict(plain({**found, "hparams": dict(module.hparams)}))


def _resumed(trainer: Trainer, lineage: Mapping[str, Any] | None) -> Resumed | None:
    if not trainer.ckpt_path:
        return None
    steps, epochs = _progress(trainer)
    return Resumed(Path(trainer.ckpt_path).name, steps, epochs or 0.0, lineage or {})
