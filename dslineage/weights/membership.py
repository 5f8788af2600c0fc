"""Which files of a folder belong to a model, and which to the state of its training."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

_WEIGHTS = (
    "*.safetensors", "*.bin", "*.pt", "*.pth", "*.ckpt", "*.distcp", "*.gguf", "*.onnx", "*.h5",
    "*.msgpack", "*.npz", "*.index.json",
)  # fmt: skip
_CONFIGURATION = (
    "*config.json", "configuration.json", "modules.json", "params.json", "*.py",
)  # fmt: skip
_TOKENIZER = (
    "tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab.*", "merges.txt",
    "chat_template.*", "*.jinja", "spiece.model", "sentencepiece*.model", "*.tiktoken",
)  # fmt: skip
_TRAINING_STATE = (
    "optimizer*", "scheduler*", "scaler*", "rng_state*", "random_states*", "training_args*",
    "trainer_state*", "*_results.json", "zero_to_fp32.py", "sampler*", "dataloader*",
)  # fmt: skip
_OTHER_FOLDERS = (
    "checkpoint-*", "global_step*", "optimizer*", "recipe_state", "runs", "logs", "wandb",
    "mlruns", "__pycache__",
)  # fmt: skip
_BELONGS = (*_WEIGHTS, *_CONFIGURATION, *_TOKENIZER)
_DEEPEST = 3


def belongs(name: str) -> bool:
    """Whether a file of this name belongs to a model.

    It does where the name is one of weights, configuration or tokenizer, and not one of the state
    of a training, which is no part of what a model computes. Hidden files never do.
    """
    if name.startswith(".") or _fits(name, _TRAINING_STATE):
        return False
    return _fits(name, _BELONGS)


def model_files(folder: Path) -> list[str]:
    """The files of a model below a folder, as sorted relative paths with slashes.

    Folders of other checkpoints, of logs and of optimizers are passed over, and so are those more
    than three levels down. Links to files are followed, as a Hugging Face cache needs it; links
    to folders are not.
    """
    return sorted(_below(folder, "", _DEEPEST))


def _below(folder: Path, way: str, levels: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if (
                    levels
                    and not entry.name.startswith(".")
                    and not _fits(entry.name, _OTHER_FOLDERS)
                ):
                    yield from _below(folder / entry.name, f"{way}{entry.name}/", levels - 1)
            elif belongs(entry.name) and entry.is_file():
                yield way + entry.name


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
