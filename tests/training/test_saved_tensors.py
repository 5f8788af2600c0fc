"""The hash of tensors, for models that transformers and safetensors saved."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file, save_model
from transformers import LlamaForCausalLM

from dslineage.weights.hashing import hash_model
from tests.training import tiny


def test_a_model_that_is_loaded_and_saved_again_in_shards_is_recognised(tmp_path: Path) -> None:
    tiny.model().save_pretrained(tmp_path / "one")
    again = LlamaForCausalLM.from_pretrained(tmp_path / "one")
    again.save_pretrained(tmp_path / "many", max_shard_size="2KB")
    one, many = hash_model(tmp_path / "one"), hash_model(tmp_path / "many")
    assert sum(file.path.endswith(".safetensors") for file in many.files) > 1
    assert one.weights_hash == many.weights_hash
    assert hash_model(tmp_path / "one") == one


def test_metadata_in_any_order_changes_files_and_not_the_hash(tmp_path: Path) -> None:
    tensors = {"w": torch.arange(6, dtype=torch.bfloat16).reshape(2, 3), "b": torch.zeros(0)}
    for number in range(4):
        metadata = {f"key{key}": "x" for key in range(16)}
        (tmp_path / str(number)).mkdir()
        save_file(tensors, tmp_path / str(number) / "model.safetensors", metadata)
    assert len({hash_model(tmp_path / str(number)).weights_hash for number in range(4)}) == 1


def test_a_tied_tensor_that_safetensors_left_out_counts_as_there(tmp_path: Path) -> None:
    model = tiny.model()
    for name in ("tied", "whole"):
        (tmp_path / name).mkdir()
    save_model(model, str(tmp_path / "tied" / "model.safetensors"))
    whole = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    save_file(whole, tmp_path / "whole" / "model.safetensors")
    tied = hash_model(tmp_path / "tied").weights_hash
    assert tied == hash_model(tmp_path / "whole").weights_hash


def test_another_seed_is_another_model(tmp_path: Path) -> None:
    tiny.model(0).save_pretrained(tmp_path / "a")
    tiny.model(1).save_pretrained(tmp_path / "b")
    assert hash_model(tmp_path / "a").weights_hash != hash_model(tmp_path / "b").weights_hash
