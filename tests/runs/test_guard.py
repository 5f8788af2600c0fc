"""What goes wrong in taking notes is told once, and goes no further."""

from __future__ import annotations

import logging
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from dslineage.training.guard import Guard
from dslineage.training.trackers import announce

IDS = {"start_hash": "sha256:00", "versions": "train@v4"}


def test_an_error_is_one_warning_and_a_gap(caplog: pytest.LogCaptureFixture) -> None:
    guard = Guard()
    with caplog.at_level(logging.WARNING, "dslineage"):
        for step in (1, 2):
            with guard("writing", "outcome"):
                raise OSError(28, f"no space at step\n{step}")
    assert [record.message for record in caplog.records] == [
        "dslineage: writing failed: OSError: [Errno 28] no space at step 1; the training goes on"
    ]
    assert [gap.kind for gap in guard.gaps] == ["outcome", "outcome"]


def test_inside_a_block_another_may_fail() -> None:
    guard = Guard()
    with guard("outer"):
        with guard("inner"):
            raise ValueError
        raise KeyError("x")
    assert [gap.message for gap in guard.gaps] == [
        "inner failed: ValueError: no reason given",
        "outer failed: KeyError: 'x'",
    ]


def test_an_interrupt_goes_on_and_so_does_every_error_where_that_was_asked_for() -> None:
    with pytest.raises(KeyboardInterrupt), Guard()("writing"):
        raise KeyboardInterrupt
    with pytest.raises(OSError, match="full"), Guard(strict=True)("writing"):
        raise OSError("full")


def test_active_runs_of_trackers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    wandb: Any = ModuleType("wandb")
    wandb.run = SimpleNamespace(
        config=SimpleNamespace(update=lambda entry, allow_val_change: told.append(entry))
    )
    mlflow: Any = ModuleType("mlflow")
    mlflow.active_run, mlflow.set_tags = object, told.append
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    announce(IDS, Guard(strict=True))
    assert told == [
        {"dslineage": IDS},
        {"dslineage.start_hash": "sha256:00", "dslineage.versions": "train@v4"},
    ]


def test_trackers_without_a_run_or_not_imported_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wandb: Any = ModuleType("wandb")
    wandb.run = None
    mlflow: Any = ModuleType("mlflow")
    mlflow.active_run = lambda: None
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    announce(IDS, Guard(strict=True))
    monkeypatch.delitem(sys.modules, "wandb")
    monkeypatch.delitem(sys.modules, "mlflow")
    announce(IDS, Guard(strict=True))
    assert not {"wandb", "mlflow"} & set(sys.modules)
