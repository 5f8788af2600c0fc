"""A model so small that a CPU trains it in seconds, made here: nothing is fetched."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NEEDED = ("torch", "transformers", "trl", "lightning", "safetensors")
MISSING = [name for name in NEEDED if find_spec(name) is None]

collect_ignore = (
    [path.name for path in HERE.glob("test_*.py") if path.name != "test_installed.py"]
    if MISSING
    else []
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What libraries of training warn of is theirs to mend."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each training runs in a folder of its own, without git, a network, or notes of another."""
    from dslineage.training.watching import NOTES

    monkeypatch.chdir(tmp_path)
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    NOTES.take()
