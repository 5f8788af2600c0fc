"""Real data sets of each schema, converted to Parquet and Arrow, are the same examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.formats.writers import write_examples
from tests.formats.reading import read
from tests.tables.files import canonical, read_table

FILES = [
    "gsm8k/train.jsonl",
    "codealpaca/code_alpaca_2k.json",
    "selfinstruct_seed_tasks.jsonl",
    "llamafactory/alpaca_en_demo.json",
    "llamafactory/alpaca_zh_demo.json",
    "llamafactory/c4_demo.jsonl",
    "llamafactory/dpo_en_demo.json",
    "llamafactory/glaive_toolcall_en_demo.json",
    "llamafactory/identity.json",
    "llamafactory/kto_en_demo.json",
    "llamafactory/mllm_demo.json",
    "llamafactory/reason_tool_use_demo_50.jsonl",
    "llamafactory/v1_dpo_demo.jsonl",
    "llamafactory/v1_sft_demo.jsonl",
    "toolformer/toolformer-similarity-0.6.json",
]


@pytest.mark.parametrize("file", FILES)
def test_a_real_data_set_has_the_same_examples_as_jsonl_parquet_and_arrow(
    file: str, shared_data: Path, tmp_path: Path
) -> None:
    rows = read(shared_data / file, tmp_path).rows
    assert rows
    expected = [row.canonical.decode() for row in rows]
    for name in ("jsonl", "parquet", "arrow"):
        path = tmp_path / f"a.{name}"
        result = write_examples(path, lambda: (row.value for row in rows), name)
        assert result.rows == len(rows)
        assert result.notices == ()
        if name == "jsonl":
            assert [row.canonical.decode() for row in read(path, tmp_path).rows] == expected
        else:
            assert canonical(read_table(path)) == expected
