"""Runs that a tracker or a configuration tells of, in files laid out as those programs leave them.

Where the layouts are described is said in `dslineage/trainers/wandb.py` and `mlflow.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, DslineageError, NotFoundError, UsageError
from dslineage.lineage.declaredrun import FORMS, Form
from dslineage.records import DatasetRecord, RunRecord
from dslineage.repository import Repository
from tests.runs.cluster import ROWS, added, trained

RUN = "0123456789abcdef0123456789abcdef"


def wandb(root: Path, **config: Any) -> Path:
    """A folder of a run of W&B; JSON is YAML, too."""
    home = root / "wandb" / "run-20260301_101500-a1b2c3d4"
    (home / "files").mkdir(parents=True, exist_ok=True)
    said = {"output_dir": "out", "seed": 7, "hub_token": "hf_x", **config}
    lines = ["wandb_version: 1", "_wandb:", "  desc: null", "  value: {}"]
    lines += [f"{name}:\n  desc: null\n  value: {json.dumps(one)}" for name, one in said.items()]
    (home / "files" / "config.yaml").write_text("\n".join(lines))
    metadata = {
        "startedAt": "2026-03-01T10:15:00.123456789Z", "codePath": "train.py", "email": "a@b.c",
        "host": "node7",
        "git": {"remote": "https://me:secret@example.org/x.git", "commit": "c0ffee"},
    }  # fmt: skip
    (home / "files" / "wandb-metadata.json").write_text(json.dumps(metadata))
    summary = {"train/global_step": 20, "train/epoch": 2.0, "_runtime": 3.5}
    (home / "files" / "wandb-summary.json").write_text(json.dumps(summary))
    return home


def mlflow(root: Path, run: str = RUN, **tags: str) -> Path:
    """A file store of MLflow with one run."""
    home = root / "mlruns" / "7" / run
    data = root / "mlruns" / "7" / "datasets" / "d1"
    for folder in (home / "params", home / "tags", home / "inputs" / "i1", data):
        folder.mkdir(parents=True, exist_ok=True)
    (root / "mlruns" / "7" / "meta.yaml").write_text("experiment_id: '7'\nname: sft\n")
    (home / "meta.yaml").write_text(
        f"run_id: {run}\nrun_uuid: {run}\nrun_name: wistful-ant\nstatus: 3\nsource_type: 4\n"
        "start_time: 1772359200000\nend_time: 1772362800000\nlifecycle_stage: active\ntags: []\n"
    )
    (home / "params" / "seed").write_text("7")
    (home / "params" / "learning_rate").write_text("0.0001")
    for name, one in {"mlflow.source.git.commit": "c0ffee", "mlflow.user": "me", **tags}.items():
        (home / "tags" / name).write_text(one)
    (home / "inputs" / "i1" / "meta.yaml").write_text(
        "source_type: DATASET\nsource_id: d1\ndestination_type: RUN\ndestination_id: d1\n"
        "tags:\n  mlflow.data.context: training\n"
    )
    (data / "meta.yaml").write_text(
        "name: train\ndigest: c5a0ebf5\nsource_type: local\n"
        'source: \'{"uri": "train.jsonl"}\'\nprofile: \'{"num_rows": 6}\'\n'
    )
    return home


def axolotl(root: Path, **over: Any) -> Path:
    """A configuration of Axolotl."""
    said = {
        "base_model": "org/base", "output_dir": "./out/ax", "sequence_len": 512, "seed": 7,
        "datasets": [{"path": "train.jsonl", "type": "alpaca"},
                     {"path": "org/rows", "type": "alpaca", "revision": "abc", "split": "train"}],
        "sample_packing": True, "val_set_size": 0.05, **over,
    }  # fmt: skip
    path = root / "config.yaml"
    path.write_text(json.dumps(said))
    return path


@pytest.fixture
def repo(git_repo: Path) -> Repository:
    return added(git_repo)


def _version(repo: Repository) -> DatasetRecord:
    (found,) = repo.provenance.registry.every(DatasetRecord)
    return found


def _kinds(run: RunRecord) -> set[str]:
    return {gap.kind for gap in run.gaps}


def test_a_run_of_wandb_is_declared_without_who_ran_it_and_without_secrets(
    repo: Repository, tmp_path: Path
) -> None:
    (run,) = repo.provenance.import_declared("wandb", wandb(tmp_path)).runs
    record = run.record
    assert (record.name, str(record.evidence), record.status) == ("a1b2c3d4", "declared", "started")
    assert record.imported_from == "W&B run a1b2c3d4"
    assert record.started_at == "2026-03-01T10:15:00.123456Z"
    assert (record.steps, record.epochs, record.seed) == (20, 2.0, 7)
    assert record.code is not None
    assert record.code.to_dict() == {
        "commit": "c0ffee", "repository": "https://example.org/x.git", "script": "train.py",
    }  # fmt: skip
    written = record.to_bytes().decode()
    assert not any(word in written for word in ("hf_x", "secret", "a@b.c", "node7"))
    assert {"outcome", "consumption"} <= _kinds(record)


def test_what_a_callback_told_a_tracker_links_to_versions_as_declared(
    repo: Repository, tmp_path: Path
) -> None:
    told = {"start_hash": f"sha256:{'0' * 64}", "content_hashes": str(_version(repo).content_hash)}
    (run,) = repo.provenance.import_declared("wandb", wandb(tmp_path, dslineage=told)).runs
    assert [str(entry.entry.evidence) for entry in run.inputs] == ["declared"]
    assert run.inputs[0].versions[0].startswith("train@v1")
    assert run.record.started_with is None
    (seen,) = repo.provenance.trace(json.dumps(ROWS[0])).to_dict()["examples"][0]["seen"]
    assert (seen["answer"], seen["evidence"]) == ("may have seen", "declared")


def test_a_run_that_was_captured_is_not_recorded_again(repo: Repository, tmp_path: Path) -> None:
    recorder = trained(tmp_path / "tiny")
    repo.provenance.import_runs(tmp_path / "tiny")
    tags = {"dslineage.start_hash": str(recorder.run.start.hash)}
    found = repo.provenance.import_declared("mlflow", mlflow(tmp_path, **tags))
    assert [run.new for run in found.runs] == [False]
    assert "captured already" in found.notices[0]
    assert len(list(repo.provenance.registry.every(RunRecord))) == 1


def test_a_run_of_mlflow_keeps_the_digest_as_a_word_only(repo: Repository, tmp_path: Path) -> None:
    home = mlflow(tmp_path)
    repo.provenance.import_declared("mlflow", home.parent)
    (run,) = repo.provenance.registry.named(RunRecord, "wistful-ant")
    assert run.status == "finished"
    assert (run.started_at, run.ended_at) == ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")
    assert run.parameters == {"learning_rate": 0.0001, "seed": 7}
    (entry,) = run.inputs
    assert entry.content_hash is None
    assert entry.subject == _version(repo).id
    messages = " ".join(gap.message for gap in run.gaps)
    assert "(c5a0ebf5) is of a sample of its rows" in messages
    assert "train.jsonl is taken for train@v1" in messages


def test_an_import_is_done_once_and_more_runs_get_names(repo: Repository, tmp_path: Path) -> None:
    home = mlflow(tmp_path)
    mlflow(tmp_path, "f" * 32)
    first = repo.provenance.import_declared("mlflow", home.parents[1])
    assert [(run.record.name, run.new) for run in first.runs] == [
        ("wistful-ant", True),
        ("wistful-ant-2", True),
    ]
    again = repo.provenance.import_declared("mlflow", home.parents[1])
    assert [run.new for run in again.runs] == [False, False]


def test_a_configuration_of_axolotl_says_what_it_names_and_what_it_leaves_open(
    repo: Repository,
) -> None:
    (run,) = repo.provenance.import_declared("axolotl", axolotl(repo.root)).runs
    record = run.record
    assert [(one.uri, bool(one.subject), one.content_hash) for one in record.inputs] == [
        ("train.jsonl", True, None),
        ("hf://datasets/org/rows@abc", False, None),
    ]
    assert record.base is not None
    assert record.base.uri == "org/base"
    assert {"outcome", "code", "consumption", "unknown-data"} <= _kinds(record)
    gaps = repo.provenance.gaps(f"run:{record.name}").to_dict()
    assert gaps["gaps"][0]["kind"] == "base-model"


def test_a_configuration_of_llamafactory_finds_files_by_dataset_info(repo: Repository) -> None:
    info = {"ours": {"file_name": "train.jsonl"}, "theirs": {"hf_hub_url": "org/theirs"}}
    (repo.root / "dataset_info.json").write_text(json.dumps(info))
    config = repo.root / "sft.yaml"
    config.write_text(
        "dataset: ours,theirs\ndataset_dir: .\noutput_dir: out/sft\nmodel_name_or_path: org/b\n"
        "mix_strategy: interleave_under\ninterleave_probs: 0.7,0.3\n"
    )
    (run,) = repo.provenance.import_declared("llamafactory", config).runs
    assert [(one.uri, bool(one.subject), one.weight) for one in run.record.inputs] == [
        ("./train.jsonl", True, 0.7),
        ("hf://datasets/org/theirs", False, 0.3),
    ]
    with pytest.raises(BadDataError, match="no configuration of a training"):
        repo.provenance.import_declared("llamafactory", repo.root / "dataset_info.json")


def test_an_exported_run_names_artifacts(repo: Repository, tmp_path: Path) -> None:
    said = {
        "id": "x1", "name": "sunny-sky", "state": "crashed", "config": {"seed": 7},
        "used_artifacts": [{"name": "team/sft:v3", "type": "dataset", "digest": "0af1"}],
    }  # fmt: skip
    path = tmp_path / "run.json"
    path.write_text(json.dumps(said))
    (run,) = repo.provenance.import_declared("wandb", path).runs
    assert (run.record.name, run.record.status) == ("sunny-sky", "failed")
    assert run.record.inputs[0].uri == "wandb-artifact://team/sft:v3"
    assert any("0af1" in gap.message for gap in run.record.gaps)


HOSTILE = [
    "a: &a [*a]",
    "- 1",
    "!!python/object/apply:os.system [touch x]",
    "a: [",
    "{" * 3000,
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
    ),
    "a: 1\na: 2",
    "a: " + "9" * 5000,
    '{"a": "\\ud800"}',
    "\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_files_that_are_made_to_harm_are_one_error(repo: Repository, text: str) -> None:
    before = list((repo.root / ".dslineage").rglob("*"))
    (repo.root / "meta.yaml").write_text(text)
    (repo.root / "run.json").write_text(text)
    named: dict[Form, str] = {
        "axolotl": "meta.yaml", "llamafactory": "run.json", "wandb": "run.json", "mlflow": ".",
    }  # fmt: skip
    for form, path in named.items():
        with pytest.raises(DslineageError):
            repo.provenance.import_declared(form, repo.root / path)
    assert list((repo.root / ".dslineage").rglob("*")) == before


def test_a_store_cannot_name_files_elsewhere(repo: Repository, tmp_path: Path) -> None:
    home = mlflow(tmp_path)
    (home / "inputs" / "i1" / "meta.yaml").write_text(
        "source_type: DATASET\nsource_id: ../../../../../etc\ntags: 5\n"
    )
    (run,) = repo.provenance.import_declared("mlflow", home).runs
    assert run.record.inputs == ()


def test_nothing_there_and_two_names_are_errors(repo: Repository, tmp_path: Path) -> None:
    for form in FORMS:
        with pytest.raises(NotFoundError):
            repo.provenance.import_declared(form, tmp_path / "none")
    home = mlflow(tmp_path)
    mlflow(tmp_path, "f" * 32)
    with pytest.raises(UsageError, match="2 runs, and one name"):
        repo.provenance.import_declared("mlflow", home.parent, name="one")
