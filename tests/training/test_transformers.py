"""The callback in a real Trainer of transformers."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset
from transformers import TrainerCallback

from dslineage.training.huggingface import DslineageCallback
from dslineage.training.received import receive
from dslineage.training.watching import watch
from dslineage.weights.hashing import hash_model
from tests.training import tiny
from tests.training.runs import carried, gaps, run_file


def test_a_training_leaves_what_it_received_and_what_it_saved(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows = tiny.chats()
    watch(rows, version="train@v4", split="train", uri="https://example.org/data")
    trainer = tiny.trainer(out, tiny.tokens(rows), [DslineageCallback()], save_steps=4)
    trainer.train()

    run = run_file(out)
    (entry,) = run.start.inputs
    expected = receive(rows)
    assert (entry.content_hash, entry.training_hash) == (
        expected.content_hash,
        expected.training_hash,
    )
    assert (entry.examples, entry.split, entry.uri) == (8, "train", "https://example.org/data")
    assert run.start.versions == ("train@v4",)
    assert entry.prepared is not None
    assert (entry.prepared.kept, entry.prepared.tokens) == (8, 8 * 13)

    assert [saved.label for saved in run.checkpoints] == [
        "checkpoint-4",
        "checkpoint-8",
        "checkpoint-12",
    ]
    assert [(saved.consumed.mode, saved.epoch) for saved in run.checkpoints] == [
        ("exact", 1.0),
        ("exact", 2.0),
        ("exact", 3.0),
    ]
    for saved in run.checkpoints:
        there = hash_model(out / saved.path)
        assert (saved.files, saved.weights_hash) == (there.files, there.weights_hash)
    assert run.outcome is not None
    assert (run.outcome.status, run.outcome.steps, run.outcome.epochs) == ("finished", 12, 3.0)
    assert run.start.seed == 42
    assert run.start.parameters is not None
    assert run.start.parameters["learning_rate"] == 5e-05
    assert {"torch", "transformers"} <= set(run.start.framework or {})
    assert run.start.tokenizer_hash is not None
    assert run.start.template_hash is not None


class _Push(TrainerCallback):  # type: ignore[misc]  # a base of Any
    """Sees checkpoints as a push does: before `on_save`."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.hashed: list[bool] = []

    def on_push_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        self.seen.append(carried(folder)["start_hash"])
        self.hashed.append(folder.name in Path(args.output_dir, "dslineage-run.json").read_text())


def test_the_ids_are_in_a_checkpoint_before_it_is_pushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    push = _Push()
    watch(tiny.chats())
    trainer = tiny.trainer(
        out, tiny.tokens(tiny.chats()), [push, DslineageCallback()], max_steps=4, save_steps=2
    )

    def pushed(folder: str) -> None:
        trainer.callback_handler.on_push_begin(trainer.args, trainer.state, trainer.control)

    monkeypatch.setattr(trainer, "_push_from_checkpoint", pushed)
    trainer.args.push_to_hub = True
    trainer.hub_model_id, trainer.push_in_progress = "tiny", None
    monkeypatch.setattr(trainer, "_finish_current_push", lambda: None)
    trainer.train()
    start = str(run_file(out).start.hash)
    assert push.seen == [start, start]
    assert push.hashed == [False, False], "a push comes before on_save, where files are hashed"
    assert [saved.step for saved in run_file(out).checkpoints] == [2, 4]


def test_the_run_file_is_there_before_the_first_step(tmp_path: Path) -> None:
    out = tmp_path / "out"
    found: list[bool] = []

    class Look(TrainerCallback):  # type: ignore[misc]  # a base of Any
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            found.append((out / "dslineage-run.json").is_file())

    watch(tiny.chats())
    tiny.trainer(out, tiny.tokens(tiny.chats()), [DslineageCallback(), Look()], max_steps=1).train()
    assert found == [True]


