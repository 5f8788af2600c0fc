"""Runs of a cluster, brought into the repository afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dslineage.errors import BadDataError, IntegrityError, NotFoundError, UsageError
from dslineage.lineage.importedrun import RunImport
from dslineage.lineage.node import node_of
from dslineage.records import Evidence, ModelRecord, RunInput, RunRecord
from dslineage.repository import Repository
from dslineage.training.received import receive
from dslineage.training.watching import Watched
from tests.runs.cluster import ROWS, added, model, trained


def _runs(repo: Repository) -> list[RunRecord]:
    return list(repo.provenance.registry.every(RunRecord))


def _models(repo: Repository) -> list[ModelRecord]:
    return list(repo.provenance.registry.every(ModelRecord))


def _evidence(found: RunImport) -> list[tuple[str, str]]:
    return [
        (model["model"], model["evidence"])
        for run in found.runs
        for model in run.to_dict()["models"]
    ]


def test_a_run_of_a_folder_without_git_is_linked_by_its_rows(
    git_repo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cluster" / "tiny"
    trained(out)
    repo = added(git_repo)
    found = repo.provenance.import_runs(out)
    (run,) = _runs(repo)
    assert (run.name, run.status, run.steps, run.evidence) == (
        "tiny",
        "finished",
        20,
        Evidence.CAPTURED,
    )
    assert [entry.versions for one in found.runs for entry in one.inputs] == [
        (node_of(repo.show("train").record).title,)
    ]
    assert _evidence(found) == [
        ("tiny@checkpoint-10", "verified"),
        ("tiny@checkpoint-20", "verified"),
    ]
    assert [one.generated_by for one in _models(repo)] == [run.id, run.id]
    staged = subprocess.run(
        ["git", "-C", str(git_repo), "diff", "--cached", "--name-only"],
        check=True,
        capture_output=True,
    ).stdout.decode()
    assert staged.count("records/run/tiny/") == 1
    assert staged.count("records/model/tiny/") == 2


def test_the_link_is_an_edge_of_the_graph(git_repo: Path, tmp_path: Path) -> None:
    trained(tmp_path / "tiny")
    repo = added(git_repo)
    repo.provenance.import_runs(tmp_path / "tiny")
    version = repo.show("train").record.id
    (run,) = _runs(repo)
    edges = repo.provenance.registry.graph().parents(run.id)
    assert [(edge.parent, edge.role, edge.evidence) for edge in edges] == [
        (version, "train", Evidence.CAPTURED)
    ]


def test_importing_twice_makes_nothing_new(git_repo: Path, tmp_path: Path) -> None:
    trained(tmp_path / "tiny")
    repo = added(git_repo)
    first = repo.provenance.import_runs(tmp_path / "tiny")
    again = repo.provenance.import_runs(tmp_path / "tiny" / "dslineage-run.json")
    assert all(run.new for run in first.runs)
    assert not any(run.new or any(one.new for one in run.models) for run in again.runs)
    assert (len(_runs(repo)), len(_models(repo))) == (1, 2)


def test_checkpoints_that_were_saved_since_are_added(git_repo: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny"
    recorder = trained(out, steps=(10,), ends=False)
    repo = added(git_repo)
    assert repo.provenance.import_runs(out).runs[0].record.status == "started"
    from dslineage.records import Consumed

    recorder.checkpoint(model(out / "checkpoint-20", 4), step=20, consumed=Consumed("unknown"))
    recorder.finish("finished", steps=20)
    found = repo.provenance.import_runs(out)
    assert [one.new for one in found.runs[0].models] == [False, True]
    assert "was imported while it was under way" in found.notices[0]


def test_a_resumed_run_continues_the_one_before_it(git_repo: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny"
    first = trained(out, steps=(10,), ends=False).run.start.hash
    trained(
        out,
        steps=(20,),
        created_at="2026-03-02T00:00:00.000001Z",
        continues_start=first,
        resumed_from="checkpoint-10",
    )
    repo = added(git_repo)
    found = repo.provenance.import_runs(out)
    before, after = (run.record for run in found.runs)
    assert (before.name, after.name) == ("tiny", "tiny")
    assert (after.continues, after.resumed_from) == (before.id, "checkpoint-10")
    assert [reference for reference, _ in _evidence(found)] == [
        "tiny@checkpoint-10",
        "tiny@checkpoint-20",
    ]


def test_a_run_whose_beginning_is_imported_later_is_linked_to_it_then(
    git_repo: Path, tmp_path: Path
) -> None:
    first = trained(tmp_path / "lost").run.start.hash
    later = "2026-03-02T00:00:00.000001Z"
    trained(tmp_path / "tiny", continues_start=first, resumed_from="c-20", created_at=later)
    repo = added(git_repo)
    found = repo.provenance.import_runs(tmp_path / "tiny")
    run = found.runs[0].record
    assert run.continues is None
    assert found.notices[0].startswith("the run that it resumed at c-20 is not recorded")
    assert "unrecorded-run" in [
        one.gap.kind for one in repo.provenance.registry.graph().gaps(run.id)
    ]

    before = repo.provenance.import_runs(tmp_path / "lost").runs[0].record
    graph = repo.provenance.registry.graph()
    assert (before.id, "continues") in [(edge.parent, edge.role) for edge in graph.parents(run.id)]
    assert "unrecorded-run" not in [one.gap.kind for one in graph.gaps(run.id)]


def test_a_run_that_began_again_in_the_same_folder_takes_the_place_of_checkpoints(
    git_repo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "tiny"
    trained(out, steps=(10,), ends=False)
    shutil.rmtree(out / "checkpoint-10")
    again = trained(out, steps=(), created_at="2026-03-02T00:00:00.000001Z")
    from dslineage.records import Consumed

    again.checkpoint(model(out / "checkpoint-10", 99), step=10, consumed=Consumed("unknown"))
    found = added(git_repo).provenance.import_runs(out)
    assert [run.record.name for run in found.runs] == ["tiny", "tiny-2"]
    assert _evidence(found) == [
        ("tiny@checkpoint-10", "captured"),
        ("tiny-2@checkpoint-10", "verified"),
    ]


def test_a_checkpoint_that_is_not_here_is_captured_and_not_verified(
    git_repo: Path, tmp_path: Path
) -> None:
    trained(tmp_path / "tiny")
    shutil.rmtree(tmp_path / "tiny" / "checkpoint-10")
    found = added(git_repo).provenance.import_runs(tmp_path / "tiny")
    assert _evidence(found) == [
        ("tiny@checkpoint-10", "captured"),
        ("tiny@checkpoint-20", "verified"),
    ]


def test_a_swapped_checkpoint_file_is_found_and_named(git_repo: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny"
    trained(out)
    shutil.copy(out / "checkpoint-10/model.safetensors", out / "checkpoint-20/model.safetensors")
    repo = added(git_repo)
    with pytest.raises(IntegrityError, match=r"checkpoint-20/model\.safetensors is not what"):
        repo.provenance.import_runs(out)
    assert not _runs(repo)


def test_a_run_file_whose_start_was_edited_is_refused(git_repo: Path, tmp_path: Path) -> None:
    path = trained(tmp_path / "tiny").path
    document = json.loads(path.read_bytes())
    document["start"]["inputs"][0]["content_hash"] = f"sha256:{'0' * 64}"
    path.write_text(json.dumps(document))
    with pytest.raises(IntegrityError, match="it was edited"):
        added(git_repo).provenance.import_runs(tmp_path / "tiny")


@pytest.mark.parametrize(
    "data", [b"", b"base_model: org/model\n", b'{"schema": "dslineage.run/1"}', b"\xff\0"]
)
def test_a_file_of_another_kind_is_no_damaged_record(git_repo: Path, data: bytes) -> None:
    repo = added(git_repo)
    (git_repo / "sft.yaml").write_bytes(data)
    with pytest.raises(BadDataError, match=r"^sft\.yaml is no run file") as caught:
        repo.provenance.import_runs("sft.yaml")
    assert "dslineage run import --help" in caught.value.hint


def test_a_run_file_that_was_cut_off_is_a_damaged_one(git_repo: Path, tmp_path: Path) -> None:
    path = trained(tmp_path / "tiny").path
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(IntegrityError, match=r"tiny/dslineage-run\.json: it is not JSON"):
        added(git_repo).provenance.import_runs(tmp_path / "tiny")


@pytest.mark.parametrize(
    ("member", "value"),
    [("path", "/etc"), ("path", "../other"), ("label", "a/b"), ("step", -1), ("files", [3])],
)
def test_a_run_file_that_reaches_elsewhere_is_refused(
    git_repo: Path, tmp_path: Path, member: str, value: object
) -> None:
    path = trained(tmp_path / "tiny").path
    document = json.loads(path.read_bytes())
    document["checkpoints"][0][member] = value
    path.write_text(json.dumps(document))
    with pytest.raises(IntegrityError, match=r"dslineage-run\.json"):
        added(git_repo).provenance.import_runs(tmp_path / "tiny")


def test_a_version_that_the_training_named_is_checked_by_its_rows(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    trained(tmp_path / "right", version="train@v1")
    trained(tmp_path / "wrong", ROWS[:3], version="train@v1", created_at="2026-03-02T00:00:00Z")
    right = repo.provenance.import_runs(tmp_path / "right").runs[0].record
    assert right.inputs[0].subject == repo.show("train").record.id
    found = repo.provenance.import_runs(tmp_path / "wrong")
    assert found.runs[0].record.inputs[0].subject is None
    assert found.notices[0] == "the training named train@v1, and received other rows than that has"


def test_a_version_whose_id_stands_in_a_run_file_is_checked_by_its_rows_as_well(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    train = repo.show("train").record
    other = added(git_repo, ROWS[:3], "other").show("other").record
    watched = Watched("train", receive(ROWS)).as_input()
    for name, subject in (("right", train.id), ("wrong", other.id), ("unread", other.id)):
        entry = replace(watched, subject=subject)
        if name == "unread":
            entry = RunInput("train", Evidence.CAPTURED, subject)
        trained(tmp_path / name, inputs=(entry,), seed=len(name))
    records = [
        repo.provenance.import_runs(tmp_path / name).runs[0].record
        for name in ("right", "wrong", "unread")
    ]
    assert [one.inputs[0].subject for one in records] == [train.id, None, other.id]
    assert records[1].gaps[0].kind == "unknown-data"
    graph = repo.provenance.registry.graph()
    assert [edge.parent for edge in graph.parents(records[1].id)] == [train.id]
    assert records[2].inputs[0].evidence is Evidence.DECLARED, "nobody saw its rows"


def test_rows_of_no_version_are_told_and_so_is_a_version_that_shows_the_same(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    other = [row | {"id": 100 + number} for number, row in enumerate(ROWS)]
    trained(tmp_path / "tiny", other)
    found = repo.provenance.import_runs(tmp_path / "tiny")
    assert found.notices == (
        "the 6 rows of the train data are in no recorded version",
        f"{node_of(repo.show('train').record).title} shows a model the same, in other rows "
        "(equal training hashes)",
    )


def test_a_version_that_a_run_was_linked_to_later_needs_no_second_import(
    git_repo: Path, tmp_path: Path
) -> None:
    trained(tmp_path / "tiny")
    repo = Repository.open(git_repo)
    repo.provenance.import_runs(tmp_path / "tiny")
    added(git_repo)
    (run,) = _runs(repo)
    edges = repo.provenance.registry.graph().parents(run.id)
    assert [edge.parent for edge in edges] == [repo.show("train").record.id]


def test_a_name_that_is_taken_is_refused_and_one_that_is_given_is_kept(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    trained(tmp_path / "a")
    trained(tmp_path / "b", created_at="2026-03-02T00:00:00Z")
    assert repo.provenance.import_runs(tmp_path / "a", name="seven").runs[0].record.name == "seven"
    with pytest.raises(UsageError, match="another run is called seven"):
        repo.provenance.import_runs(tmp_path / "b", name="seven")


def test_a_folder_without_a_run_file_says_what_else_can_be_done(
    git_repo: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match=r"there is no dslineage-run\.json") as caught:
        added(git_repo).provenance.import_runs(tmp_path)
    assert "dslineage model add" in caught.value.hint
