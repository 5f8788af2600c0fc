"""`run import` and `model add`, as people see them."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dslineage.records import Consumed, Gap
from tests.cli.conftest import Dslineage
from tests.cli.results import HOSTILE, obeyed
from tests.runs.cluster import ROWS, added, model, trained


@pytest.fixture
def here(git_repo: Path) -> Iterator[Path]:
    """A repository with a version of a data set, as the current folder."""
    added(git_repo)
    with contextlib.chdir(git_repo):
        yield git_repo


def _without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}", "········", text)


def test_a_run_is_told_with_its_data_and_its_checkpoints(
    here: Path, tmp_path: Path, dslineage: Dslineage
) -> None:
    out = tmp_path / "tiny"
    recorder = trained(out, steps=(5, 20), gaps=(Gap("code", "git is not installed"),))
    shutil.rmtree(out / "checkpoint-5")
    assert recorder.run.outcome is not None
    ran = dslineage("run", "import", out)
    assert ran.code == 0
    assert _without_ids(ran.out) == (
        "run:tiny  finished, 20 steps\n"
        "  train train@v1 (········)  6 examples  captured\n"
        "  tiny@checkpoint-5  saw all, 0.5 epochs  captured, its files are not here\n"
        "  tiny@checkpoint-20  saw all, 2 epochs  verified\n"
        "  gap: git is not installed\n"
        "next: git commit\n"
    )


def test_a_model_is_told_with_what_was_declared(
    here: Path, tmp_path: Path, dslineage: Dslineage
) -> None:
    folder = model(tmp_path / "support", 1)
    ran = dslineage("model", "add", folder, "--trained-on", "train@v1", "--base", "org/base")
    assert _without_ids(ran.out) == (
        "support@final (········)\n"
        "  checkpoint, 2 files, 75 bytes, tensors sha256:········…\n"
        "  trained on train@v1 (········)  declared\n"
        "  started from org/base\n"
        "next: git commit\n"
    )
    again = dslineage("model", "add", folder)
    assert "  note: it is support@final" in again.out


def test_json_says_the_same(here: Path, tmp_path: Path, dslineage: Dslineage) -> None:
    trained(tmp_path / "tiny", ROWS[:2])
    ran = dslineage("run", "import", tmp_path / "tiny", "--name", "other", "--json").json
    assert ran["schema"] == "dslineage.run-import/1"
    assert [run["run"] for run in ran["runs"]] == ["other"]
    assert ran["runs"][0]["inputs"][0]["versions"] == []
    assert ran["notices"] == ["the 2 rows of the train data are in no recorded version"]
    added_model = dslineage("model", "add", tmp_path / "tiny" / "checkpoint-20", "--json").json
    assert (added_model["schema"], added_model["model"], added_model["new"]) == (
        "dslineage.model-added/1",
        "other@checkpoint-20",
        False,
    )


def test_errors_have_their_codes(here: Path, tmp_path: Path, dslineage: Dslineage) -> None:
    out = tmp_path / "tiny"
    trained(out)
    assert dslineage("run", "import", tmp_path).code == 6
    assert dslineage("model", "add", here).code == 6
    assert dslineage("model", "add", out / "checkpoint-10", "--run", "run:none").code == 6
    assert dslineage("model", "add", out / "checkpoint-10", "--run", "train@v1").code == 2
    (out / "checkpoint-10" / "config.json").write_text("{ }")
    ran = dslineage("run", "import", out)
    assert ran.code == 4
    assert "checkpoint-10/config.json is not what the run saved" in ran.err
    (out / "checkpoint-10" / "model.safetensors").write_bytes(b"no")
    assert dslineage("model", "add", out / "checkpoint-10").code == 3
    (out / "dslineage-run.json").write_text("{")
    assert dslineage("run", "import", out).code == 3
    (out / "dslineage-run.json").write_text('{"schema":"dslineage.run-file/1","star')
    assert dslineage("run", "import", out).code == 4


def test_what_a_run_file_says_is_shown_and_never_obeyed(
    here: Path, tmp_path: Path, dslineage: Dslineage
) -> None:
    out = tmp_path / "tiny"
    recorder = trained(out, gaps=(Gap("code", HOSTILE),), version=HOSTILE, ends=False)
    recorder.checkpoint(model(out / "last", 3), step=30, consumed=Consumed("unknown", why=HOSTILE))
    ran = dslineage("run", "import", out)
    assert ran.code == 0
    assert not obeyed(ran.out)
    assert json.loads(recorder.path.read_bytes())["start"]["gaps"][0]["message"] == HOSTILE
