"""Real data sets as examples, of every family that the shared data has."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from dslineage.adapters.detect import detect
from dslineage.quality.chunk import Chunk

SETS = {
    "gsm8k/train.jsonl": 12,
    "t0/t0-train.jsonl": 60,
    "toolformer/toolformer-dedupe-only.json": 20,
    "prompts/prompts-r08-6e18e224.csv": 4,
    "codealpaca/code_alpaca_2k.json": 4,
    "llamafactory/alpaca_en_demo.json": 4,
    "llamafactory/alpaca_zh_demo.json": 4,
    "llamafactory/c4_demo.jsonl": 4,
    "llamafactory/dpo_en_demo.json": 4,
    "llamafactory/glaive_toolcall_en_demo.json": 3,
    "llamafactory/identity.json": 1,
    "llamafactory/kto_en_demo.json": 4,
    "llamafactory/mllm_demo.json": 1,
    "llamafactory/reason_tool_use_demo_50.jsonl": 1,
    "llamafactory/v1_dpo_demo.jsonl": 1,
    "llamafactory/v1_sft_demo.jsonl": 1,
    "selfinstruct_seed_tasks.jsonl": 1,
}
"""Files, and of how many examples each time the first is taken: slow code is waited for."""


@cache
def chunk_of(path: Path, every: int = 1) -> Chunk:
    """Some examples of a file, under the adapter that is found for it."""
    rows = read(path)[::every]
    return Chunk.of(rows, detect(rows).adapter)


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of any of the formats, null members left out."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    text = path.read_text("utf-8")
    rows = json.loads(text) if text[:1] == "[" else map(json.loads, text.splitlines())
    return [without_nulls(row) for row in rows]


def without_nulls(value: Any) -> Any:
    """A value without object members that are null."""
    if type(value) is dict:
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if type(value) is list else value
