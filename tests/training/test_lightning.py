"""The callback in a real Trainer of Lightning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch.utils.data import DataLoader

from dslineage.training.lightningcallback import LightningCallback
from dslineage.training.received import receive
from dslineage.training.watching import watch
from dslineage.weights.hashing import hash_files
from tests.training.runs import gaps, run_file

ROWS = [{"x": float(number), "y": 2.0 * number} for number in range(8)]


class _Line(LightningModule):  # type: ignore[misc]  # a base of Any
    """A line through points."""

    def __init__(self, rate: float = 0.01, fails_at: int | None = None) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)
        self.rate, self.fails_at = rate, fails_at

    def training_step(self, batch: Any, index: int) -> Any:
        if self.global_step == self.fails_at:
            raise RuntimeError("the GPU fell off the bus")
        x, y = batch["x"].float().unsqueeze(1), batch["y"].float().unsqueeze(1)
        return torch.nn.functional.mse_loss(self.layer(x), y)

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=self.rate)


def _trainer(folder: Path, callbacks: list[Callback], **more: Any) -> Trainer:
    return Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        max_epochs=2,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=callbacks,
        **more,
    )


def _loader() -> Any:
    return DataLoader(ROWS, batch_size=2, shuffle=True)  # type: ignore[var-annotated,unused-ignore]


def test_a_training_leaves_what_it_received_and_what_it_saved(tmp_path: Path) -> None:
    watch(ROWS)
    saving = ModelCheckpoint(dirpath=tmp_path / "saved", save_top_k=-1, save_last=True)
    _trainer(tmp_path, [LightningCallback(), saving]).fit(_Line(), _loader())
    run = run_file(tmp_path)
    (entry,) = run.start.inputs
    assert entry.content_hash == receive(ROWS).content_hash
    assert run.start.parameters is not None
    assert run.start.parameters["hparams"]["rate"] == 0.01
    labels = {saved.label: saved for saved in run.checkpoints}
    assert set(labels) == {"epoch-0-step-4", "epoch-1-step-8", "last"}
    first = labels["epoch-0-step-4"]
    assert (first.path, first.step, first.epoch, first.consumed.mode) == ("saved", 4, 1.0, "exact")
    assert first.files == hash_files(tmp_path / "saved", [first.files[0].path]).files
    assert first.weights_hash is None
    assert run.outcome is not None
    assert (run.outcome.status, run.outcome.steps) == ("finished", 8)


def test_each_checkpoint_carries_the_ids_and_a_resumed_run_names_the_one_before(
    tmp_path: Path,
) -> None:
    watch(ROWS)
    saving = ModelCheckpoint(dirpath=tmp_path / "saved", save_last=True)
    _trainer(tmp_path, [LightningCallback(), saving]).fit(_Line(), _loader())
    first = run_file(tmp_path).start.hash
    path = tmp_path / "saved" / "last.ckpt"
    assert torch.load(path, weights_only=False)["dslineage"]["start_hash"] == str(first)

    watch(ROWS)
    again = _trainer(tmp_path, [LightningCallback()], max_steps=12)
    again.fit_loop.max_epochs = 3
    again.fit(_Line(), _loader(), ckpt_path=path, weights_only=False)
    run = run_file(tmp_path)
    assert (run.start.continues_start, run.start.resumed_from) == (first, "last.ckpt")


def test_a_checkpoint_without_the_callback_can_be_resumed_with_it(tmp_path: Path) -> None:
    saving = ModelCheckpoint(dirpath=tmp_path / "saved", save_last=True)
    _trainer(tmp_path, [saving]).fit(_Line(), _loader())
    watch(ROWS)
    again = _trainer(tmp_path, [LightningCallback()])
    again.fit_loop.max_epochs = 3
    path = tmp_path / "saved" / "last.ckpt"
    again.fit(_Line(), _loader(), ckpt_path=path, weights_only=False)
    assert any("up to last.ckpt were not captured" in gap for gap in gaps(run_file(tmp_path)))


def test_a_training_that_fails_says_so(tmp_path: Path) -> None:
    watch(ROWS)
    with pytest.raises(RuntimeError, match="fell off the bus"):
        _trainer(tmp_path, [LightningCallback()]).fit(_Line(fails_at=3), _loader())
    outcome = run_file(tmp_path).outcome
    assert outcome is not None
    assert (outcome.status, outcome.steps) == ("failed", 3)