def test_a_resumed_run_names_the_run_that_it_continues(tmp_path: Path) -> None:
    out = tmp_path / "out"
    data = tiny.tokens(tiny.chats())
    watch(tiny.chats())
    tiny.trainer(out, data, [DslineageCallback()], max_steps=2, save_steps=2).train()
    first = run_file(out)

    watch(tiny.chats())
    second = tiny.trainer(out, data, [DslineageCallback()], max_steps=6, save_steps=4)
    second.train(resume_from_checkpoint=True)
    run = run_file(out)
    assert run.start.continues_start == first.start.hash
    assert run.start.resumed_from == "checkpoint-2"
    assert carried(out / "checkpoint-4")["start_hash"] == str(run.start.hash)
    assert carried(out / "checkpoint-2")["start_hash"] == str(first.start.hash)
    # Both went through the same rows in one order, so together they are one epoch.
    assert [(saved.step, saved.consumed.mode) for saved in run.checkpoints] == [
        (4, "exact"),
        (6, "exact"),
    ]
    aside = list(out.glob("dslineage-run-*.json"))
    assert [path.name for path in aside] == [f"dslineage-run-{first.start.hash.hex[:12]}.json"]
    assert aside[0].read_bytes() == first.to_bytes()


def test_a_run_that_is_resumed_on_other_data_has_not_seen_it_by_the_epochs_before(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    watch(tiny.chats(8))
    tiny.trainer(
        out, tiny.tokens(tiny.chats(8)), [DslineageCallback()], max_steps=2, save_steps=2
    ).train()
    other = [{"id": 100 + number} | tiny.chat(3, 4, number + 20) for number in range(8)]
    watch(other)
    tiny.trainer(out, tiny.tokens(other), [DslineageCallback()], max_steps=6, save_steps=4).train(
        resume_from_checkpoint=True
    )
    by_step = {saved.step: saved.consumed for saved in run_file(out).checkpoints}
    assert (by_step[4].mode, by_step[4].epochs) == ("upper-bound", 0.5)
    assert (by_step[6].mode, by_step[6].epochs) == ("exact", 1.0)


def test_epochs_on_other_data_never_count_however_often_a_run_is_resumed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    other = [{"id": 100 + number} | tiny.chat(3, 4, number + 20) for number in range(8)]
    for steps, rows in ((2, tiny.chats(8)), (3, other), (5, other)):
        watch(rows)
        trainer = tiny.trainer(
            out, tiny.tokens(rows), [DslineageCallback()], max_steps=steps, save_steps=steps
        )
        trainer.train(resume_from_checkpoint=steps > 2)
    saved = run_file(out).checkpoints[-1]
    assert (saved.epoch, saved.consumed.mode, saved.consumed.epochs) == (1.25, "upper-bound", 0.75)


@pytest.mark.parametrize("restore", [False, True])
def test_a_run_goes_on_from_a_checkpoint_that_was_saved_without_the_callback(
    tmp_path: Path, restore: bool
) -> None:
    out = tmp_path / "out"
    data = tiny.tokens(tiny.chats())
    tiny.trainer(out, data, [], max_steps=2, save_steps=2).train()

    watch(tiny.chats())
    more = {"restore_callback_states_from_checkpoint": restore}
    resumed = tiny.trainer(out, data, [DslineageCallback()], max_steps=4, save_steps=4, **more)
    resumed.train(resume_from_checkpoint=str(out / "checkpoint-2"))
    run = run_file(out)
    assert run.start.continues_start is None
    assert run.start.resumed_from == "checkpoint-2"
    assert any("2 steps up to checkpoint-2 were not captured" in gap for gap in gaps(run))
    assert carried(out / "checkpoint-4")["start_hash"] == str(run.start.hash)
    (saved,) = run.checkpoints
    assert (saved.consumed.mode, saved.consumed.epochs) == ("upper-bound", 0.5)


def test_a_callback_whose_state_is_restored_is_still_that_of_the_new_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    data = tiny.tokens(tiny.chats())
    watch(tiny.chats())
    tiny.trainer(out, data, [DslineageCallback()], max_steps=2, save_steps=2).train()
    first = run_file(out).start.hash
    watch(tiny.chats())
    more = {"restore_callback_states_from_checkpoint": True}
    again = tiny.trainer(out, data, [DslineageCallback()], max_steps=4, save_steps=4, **more)
    again.train(resume_from_checkpoint=True)
    assert run_file(out).start.continues_start == first
    assert carried(out / "checkpoint-4")["start_hash"] == str(run_file(out).start.hash)


def test_only_the_first_process_of_all_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    watch(tiny.chats())
    trainer = tiny.trainer(out, tiny.tokens(tiny.chats()), [DslineageCallback()], max_steps=2)
    monkeypatch.setattr(trainer, "is_world_process_zero", lambda: False)
    trainer.train()
    assert not list(out.glob("dslineage*"))
    assert carried(out / "checkpoint-2") == {}, "a checkpoint is saved all the same"


def test_a_full_disk_stops_no_training_and_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    full = True

    def sync(handle: int) -> None:
        if full:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("dslineage.disk.os.fsync", sync)
    watch(tiny.chats())
    callback = DslineageCallback()
    trainer = tiny.trainer(out, tiny.tokens(tiny.chats()), [callback], max_steps=6, save_steps=2)
    with caplog.at_level(logging.WARNING, "dslineage"):
        trainer.train()
    assert trainer.state.global_step == 6
    assert not list(out.glob("*dslineage*")), "no half of a run file"
    told = [record.message for record in caplog.records if record.name == "dslineage"]
    assert sum("writing the run file failed: OSError" in text for text in told) == 1
    # What could not be written is kept, and is in the next file that can be.
    full = False
    trainer.save_model(str(out / "final"))
    callback.saved(out / "final")
    run = run_file(out)
    assert [saved.step for saved in run.checkpoints] == [2, 4, 6, 6]
    assert any("No space left" in gap for gap in gaps(run))


def test_a_failure_stops_a_training_that_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dslineage.disk.os.fsync", sync)
    watch(tiny.chats())
    callback = DslineageCallback(strict=True)
    trainer = tiny.trainer(tmp_path / "out", tiny.tokens(tiny.chats()), [callback], max_steps=2)
    with pytest.raises(OSError, match="No space"):
        trainer.train()


def test_rows_that_cannot_be_hashed_stop_no_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = iter(tiny.chats())
    with caplog.at_level(logging.WARNING, "dslineage"):
        assert watch(rows) is rows
    assert "no data set whose rows can be read more than once" in caplog.text
    trainer = tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats()), [DslineageCallback()], max_steps=4
    )
    trainer.train()
    run = run_file(tmp_path / "out")
    (entry,) = run.start.inputs
    assert (entry.content_hash, str(entry.evidence)) == (None, "declared")
    assert run.checkpoints[-1].consumed.mode == "unknown"
    assert any("hashing the train data failed" in gap for gap in gaps(run))


