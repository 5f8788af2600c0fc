"""Models that somebody has."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.lineage.modeladd import Declared
from dslineage.records import Evidence
from tests.runs.cluster import added, model, trained
from tests.weights.saving import f32, save


def test_a_model_is_recorded_with_what_is_declared_of_it(git_repo: Path, tmp_path: Path) -> None:
    repo = added(git_repo)
    folder = model(tmp_path / "tiny", 1)
    said = Declared(trained_on=("train@v1",), base="org/base", uri="https://example.org/tiny")
    found = repo.provenance.add_model(folder, said, message="the first")
    record = found.record
    version = repo.show("train").record
    assert (record.name, record.label, record.form) == ("tiny", "final", "checkpoint")
    assert [file.path for file in record.files] == ["config.json", "model.safetensors"]
    assert (record.trained_on[0].subject, record.trained_on[0].evidence) == (
        version.id,
        Evidence.DECLARED,
    )
    assert record.derived_from[0].uri == "org/base"
    assert record.evidence == Evidence.DECLARED
    assert repo.provenance.registry.find("tiny@final", here=git_repo) == record


def test_adding_a_model_twice_makes_nothing_new(git_repo: Path, tmp_path: Path) -> None:
    repo = added(git_repo)
    folder = model(tmp_path / "tiny", 1)
    assert repo.provenance.add_model(folder).new
    assert not repo.provenance.add_model(folder).new


def test_a_checkpoint_that_was_copied_is_the_one_that_is_recorded(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    trained(tmp_path / "tiny")
    repo.provenance.import_runs(tmp_path / "tiny")
    shutil.copytree(tmp_path / "tiny" / "checkpoint-20", tmp_path / "elsewhere")
    found = repo.provenance.add_model(tmp_path / "elsewhere")
    assert (found.record.name, found.record.label, found.new) == ("tiny", "checkpoint-20", False)


def test_a_checkpoint_that_was_saved_again_is_linked_by_its_tensors(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    trained(tmp_path / "tiny")
    imported = repo.provenance.import_runs(tmp_path / "tiny")
    last = imported.runs[0].models[-1].record
    save(tmp_path / "best" / "weights.safetensors", {"w": f32(10)}, metadata={"by": "hand"})
    found = repo.provenance.add_model(tmp_path / "best")
    assert found.new
    assert found.record.derived_from[0].subject == last.id
    assert found.record.evidence == Evidence.RECORDED
    assert "its tensors are those of tiny@checkpoint-20" in found.notices[0]


def test_a_checkpoint_whose_state_names_a_recorded_run_is_linked_to_it(
    git_repo: Path, tmp_path: Path
) -> None:
    repo = added(git_repo)
    recorder = trained(tmp_path / "tiny", steps=(10,))
    imported = repo.provenance.import_runs(tmp_path / "tiny")
    folder = model(tmp_path / "from-hub" / "checkpoint-30", 30)
    lineage = {"start_hash": str(recorder.run.start.hash)}
    state = {"stateful_callbacks": {"DslineageCallback": {"attributes": {"lineage": lineage}}}}
    (folder / "trainer_state.json").write_text(json.dumps(state))
    record = repo.provenance.add_model(folder).record
    assert (record.name, record.label) == ("tiny", "checkpoint-30")
    assert record.generated_by == imported.runs[0].record.id
    assert record.evidence == Evidence.RECORDED


@pytest.mark.parametrize("state", ["", "[]", '{"stateful_callbacks": 3}', "[" * 100_000])
def test_a_state_of_another_kind_says_nothing(git_repo: Path, tmp_path: Path, state: str) -> None:
    folder = model(tmp_path / "tiny", 1)
    (folder / "trainer_state.json").write_text(state)
    record = added(git_repo).provenance.add_model(folder).record
    assert (record.generated_by, [gap.kind for gap in record.gaps]) == (None, ["unknown-data"])


def test_a_base_is_a_recorded_model_a_folder_or_a_name(git_repo: Path, tmp_path: Path) -> None:
    repo = added(git_repo)
    base = model(tmp_path / "base", 1)
    recorded = repo.provenance.add_model(base).record
    for number, said in enumerate(("base@final", str(base), "org/base")):
        folder = model(tmp_path / f"tuned-{number}", 2 + number)
        (found,) = repo.provenance.add_model(folder, Declared(base=said)).record.derived_from
        assert found.subject == (recorded.id if number == 0 else None)
        assert found.weights_hash == (None if number == 2 else recorded.weights_hash)


@pytest.mark.parametrize("url", ["hf://org/base", "s3://models/base", "https://example.org/base"])
def test_a_base_on_a_remote_is_named_and_never_fetched(
    git_repo: Path, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda *_, **__: pytest.fail("it was fetched"))
    repo = added(git_repo)
    (found,) = repo.provenance.add_model(
        model(tmp_path / "m"), Declared(base=url)
    ).record.derived_from
    assert found.uri == url


def test_an_adapter_is_told_by_its_files(git_repo: Path, tmp_path: Path) -> None:
    save(tmp_path / "lora" / "adapter_model.safetensors", {"a": f32(1)})
    (tmp_path / "lora" / "adapter_config.json").write_text("{}")
    assert added(git_repo).provenance.add_model(tmp_path / "lora").record.form == "adapter"


def test_what_is_no_run_or_no_data_is_refused(git_repo: Path, tmp_path: Path) -> None:
    repo = added(git_repo)
    folder = model(tmp_path / "tiny", 1)
    repo.provenance.add_model(folder)
    for said in (
        Declared(run="train@v1"),
        Declared(trained_on=("tiny@final",)),
        Declared(base="train@v1"),
        Declared(label="a/b"),
        Declared(name="a/b"),
    ):
        with pytest.raises(UsageError):
            repo.provenance.add_model(folder, said)
    with pytest.raises(NotFoundError):
        repo.provenance.add_model(folder, Declared(trained_on=("nothing@v9",)))


def test_a_damaged_model_is_not_recorded(git_repo: Path, tmp_path: Path) -> None:
    folder = model(tmp_path / "tiny", 1)
    (folder / "model.safetensors").write_bytes(b"\xff" * 20)
    with pytest.raises(BadDataError, match=r"model\.safetensors is no safetensors file"):
        added(git_repo).provenance.add_model(folder)
