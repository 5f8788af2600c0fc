"""`watch` and the callback in a real SFTTrainer of TRL: what it makes of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, load_dataset

from dslineage.records import Prepared
from dslineage.training.huggingface import DslineageCallback
from dslineage.training.received import receive
from dslineage.training.runfile import RunFile
from dslineage.training.watching import watch
from tests.training import tiny
from tests.training.runs import gaps, run_file


def _trained(folder: Path, rows: list[dict[str, Any]], **more: Any) -> tuple[Prepared, RunFile]:
    data = watch(Dataset.from_list(rows))
    trainer = tiny.sft(folder, data, [DslineageCallback()], **{"max_steps": 4} | more)
    trainer.train()
    run = run_file(folder)
    prepared = run.start.inputs[0].prepared
    assert prepared is not None
    assert run.start.inputs[0].content_hash == receive(rows).content_hash, "the raw rows"
    return prepared, run


def test_short_rows_are_all_kept_whole(tmp_path: Path) -> None:
    prepared, run = _trained(tmp_path / "out", tiny.chats(8))
    assert prepared == Prepared(
        8, kept=8, masked=0, truncated=0, sequences=8, tokens=8 * 13, max_length=1024
    )
    assert run.checkpoints[-1].consumed.mode == "exact"


def test_rows_that_are_cut_are_counted(tmp_path: Path) -> None:
    rows = [tiny.chat(3, 4), tiny.chat(3, 40), tiny.chat(3, 50), tiny.chat(3, 5)]
    prepared, run = _trained(tmp_path / "out", rows, max_length=20)
    assert (prepared.kept, prepared.truncated, prepared.max_length) == (4, 2, 20)
    assert prepared.tokens == 13 + 20 + 20 + 14
    assert any("2 rows have just 20 tokens" in gap for gap in gaps(run))
    consumed = run.checkpoints[-1].consumed
    assert (consumed.mode, consumed.why) == ("upper-bound", "up to 2 rows were cut at 20 tokens")


def test_rows_that_are_dropped_since_all_of_them_is_masked_are_counted(tmp_path: Path) -> None:
    rows = [tiny.chat(3, 4), tiny.chat(40, 4), tiny.chat(3, 6), tiny.chat(50, 6)]
    prepared, run = _trained(
        tmp_path / "out", rows, max_length=20, assistant_only_loss=True, max_steps=2
    )
    assert (prepared.rows, prepared.kept, prepared.masked) == (4, 2, 2)
    consumed = run.checkpoints[-1].consumed
    assert (consumed.mode, consumed.why) == ("upper-bound", "2 of 4 rows were kept")


def test_prompts_that_fill_a_row_leave_it_without_loss(tmp_path: Path) -> None:
    rows = [
        {"prompt": tiny.words(3), "completion": f" {tiny.words(2)}"},
        {"prompt": tiny.words(30), "completion": f" {tiny.words(2)}"},
        {"prompt": tiny.words(4), "completion": f" {tiny.words(3)}"},
    ]
    prepared, _ = _trained(
        tmp_path / "out", rows, max_length=16, completion_only_loss=True, max_steps=2
    )
    assert (prepared.rows, prepared.kept, prepared.masked) == (3, 2, 1)


def test_packed_rows_are_counted_by_the_marks_in_their_sequences(tmp_path: Path) -> None:
    rows = [tiny.chat(3, length) for length in (4, 5, 6, 7, 60)]
    prepared, run = _trained(tmp_path / "out", rows, max_length=32, packing=True, max_steps=2)
    assert (prepared.rows, prepared.kept, prepared.packing) == (5, 5, "bfd")
    assert prepared.sequences is not None
    assert prepared.sequences < 5
    assert prepared.truncated == 1
    assert prepared.tokens == 13 + 14 + 15 + 16 + 32
    consumed = run.checkpoints[-1].consumed
    assert consumed.mode == "upper-bound"
    assert consumed.why.startswith("rows were packed (bfd)")


@pytest.mark.parametrize("strategy", ["bfd_split", "wrapped"])
def test_packing_that_splits_rows_leaves_how_many_there_are_unknown(
    tmp_path: Path, strategy: str
) -> None:
    rows = [tiny.chat(3, length) for length in (4, 5, 60)]
    prepared, run = _trained(
        tmp_path / "out",
        rows,
        max_length=32,
        packing=True,
        packing_strategy=strategy,
        max_steps=2,
        per_device_train_batch_size=1,
    )
    assert (prepared.kept, prepared.packing) == (None, strategy)
    assert any(f"rows were packed ({strategy}) without a mark" in gap for gap in gaps(run))
    assert run.checkpoints[-1].consumed.mode == "upper-bound"


def test_a_file_that_datasets_loaded_is_known_by_the_hash_of_its_rows(
    tmp_path: Path, shared_data: Path
) -> None:
    path = shared_data / "selfinstruct_seed_tasks.jsonl"
    raw = load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "c"))
    data = watch(raw)
    assert data is raw
    texts = data.map(lambda row: {"text": row["instruction"]}, remove_columns=data.column_names)
    tiny.sft(tmp_path / "out", texts, [DslineageCallback()], max_steps=1, max_length=16).train()
    (entry,) = run_file(tmp_path / "out").start.inputs
    assert (entry.content_hash, entry.examples) == (receive(path).content_hash, 175)