def test_without_watch_the_rows_that_the_trainer_prepared_are_hashed_and_marked(
    tmp_path: Path,
) -> None:
    data = tiny.tokens(tiny.chats())
    tiny.trainer(tmp_path / "out", data, [DslineageCallback()], max_steps=2).train()
    run = run_file(tmp_path / "out")
    (entry,) = run.start.inputs
    assert entry.content_hash == receive(data).content_hash
    assert any("its hash is that of what the trainer made of it" in gap for gap in gaps(run))


def test_what_one_training_watched_is_not_taken_for_the_data_of_the_next(tmp_path: Path) -> None:
    data = tiny.tokens(tiny.chats())
    watch(tiny.chats(4))
    tiny.trainer(
        tmp_path / "a", tiny.tokens(tiny.chats(4)), [DslineageCallback()], max_steps=1
    ).train()
    tiny.trainer(tmp_path / "b", data, [DslineageCallback()], max_steps=1).train()
    assert run_file(tmp_path / "b").start.inputs[0].content_hash == receive(data).content_hash


def test_a_model_that_is_saved_after_the_training_can_be_noted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    callback = DslineageCallback()
    watch(tiny.chats())
    trainer = tiny.trainer(out, tiny.tokens(tiny.chats()), [callback], max_steps=4)
    trainer.train()
    trainer.save_model(str(out))
    callback.saved(out)
    last, final = run_file(out).checkpoints
    assert (final.label, final.path, final.step) == ("final", ".", 4)
    assert final.weights_hash == last.weights_hash


def test_a_callback_that_no_training_called_says_so(caplog: pytest.LogCaptureFixture) -> None:
    DslineageCallback().saved("final")
    assert "no training called this callback, so final is not noted" in caplog.text


def test_the_code_is_known_where_git_and_a_commit_are_there(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "train.py").write_text("a = 1\n")
    subprocess.run(["git", "-C", str(tmp_path), "add", "train.py"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "commit", "-qm", "one"], check=True)
    remote = ["remote", "add", "origin", "https://me:secret@example.org/x.git"]
    subprocess.run(["git", "-C", str(tmp_path), *remote], check=True)
    (tmp_path / "train.py").write_text("a = 2\n")
    watch(tiny.chats())
    tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats()), [DslineageCallback()], max_steps=1
    ).train()
    code = run_file(tmp_path / "out").start.code
    assert code is not None
    head = subprocess.run(
        ["git", "-C", str(tmp_path), "rev-parse", "HEAD"], check=True, capture_output=True
    )
    assert code.commit == head.stdout.decode().strip()
    assert code.dirty is not None
    assert code.repository == "https://example.org/x.git"


