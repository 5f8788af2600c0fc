"""A cluster job as it is, from `examples/training`, brought home by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from dslineage_cli.main import main
from tests.training import tiny

if TYPE_CHECKING:
    import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "training" / "tune.py"


def test_a_job_in_a_folder_without_git_is_imported_and_linked_afterwards(
    tmp_path: Path,
    git_repo: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = b"".join(orjson.dumps(row) + b"\n" for row in tiny.chats(12))
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "copied.jsonl").write_bytes(data)
    job = [sys.executable, str(SCRIPT), "copied.jsonl", "outputs/tiny"]
    # No program can be found, so neither can git; the caches are those of the test's home.
    subprocess.run(job, cwd=cluster, env={**os.environ, "PATH": "/nowhere"}, check=True)

    (git_repo / "train.jsonl").write_bytes(data)
    monkeypatch.chdir(git_repo)
    assert main(["add", "train.jsonl", "--no-metrics"]) == 0
    capsys.readouterr()
    assert main(["run", "import", str(cluster / "outputs" / "tiny"), "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    (run,) = document["runs"]
    (entry,) = run["inputs"]
    assert (run["run"], run["status"]) == ("tiny", "finished")
    assert [title.partition(" ")[0] for title in entry["versions"]] == ["train@v1"]
    assert (entry["evidence"], entry["prepared"]["kept"]) == ("captured", 12)
    assert [(model["model"], model["evidence"]) for model in run["models"]] == [
        ("tiny@checkpoint-2", "verified"),
        ("tiny@checkpoint-4", "verified"),
        ("tiny@final", "verified"),
    ]
    assert main(["run", "import", str(cluster / "outputs" / "tiny")]) == 0
    assert "known before" in capsys.readouterr().out
    assert main(["model", "add", str(cluster / "outputs" / "tiny" / "final")]) == 0
    assert "it is tiny@" in capsys.readouterr().out
