"""Which files of a folder are a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import NotFoundError, ResourceError
from dslineage.weights.hashing import hash_model
from dslineage.weights.membership import model_files
from tests.weights.saving import f32, save

MODEL = [
    "1_Pooling/config.json",
    "adapter_config.json",
    "adapter_model.safetensors",
    "added_tokens.json",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "model-00001-of-00002.safetensors",
    "model.safetensors.index.json",
    "modeling_tiny.py",
    "preprocessor_config.json",
    "pytorch_model.bin",
    "pytorch_model_fsdp_0/__0_0.distcp",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
]
NOT_MODEL = [
    ".cache/model.safetensors",
    "README.md",
    "all_results.json",
    "checkpoint-10/model.safetensors",
    "dslineage-run.json",
    "events.out.tfevents.1",
    "global_step10/mp_rank_00_model_states.pt",
    "optimizer.bin",
    "optimizer.pt",
    "optimizer_0/__0_0.distcp",
    "random_states_0.pkl",
    "rng_state.pth",
    "rng_state_3.pth",
    "runs/config.json",
    "scaler.pt",
    "scheduler.pt",
    "trainer_state.json",
    "training_args.bin",
]


def test_weights_configuration_and_tokenizer_are_the_model_and_a_trainings_state_is_not(
    tmp_path: Path,
) -> None:
    for name in MODEL + NOT_MODEL:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert model_files(tmp_path) == MODEL


def test_a_link_to_a_file_is_followed_as_in_a_cache_of_the_hub(tmp_path: Path) -> None:
    save(tmp_path / "blobs" / "abc", {"w": f32(1)})
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "model.safetensors").symlink_to(tmp_path / "blobs" / "abc")
    (tmp_path / "snapshot" / "loop").symlink_to(tmp_path)
    assert [file.path for file in hash_model(tmp_path / "snapshot").files] == ["model.safetensors"]


def test_pickled_weights_are_hashed_as_files_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    found = hash_model(tmp_path)
    assert [file.size for file in found.files] == [25]
    assert found.weights_hash is None
    assert [gap.kind for gap in found.gaps] == ["unread-files"]
    assert "pytorch_model.bin" in found.gaps[0].message


def test_a_folder_without_weights_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(NotFoundError, match="holds the weights of a model"):
        hash_model(tmp_path)
    with pytest.raises(NotFoundError, match="there is no folder"):
        hash_model(tmp_path / "nowhere")


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "model.safetensors", {"w": f32(1)})

    def refuse(file: int, size: int, at: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(tmp_path / "model.safetensors"))

    monkeypatch.setattr("os.pread", refuse)
    with pytest.raises(ResourceError, match=r"model\.safetensors cannot be read: permission"):
        hash_model(tmp_path)
