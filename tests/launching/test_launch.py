"""`dslineage train`: what is noted of a trainer that knows nothing of it.

The trainers here are stand-ins: programs of their own, under the names of real ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dslineage.errors import UsageError
from dslineage.launching.asked import Launch
from dslineage.launching.launch import launch
from dslineage.records import Evidence
from dslineage.training.received import receive
from dslineage.training.runfile import RunFile
from dslineage.weights.hashing import hash_model
from tests.launching.conftest import settings, trained


def _gaps(run: RunFile) -> list[str]:
    return [gap.kind for gap in (*run.start.gaps, *run.gaps)]


def test_data_is_hashed_by_its_rows_before_the_first_step(here: Path) -> None:
    run = trained(here, model_revision="abc").run
    assert run is not None
    (data,) = run.start.inputs
    assert data.evidence is Evidence.RECORDED
    assert data.content_hash == receive(here / "data" / "train.jsonl").content_hash
    assert (data.uri, data.examples, data.role) == ("data/train.jsonl", 4, "train")
    assert run.start.base is not None
    assert (run.start.base.uri, run.start.base.revision) == ("org/base", "abc")
    assert run.start.seed == 7
    assert "preparation" in _gaps(run)
    assert run.start.created_at < run.checkpoints[0].at


def test_each_checkpoint_is_hashed_and_the_run_file_can_be_read_again(here: Path) -> None:
    launched = trained(here, packing=True)
    run = launched.run
    assert run is not None
    assert launched.path is not None
    written = launched.path.read_bytes()
    assert RunFile.from_bytes(written, "run").to_bytes() == written == run.to_bytes()
    assert [(one.label, one.path, one.step, one.epoch) for one in run.checkpoints] == [
        ("checkpoint-10", "checkpoint-10", 10, 1.0),
        ("checkpoint-20", "checkpoint-20", 20, 2.0),
        ("final", ".", 20, 2.0),
    ]
    for one in run.checkpoints[:2]:
        found = hash_model(here / "out" / "sft" / one.path)
        assert (one.weights_hash, one.files) == (found.weights_hash, found.files)
    assert {one.consumed.mode for one in run.checkpoints} == {"upper-bound"}
    assert "rows are packed (packing true)" in run.checkpoints[0].consumed.why
    assert run.outcome is not None
    assert (run.outcome.status, run.outcome.steps, run.outcome.epochs) == ("finished", 20, 2.0)


def test_settings_of_the_command_line_go_over_the_file(here: Path) -> None:
    run = trained(here, "output_dir=elsewhere", "seed=8", "hub_token=x", hf_hub_token="y").run
    assert run is not None
    assert (here / "elsewhere" / "dslineage-run.json").is_file()
    assert run.start.seed == 8
    assert run.start.parameters is not None
    assert {"hub_token", "hf_hub_token"} & set(run.start.parameters) == set()
    assert run.start.command[-1] == "hub_token=..."


def test_a_training_that_fails_has_that_status_and_its_checkpoints(here: Path) -> None:
    launched = trained(here, EVENTS=["fails"])
    assert launched.status == 3
    assert launched.run is not None
    assert launched.run.outcome is not None
    assert launched.run.outcome.status == "failed"
    assert [one.label for one in launched.run.checkpoints] == ["checkpoint-10", "checkpoint-20"]
    assert "the command ended with exit status 3" in launched.notices


def test_a_training_that_was_interrupted_and_ends_well_may_have_ended_early(here: Path) -> None:
    launched = trained(here, EVENTS=["is interrupted"])
    assert launched.status == 0
    assert launched.run is not None
    assert "interrupted" in _gaps(launched.run)
    why = "SIGINT came while the command ran, and it ended well: it may have ended early"
    assert why in launched.notices


def test_data_that_is_written_while_it_trains_is_noticed(here: Path) -> None:
    launched = trained(here, EVENTS=["changes its data"])
    assert launched.run is not None
    assert [gap.message for gap in launched.run.gaps] == [
        "data/train.jsonl was written while the training ran, and has other rows now"
    ]


def test_a_checkpoint_that_is_deleted_later_was_hashed_before(here: Path) -> None:
    run = trained(here, EVENTS=["rotates"]).run
    assert run is not None
    labels = [one.label for one in run.checkpoints]
    assert labels == ["checkpoint-10", "checkpoint-20", "final"]
    assert not (here / "out" / "sft" / "checkpoint-10").exists()


def test_what_was_in_the_output_folder_is_no_checkpoint_of_the_run(here: Path) -> None:
    first = trained(here).run
    second = trained(here, EVENTS=["fails"], overwrite_output_dir=True).run
    assert first is not None
    assert second is not None
    assert second.start.continues_start is None
    assert len(list((here / "out" / "sft").glob("dslineage-run*.json"))) == 2


def test_a_training_that_goes_on_from_the_last_checkpoint_names_the_run_before(here: Path) -> None:
    first, second = trained(here).run, trained(here).run
    assert first is not None
    assert second is not None
    assert second.start.continues_start == first.start.hash
    assert second.start.resumed_from == "checkpoint-20"
    for path in (here / "out" / "sft").glob("dslineage-run*"):
        path.unlink()
    third = trained(here).run
    assert third is not None
    assert third.start.continues_start is None
    assert "unrecorded-run" in _gaps(third)


def test_data_of_a_hub_is_declared_with_what_is_not_known_of_it(here: Path) -> None:
    (here / "plain.py").write_text("")
    settings(here, dataset="ours,theirs,nowhere")
    command = ("llamafactory-cli", "train", "sft.yaml", "EVENTS=fails")
    run = launch(Launch(command, here), stdout=2).run
    assert run is not None
    assert [(one.uri, str(one.evidence)) for one in run.start.inputs] == [
        ("data/train.jsonl", "recorded"), ("hf://datasets/org/theirs", "declared"),
        ("nowhere", "declared"),
    ]  # fmt: skip
    messages = [gap.message for gap in run.start.gaps]
    assert any("org/theirs is named without a revision" in one for one in messages)
    assert "no dataset_info.json says what nowhere is" in messages


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "- 1", "!!python/object:os.system x", "a: [", "\x00"]
)
def test_a_configuration_that_cannot_be_read_stops_no_training(here: Path, text: str) -> None:
    (here / "sft.yaml").write_text(text)
    ran = Launch(
        (sys.executable, "-c", "open('ran', 'w')", "llamafactory-cli", "train", "sft.yaml"),
        here,
        output=Path("out"),
    )
    launched = launch(ran)
    assert launched.status == 0
    assert (here / "ran").is_file()
    assert launched.run is not None
    assert "capture" in _gaps(launched.run)


def test_a_folder_that_cannot_be_written_stops_no_training(here: Path) -> None:
    (here / "out").write_text("a file")
    ran = Launch((sys.executable, "-c", "open('ran', 'w')"), here, output=Path("out"))
    launched = launch(ran)
    assert launched.status == 0
    assert (here / "ran").is_file()
    assert any("writing the run file failed" in notice for notice in launched.notices)


def test_another_program_is_told_by_data_and_output(here: Path) -> None:
    (here / "own.py").write_text(
        "import sys; sys.argv = ['x', 'c.json']\n"
        "from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from tests.launching.standin import save\n"
        "save(Path('out/epoch_0'), 1.0, 1, 1.0); Path('out/epoch_0/trainer_state.json').unlink()\n"
    )
    asked = Launch(
        (sys.executable, "own.py"), here, data=(("train", "data/train.jsonl"),), output=Path("out")
    )
    run = launch(asked).run
    assert run is not None
    assert [one.content_hash for one in run.start.inputs] == [
        receive(here / "data/train.jsonl").content_hash
    ]
    (saved,) = run.checkpoints
    assert (saved.label, saved.step, saved.epoch) == ("epoch_0", None, 1.0)


def test_what_nobody_says_is_asked_for_before_anything_runs(here: Path) -> None:
    with pytest.raises(UsageError, match="where the checkpoints"):
        launch(Launch((sys.executable, "-c", "open('ran', 'w')"), here))
    assert not (here / "ran").exists()
    with pytest.raises(UsageError, match="needs a command"):
        launch(Launch((), here))


def test_a_program_that_is_not_there_is_told(here: Path) -> None:
    launched = launch(Launch(("no-such-trainer",), here, output=Path("out")))
    assert launched.status == 127
    assert launched.run is not None
    assert launched.run.outcome is not None
    assert launched.run.outcome.status == "failed"


def test_a_file_of_data_that_is_not_there_is_told_before_anything_runs(here: Path) -> None:
    asked = Launch(
        (sys.executable, "-c", "open('ran', 'w')"),
        here,
        data=(("train", "tarin.jsonl"),),
        output=Path("out"),
    )
    with pytest.raises(UsageError, match=r"tarin\.jsonl is not there") as refused:
        launch(asked)
    assert refused.value.kind == "missing-file"
    assert not (here / "ran").exists()
