"""A recorded version in memory: iterated, in Arrow, in pandas, for Hugging Face."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pyarrow as pa
import pytest

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import NotFoundError, UsageError
from dslineage.repository import Repository

ROWS: Sequence[Mapping[str, Any]] = [
    {"id": 1, "messages": [{"role": "user", "content": "Hi"}], "score": 2**53 + 1, "ok": True},
    {"id": 2, "messages": [{"role": "user", "content": "Ho", "name": "B"}], "odd": "text"},
    {"id": 3, "messages": [], "odd": ["a", {"list": None}], "score": 5, "share": 0.5},
]


@pytest.fixture
def loaded(repo: Repository) -> Repository:
    repo.write("train", ROWS)
    return repo


def canonical(rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    return [canonical_bytes(dict(row)) for row in rows]


def test_a_version_is_iterated_in_file_order_without_its_file(loaded: Repository) -> None:
    (loaded.root / "train.jsonl").unlink()
    version = loaded.load("train@v1")
    assert len(version) == 3
    assert canonical(list(version)) == canonical(ROWS)
    assert canonical(list(version)) == canonical(ROWS), "it can be iterated again"
    assert version.version.title == loaded.show("v1").title


def test_batches_have_the_size_asked_and_hold_every_example(loaded: Repository) -> None:
    batches = list(loaded.load("train").batches(2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert all(isinstance(batch, pa.RecordBatch) for batch in batches)
    with pytest.raises(UsageError, match="at least one row"):
        loaded.load("train").batches(0)


def test_the_arrow_table_says_which_version_it_is(loaded: Repository) -> None:
    table = loaded.load("train").to_arrow()
    assert table.num_rows == 3
    assert loaded.show("train").record.id in table.schema.metadata[b"dslineage"].decode()
    assert table.column("score").to_pylist() == [2**53 + 1, None, 5]


def test_the_data_frame_changes_no_value(loaded: Repository) -> None:
    frame = loaded.load("train").to_pandas()
    assert frame["score"].dtype == pd.Int64Dtype()
    assert frame["score"][0] == 2**53 + 1
    assert frame["score"].isna().tolist() == [False, True, False]
    assert frame["ok"].tolist()[0] is True
    assert frame["messages"][1] == [{"role": "user", "content": "Ho", "name": "B"}]
    assert frame["odd"].tolist() == [None, "text", ["a", {}]]
    assert frame.attrs["dslineage"]["id"] == loaded.show("train").record.id


def test_a_hugging_face_data_set_carries_the_version_through_its_own_steps(
    loaded: Repository, tmp_path: Path
) -> None:
    found = loaded.load("train").to_hf()
    line = f"dslineage version: {loaded.show('train').record.id}"
    assert found[1]["messages"][0]["name"] == "B"
    assert found[2]["odd"] == ["a", {}]
    found.save_to_disk(tmp_path / "saved")
    steps = {
        "saved and loaded": datasets.load_from_disk(str(tmp_path / "saved")),
        "filter": found.filter(lambda row: row["id"] > 1),
        "select": found.select([0]),
        "map": found.map(lambda row: {"twice": 2 * row["id"]}),
        "split": found.train_test_split(0.4, seed=0)["train"],
    }
    for step, result in steps.items():
        assert line in result.info.description.splitlines(), step


def test_a_data_set_saved_by_hugging_face_has_the_same_content_hash(
    loaded: Repository,
) -> None:
    loaded.load("train").to_hf().save_to_disk(str(loaded.root / "hf"))
    again = loaded.add(["hf"]).version.record
    assert again.content_hash == loaded.show("train").record.content_hash


def test_conversations_are_what_the_adapter_makes_of_each_example(
    repo: Repository, shared_data: Path
) -> None:
    shutil.copyfile(shared_data / "gsm8k" / "test.jsonl", repo.root / "gsm8k.jsonl")
    repo.add(["gsm8k.jsonl"])
    version = repo.load("gsm8k")
    conversation = next(version.conversations())
    assert [turn["role"] for turn in conversation["messages"]] == ["user", "assistant"]
    assert conversation["messages"][0]["content"] == next(iter(version))["question"]


def test_iterating_keeps_a_small_part_of_a_large_version_in_memory(
    repo: Repository, shared_data: Path
) -> None:
    shutil.copyfile(shared_data / "t0" / "t0-train.jsonl", repo.root / "t0.jsonl")
    repo.add(["t0.jsonl"])
    version = repo.load("t0")
    tracemalloc.start()
    count = sum(1 for _ in version)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 36_878
    assert peak < 32 << 20, f"{peak:,} bytes for a file of 42 MB"


def test_a_plain_file_or_an_unknown_name_is_no_recorded_version(loaded: Repository) -> None:
    (loaded.root / "other.jsonl").write_text('{"text": "x"}\n')
    with pytest.raises(NotFoundError, match="no recorded version"):
        loaded.load("./other.jsonl")
    with pytest.raises(NotFoundError, match="unknown"):
        loaded.load("train@v7")


@pytest.mark.parametrize(("package", "method"), [("datasets", "to_hf"), ("pandas", "to_pandas")])
def test_a_package_that_is_not_installed_is_named_with_the_way_to_get_it(
    loaded: Repository, monkeypatch: pytest.MonkeyPatch, package: str, method: str
) -> None:
    class Absent:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == package:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.delitem(sys.modules, package)
    monkeypatch.setattr(sys, "meta_path", [Absent, *sys.meta_path])
    with pytest.raises(UsageError, match=package) as caught:
        getattr(loaded.load("train"), method)()
    assert caught.value.hint.startswith("pip install 'dslineage[")


def test_text_is_loaded_and_iterated_without_pyarrow_or_pandas(loaded: Repository) -> None:
    code = (
        "import sys, dslineage\n"
        "print(len(list(dslineage.Repository.open('.').load('train'))))\n"
        "print(sorted({'pyarrow', 'pandas', 'datasets', 'deepdiff'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=loaded.root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "3\n[]\n"
