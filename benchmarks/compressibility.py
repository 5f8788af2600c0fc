"""Does the generated text compress like real text? Ratios of zstd level 1, in frames."""

from __future__ import annotations

import tempfile
from pathlib import Path

import zstandard

from benchmarks.material import Material

FRAMES = (16, 32, 64)  # KiB, the sizes that packs may use
REAL = (
    "gsm8k/train.jsonl",
    "codealpaca/code_alpaca_2k.json",
    "llamafactory/alpaca_en_demo.json",
    "llamafactory/v1_sft_demo.jsonl",
)


def ratio(data: bytes, frame: int) -> float:
    """Uncompressed over compressed size, in independent frames of `frame` bytes."""
    compress = zstandard.ZstdCompressor(level=1).compress
    frames = (data[i : i + frame] for i in range(0, len(data), frame))
    return len(data) / sum(len(compress(part)) for part in frames)


def table(shared: Path, examples: int, seed: int) -> str:
    """The generated file and real ones, a line each."""
    lines = [f"{'zstd -1, frames of':36}" + "".join(f"{size:>5} KiB" for size in FRAMES)]
    with tempfile.TemporaryDirectory() as folder:
        generated = Material(Path(folder), examples, seed).first()
        for path in (generated, *(shared / name for name in REAL)):
            ratios = [ratio(path.read_bytes(), size << 10) for size in FRAMES]
            lines.append(f"{path.name:36}" + "".join(f"{one:9.2f}" for one in ratios))
    return "\n".join(lines)
