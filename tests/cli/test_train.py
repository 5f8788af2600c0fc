"""`dslineage train`, as people see it; the trainers are stand-ins."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dslineage.repository import Repository
from tests.cli.conftest import Dslineage
from tests.launching.conftest import here, settings

__all__ = ["here"]  # a fixture


@pytest.fixture
def repo(here: Path) -> Repository:
    for words in (["init", "-q"], ["config", "user.email", "a@b.c"], ["config", "user.name", "n"]):
        subprocess.run(["git", *words], cwd=here, check=True)
    found = Repository.open(here)
    found.add([here / "data" / "train.jsonl"], measure=False)
    subprocess.run(["git", "commit", "-qm", "data"], cwd=here, check=True)
    settings(here)
    return found


def _without_ids(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{8}\b", "········", text)


def test_a_run_is_recorded_with_its_data_and_checkpoints(
    repo: Repository, dslineage: Dslineage
) -> None:
    ran = dslineage("train", "--name", "tiny", "--", "llamafactory-cli", "train", "sft.yaml")
    assert ran.code == 0
    assert ran.out == "llamafactory-cli trains\n"
    assert _without_ids(ran.err) == (
        "to stderr\n"
        "run:tiny  finished, 20 steps\n"
        "  train train@v1 (········)  4 examples  recorded\n"
        "  tiny@checkpoint-10  may have seen all, 1 epoch  verified\n"
        "  tiny@checkpoint-20  may have seen all, 2 epochs  verified\n"
        "  tiny@final  may have seen all, 2 epochs  verified\n"
        "  gap: the data was hashed before the training, outside of its process: what the "
        "trainer read of it,\n         and made of it, was not seen\n"
        "next: git commit\n"
    )
    graph = repo.provenance.registry.graph()
    (run,) = graph.named("run", "tiny")
    edges = {(edge.role, str(edge.evidence)) for edge in graph.parents(run.id)}
    assert ("train", "recorded") in edges


def test_the_example_may_have_been_seen_and_another_has_no_match(
    repo: Repository, dslineage: Dslineage
) -> None:
    assert dslineage("train", "--", "llamafactory-cli", "train", "sft.yaml").code == 0
    traced = dslineage("trace", '{"prompt": "ask 1", "completion": "yes"}', "--json").json
    assert {one["answer"] for one in traced["examples"][0]["seen"]} == {"may have seen"}
    other = dslineage("trace", '{"prompt": "ask 9", "completion": "yes"}', "--json").json
    assert (other["examples"], len(other["missing"])) == ([], 1)


def test_the_exit_status_is_that_of_the_trainer(repo: Repository, dslineage: Dslineage) -> None:
    ran = dslineage(
        "train", "--json", "--", "llamafactory-cli", "train", "sft.yaml", "EVENTS=fails"
    )
    assert ran.code == 3
    assert (ran.json["schema"], ran.json["exit_status"]) == ("dslineage.train/1", 3)
    assert ran.json["imported"]["runs"][0]["status"] == "failed"


def test_without_a_repository_the_run_file_is_left(here: Path, dslineage: Dslineage) -> None:
    settings(here)
    ran = dslineage("train", "--", "llamafactory-cli", "train", "sft.yaml")
    assert ran.code == 0
    assert "out/sft/dslineage-run.json  LLaMA-Factory" in ran.err
    assert "next: dslineage run import" in ran.err
    assert (here / "out" / "sft" / "dslineage-run.json").is_file()


def test_a_version_can_be_named_instead_of_a_file(repo: Repository, dslineage: Dslineage) -> None:
    ran = dslineage(
        "train", "--data", "eval=train@v1", "--data", "data/train.jsonl", "--output", "out/x",
        "--json", "--", sys.executable, "-c", "",
    ).json  # fmt: skip
    inputs = ran["imported"]["runs"][0]["inputs"]
    assert [(one["role"], one["evidence"]) for one in inputs] == [
        ("train", "recorded"),
        ("eval", "declared"),
    ]
    assert [bool(one.get("subject")) for one in inputs] == [False, True]
    assert [_without_ids(one["versions"][0]) for one in inputs] == ["train@v1 (········)"] * 2


def test_what_is_not_said_is_a_usage_error(repo: Repository, dslineage: Dslineage) -> None:
    ran = dslineage("train", "--", "true")
    assert ran.code == 2
    assert "dslineage train --data train=FILE --output DIR" in ran.err
    assert dslineage("train").code == 2


def test_a_run_that_cannot_be_recorded_is_a_notice(repo: Repository, dslineage: Dslineage) -> None:
    words = ("train", "--name", "tiny", "--", "llamafactory-cli", "train", "sft.yaml")
    assert dslineage(*words, "output_dir=a").code == 0
    again = dslineage(*words, "output_dir=b")
    assert again.code == 0
    assert "the run is not recorded: another run is called tiny" in " ".join(again.err.split())
