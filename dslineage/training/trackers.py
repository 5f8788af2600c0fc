"""Tells an experiment tracker, where a run of one is active, which data a training uses."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from dslineage.training.guard import Guard


def announce(ids: Mapping[str, str], guard: Guard) -> None:
    """Put ids into the active run of Weights & Biases and of MLflow.

    Neither is imported: where it was not, no run of it is active.
    """
    wandb = sys.modules.get("wandb")
    if wandb is not None and getattr(wandb, "run", None) is not None:
        with guard("telling Weights & Biases"):
            wandb.run.config.update({"dslineage": dict(ids)}, allow_val_change=True)
    mlflow = sys.modules.get("mlflow")
    if mlflow is not None:
        with guard("telling MLflow"):
            if mlflow.active_run() is not None:
                mlflow.set_tags({f"dslineage.{name}": text for name, text in ids.items()})
