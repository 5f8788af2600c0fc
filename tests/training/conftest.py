"""A model so small that a CPU trains it in seconds, made here: nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install --group train")
pytest.importorskip("trl", reason="trl is not installed: pip install --group train")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each training runs in a folder of its own, without git, a network, or notes of another."""
    from dslineage.training.watching import NOTES

    monkeypatch.chdir(tmp_path)
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    NOTES.take()
    yield
    NOTES.take()
