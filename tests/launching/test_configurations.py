"""Configurations of trainers, as commands name them and go over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.trainers.commands import configuration_of, shown
from dslineage.trainers.documents import without_secrets

TUNE = """
output_dir: out/lora
tokenizer:
  _component_: torchtune.models.llama3.llama3_tokenizer
  max_seq_len: 512
checkpointer:
  _component_: torchtune.training.FullModelHFCheckpointer
  checkpoint_dir: base/
  output_dir: ${output_dir}
model: {_component_: torchtune.models.llama3_1.lora_llama3_1_8b}
dataset:
  _component_: torchtune.datasets.chat_dataset
  source: json
  data_files: data/train.jsonl
  packed: True
dataset_val: {_component_: torchtune.datasets.alpaca_dataset}
seed: 7
epochs: 1
resume_from_checkpoint: False
"""


def test_a_configuration_of_torchtune_with_settings_over_it(here: Path) -> None:
    (here / "lora.yaml").write_text(TUNE)
    words = ("uv", "run", "tune", "run", "--nproc_per_node", "2", "lora_finetune_distributed")
    over = ("--config", "lora.yaml", "epochs=3", "dataset.packed=False", "output_dir=elsewhere")
    found = configuration_of((*words, *over), here)
    assert found is not None
    assert (found.trainer, found.output, found.base) == ("torchtune", "elsewhere", "base/")
    assert (found.seed, found.epochs) == (7, 3.0)
    train, val = found.data
    assert (train.role, train.paths) == ("train", (here / "data" / "train.jsonl",))
    assert (val.role, val.uri) == ("eval", "torchtune.datasets.alpaca_dataset")
    assert found.doubts == ("rows are cut at so many tokens (max_seq_len 512)",)
    assert any("fetches rows of its own" in gap.message for gap in found.gaps)


def test_a_configuration_that_the_trainer_brings_is_a_gap(here: Path) -> None:
    found = configuration_of(
        ("tune", "run", "recipe", "--config", "llama3_1/8B_lora", "output_dir=out"), here
    )
    assert found is not None
    assert found.output == "out"
    assert "llama3_1/8B_lora is one that the trainer brings" in found.gaps[0].message


def test_a_configuration_of_axolotl_with_options_over_it(here: Path) -> None:
    (here / "c.yml").write_text(
        "base_model: org/base\nsequence_len: 512\nsample_packing: yes\nval_set_size: 0\n"
        "datasets:\n  - path: data/train.jsonl\n    type: alpaca\n  - path: ./none.jsonl\n"
        "dataset_prepared_path: prepared\n"
    )
    (here / "prepared" / "0f").mkdir(parents=True)
    words = ("accelerate", "launch", "-m", "axolotl.cli.train", "c.yml", "--num-epochs=2")
    found = configuration_of((*words, "--seed", "9", "--no-sample-packing", "--", "--x"), here)
    assert found is not None
    assert (found.output, found.epochs, found.seed) == ("./model-out", 2.0, 9)
    assert [bool(one.paths) for one in found.data] == [True, False]
    assert found.doubts == ("rows are cut or dropped at so many tokens (sequence_len 512)",)
    assert {gap.kind for gap in found.gaps} == {"unknown-data", "preparation"}


def test_llamafactory_without_a_file(here: Path) -> None:
    words = ("python", "-m", "llamafactory.cli", "train", "--stage", "sft", "--dataset", "ours")
    found = configuration_of((*words, "--output_dir", "o", "--max_samples", "3"), here)
    assert found is not None
    assert found.data[0].paths == (here / "data" / "train.jsonl",)
    assert "at most so many rows of each data set are taken (max_samples 3)" in found.doubts


@pytest.mark.parametrize("words", [("python", "train.py"), ("tune", "ls"), ("axolotl",), ()])
def test_other_commands_are_not_taken_for_a_trainer(here: Path, words: tuple[str, ...]) -> None:
    assert configuration_of(words, here) is None


def test_what_is_secret_in_a_configuration_is_left_out_at_every_depth() -> None:
    values = {"hf_token": "x", "datasets": [{"path": "p", "api_key": "y"}], "max_tokens": 5}
    assert without_secrets(values) == {"datasets": [{"path": "p"}], "max_tokens": 5}


def test_what_is_secret_in_a_command_is_not_shown() -> None:
    words = ("lmf", "train", "--hf_hub_token", "hf_x", "--hub-token=y", "wandb_api_key=z", "a=b")
    assert shown(words) == (
        "lmf", "train", "--hf_hub_token", "...", "--hub-token=...", "wandb_api_key=...", "a=b",
    )  # fmt: skip