def test_without_git_the_code_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    watch(tiny.chats())
    tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats()), [DslineageCallback()], max_steps=1
    ).train()
    run = run_file(tmp_path / "out")
    assert run.start.code is None or run.start.code.commit is None
    assert "which code trained is not known: git is not installed" in gaps(run)


def test_a_base_model_in_a_folder_is_known_by_its_tensors(tmp_path: Path) -> None:
    from transformers import LlamaForCausalLM

    tiny.model(3).save_pretrained(tmp_path / "base")
    watch(tiny.chats())
    trainer = tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats()), [DslineageCallback()], max_steps=1
    )
    trainer.model = trainer.model_wrapped = LlamaForCausalLM.from_pretrained(tmp_path / "base")
    trainer.callback_handler.model = trainer.model
    trainer.train()
    base = run_file(tmp_path / "out").start.base
    assert base is not None
    assert base.uri == str(tmp_path / "base")
    assert base.weights_hash == hash_model(tmp_path / "base").weights_hash


def test_a_mixture_of_two_data_sets_is_counted_together(tmp_path: Path) -> None:
    one, two = tiny.chats(4), tiny.chats(8)[4:]
    watch(one)
    watch(two)
    watch(tiny.chats(2), "eval")
    tiny.trainer(
        tmp_path / "out", tiny.tokens(one + two), [DslineageCallback()], max_steps=4
    ).train()
    run = run_file(tmp_path / "out")
    assert [(entry.role, entry.examples) for entry in run.start.inputs] == [
        ("train", 4),
        ("train", 4),
        ("eval", 2),
    ]
    assert any("was only counted together" in gap for gap in gaps(run))
    assert run.checkpoints[-1].consumed.mode == "exact"


def test_rows_that_went_missing_between_watch_and_trainer_are_a_gap(tmp_path: Path) -> None:
    watch(tiny.chats(8))
    tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats(6)), [DslineageCallback()], max_steps=4
    ).train()
    run = run_file(tmp_path / "out")
    assert "2 of 8 rows are not in what it feeds" in gaps(run)
    consumed = run.checkpoints[-1].consumed
    assert (consumed.mode, consumed.why) == ("upper-bound", "6 of 8 rows were kept")


def test_rows_that_nobody_watched_are_a_gap(tmp_path: Path) -> None:
    watch(tiny.chats(6))
    tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats(8)), [DslineageCallback()], max_steps=4
    ).train()
    run = run_file(tmp_path / "out")
    assert any(
        "8 rows, and 6 were watched: some of its data is not known" in gap for gap in gaps(run)
    )
    assert run.checkpoints[-1].consumed.mode == "upper-bound"


def test_a_batch_that_may_be_dropped_makes_an_upper_bound(tmp_path: Path) -> None:
    watch(tiny.chats(7))
    tiny.trainer(
        tmp_path / "out",
        tiny.tokens(tiny.chats(7)),
        [DslineageCallback()],
        max_steps=6,
        dataloader_drop_last=True,
    ).train()
    consumed = run_file(tmp_path / "out").checkpoints[-1].consumed
    assert consumed.mode == "upper-bound"
    assert consumed.why == "the last batch of an epoch is dropped where it is not full"


def test_a_stream_is_trained_on_and_known_by_its_hash(tmp_path: Path) -> None:
    stream = Dataset.from_list(tiny.chats()).to_iterable_dataset()
    assert watch(stream) is stream
    tokens = tiny.tokens(tiny.chats()).to_iterable_dataset()
    tiny.trainer(tmp_path / "out", tokens, [DslineageCallback()], max_steps=2).train()
    run = run_file(tmp_path / "out")
    assert run.start.inputs[0].content_hash == receive(tiny.chats()).content_hash
    assert run.checkpoints[-1].consumed.mode != "exact"


def test_a_json_document_tells_everything(tmp_path: Path) -> None:
    watch(tiny.chats())
    tiny.trainer(
        tmp_path / "out", tiny.tokens(tiny.chats()), [DslineageCallback()], max_steps=1
    ).train()
    document = json.loads((tmp_path / "out" / "dslineage-run.json").read_bytes())
    assert list(document) == ["schema", "start", "start_hash", "checkpoints", "outcome"]
    assert document["schema"] == "dslineage.run-file/1"
    assert str(tmp_path) not in json.dumps(document), "no path of the machine"
