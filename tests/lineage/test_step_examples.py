"""The programs below `examples/steps` run, and do what their page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.records import StepRecord
from dslineage.repository import Repository
from tests.lineage.stepping import lines
from tests.versions.support import Bench

if TYPE_CHECKING:
    import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "steps"


def ran(*command: str | Path) -> str:
    """What a program prints; it finds `dslineage` and `python` where this interpreter is."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def steps(work: Path) -> dict[str, StepRecord]:
    registry = Repository.open(work).provenance.registry
    return {one.operation: one for one in registry.every(StepRecord)}


def test_commands_run_as_steps(tmp_path: Path) -> None:
    work = tmp_path / "work"
    said = ran(EXAMPLES / "command_steps.sh", work)
    assert "exit status 1" in said
    versions = Repository.open(work).log("train").versions
    assert [one.record.examples for one in versions] == [6, 8]
    found = list(Repository.open(work).provenance.registry.every(StepRecord))
    assert sorted((one.operation, one.exit_status) for one in found) == [
        ("anonymise", 0), ("anonymise", 1), ("shorten", 0),
    ]  # fmt: skip
    (first,) = [one for one in found if one.operation == "anonymise" and not one.exit_status]
    assert first.counts == {"in": 8, "out": 8, "dropped": 0, "changed": 8, "created": 0}
    assert "made by step shorten" in said


def test_steps_in_python(tmp_path: Path) -> None:
    work = tmp_path / "work"
    said = ran(sys.executable, EXAMPLES / "python_steps.py", work)
    assert said.splitlines()[0].endswith(
        "made by clean: 8 in, 6 out, 2 dropped, 2 changed, 0 created"
    )
    assert "  dropped 1: refusal" in said
    assert steps(work)["dedupe"].counts == {
        "in": 6, "out": 5, "dropped": 1, "changed": 0, "created": 0,
    }  # fmt: skip
    assert Repository.open(work).verify().problems == ()


def test_the_python_on_the_page_of_steps_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench.make(tmp_path / "work")
    answers = ["", "paris", "7 is a prime number.", "Rome."]
    rows = [{"prompt": f"Question {n % 3}?", "response": text} for n, text in enumerate(answers)]
    bench.add("raw.jsonl", lines(rows))
    monkeypatch.chdir(bench.root)
    page = (EXAMPLES.parents[1] / "docs" / "steps.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    assert "'dropped': 1, 'changed': 1" in capsys.readouterr().out
    assert names["result"].record.operation == "dedupe"
