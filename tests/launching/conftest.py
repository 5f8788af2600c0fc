"""A folder to train in, and stand-ins for trainers on the PATH."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from dslineage.launching.asked import Launch
from dslineage.launching.launch import launch
from dslineage.launching.result import Launched

STANDIN = Path(__file__).with_name("standin.py")
ROWS = [{"prompt": f"ask {number}", "completion": "yes"} for number in range(4)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without git, with data; `llamafactory-cli` and `axolotl` are stand-ins."""
    folder, programs = tmp_path / "work", tmp_path / "bin"
    (folder / "data").mkdir(parents=True)
    programs.mkdir()
    for name in ("llamafactory-cli", "axolotl"):
        program = programs / name
        program.write_text(f"#!{sys.executable}\n{STANDIN.read_text()}")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(folder)
    (folder / "data" / "train.jsonl").write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in ROWS))
    told = {"ours": {"file_name": "train.jsonl"}, "theirs": {"hf_hub_url": "org/theirs"}}
    (folder / "data" / "dataset_info.json").write_bytes(orjson.dumps(told))
    return folder


def settings(folder: Path, **over: Any) -> Path:
    """A configuration of LLaMA-Factory; JSON is YAML, too."""
    path = folder / "sft.yaml"
    said: Mapping[str, Any] = {
        "model_name_or_path": "org/base", "dataset": "ours", "output_dir": "out/sft",
        "num_train_epochs": 2.0, "seed": 7, **over,
    }  # fmt: skip
    path.write_bytes(orjson.dumps(said))
    return path


def trained(folder: Path, *words: str, **over: Any) -> Launched:
    """A training by LLaMA-Factory's stand-in."""
    path = settings(folder, **over)
    command = ("llamafactory-cli", "train", path.name, *words)
    return launch(Launch(command, folder, every=0.05), stdout=2)
