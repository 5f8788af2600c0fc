"""What a trainer received has the hashes that `dslineage add` records for the same examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from datasets import Dataset, load_dataset
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import BadDataError, UsageError
from dslineage.records import DatasetRecord
from dslineage.repository import Repository
from dslineage.training.received import Received, receive
from tests.runs.cluster import ROWS, written

REAL = ("gsm8k/test.jsonl", "selfinstruct_seed_tasks.jsonl")


def _recorded(root: Path, path: Path) -> DatasetRecord:
    return Repository.open(root).add([path], measure=False).version.record


def _same(record: DatasetRecord, found: Received) -> None:
    for name in ("examples", "content_hash", "training_hash", "order_hash", "adapter"):
        assert getattr(record, name) == getattr(found, name), name


@pytest.mark.parametrize("name", REAL)
def test_real_data_is_the_same_as_a_file_a_list_a_dataset_and_a_stream(
    git_repo: Path, tmp_path: Path, shared_data: Path, name: str
) -> None:
    path = git_repo / Path(name).name
    path.write_bytes((shared_data / name).read_bytes())
    record = _recorded(git_repo, path)
    files = {"data_files": str(path), "split": "train", "cache_dir": str(tmp_path / "cache")}
    loaded = load_dataset("json", **files)
    _same(record, receive(path))
    _same(record, receive([orjson.loads(line) for line in path.read_bytes().splitlines()]))
    _same(record, receive(loaded))
    _same(record, receive(load_dataset("json", **files, streaming=True)))


@pytest.mark.parametrize(
    "name", ["v1_sft_demo.jsonl", "v1_dpo_demo.jsonl", "reason_tool_use_demo_50.jsonl"]
)
def test_chats_with_tools_and_preferences_are_the_same(
    git_repo: Path, tmp_path: Path, shared_data: Path, name: str
) -> None:
    path = git_repo / name
    path.write_bytes((shared_data / "llamafactory" / name).read_bytes())
    record = _recorded(git_repo, path)
    loaded = load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    _same(record, receive(path))
    _same(record, receive(loaded))


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl.gz", "json"])
def test_any_format_is_received_as_it_is_added(git_repo: Path, suffix: str) -> None:
    import gzip

    path = git_repo / f"train.{suffix}"
    match suffix:
        case "csv":
            path.write_text("prompt,completion\nask,yes\nask,\n")
        case "parquet":
            Dataset.from_list(ROWS).to_parquet(path)
        case "json":
            path.write_bytes(orjson.dumps(ROWS))
        case _:
            path.write_bytes(gzip.compress(written(git_repo / "plain.jsonl").read_bytes()))
    _same(_recorded(git_repo, path), receive(path))


def test_rows_that_a_dataset_picks_and_shuffles_are_those_that_are_received() -> None:
    data = Dataset.from_list(ROWS).shuffle(seed=3).select(range(4))
    assert receive(data) == receive(list(data))
    assert receive(data).content_hash != receive(ROWS).content_hash


def test_order_is_told_apart_and_content_is_not() -> None:
    forwards, backwards = receive(ROWS), receive(ROWS[::-1])
    assert forwards.content_hash == backwards.content_hash
    assert forwards.order_hash != backwards.order_hash


texts = st.text(st.characters(codec="utf-8"), max_size=4)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(texts, values, max_size=4), min_size=1, max_size=5))
def test_rows_in_memory_are_those_of_their_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    import json

    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert receive(rows) == receive(path)


def test_a_data_set_with_places_and_a_generator_that_begins_anew_are_received() -> None:
    class Places:
        def __len__(self) -> int:
            return len(ROWS)

        def __getitem__(self, place: int) -> dict[str, Any]:
            return ROWS[place]

    class Anew:
        def __iter__(self) -> Any:
            return iter(ROWS)

    assert receive(Places()) == receive(Anew()) == receive(ROWS)


@pytest.mark.parametrize(
    "data",
    [iter(ROWS), {"train": ROWS}, 3, ["text"], [{"x": object()}], [{"x": np.array([1])}]],
    ids=["an iterator", "splits", "a number", "texts", "an object", "an array"],
)
def test_what_is_no_data_set_of_json_is_an_error(data: Any) -> None:
    with pytest.raises(UsageError):
        receive(data)


def test_a_file_with_a_fault_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"a": 1}\n{"a": 1, "a": 2}\n')
    with pytest.raises(BadDataError, match="stands twice"):
        receive(tmp_path / "bad.jsonl")


def test_media_that_were_not_hashed_are_a_gap() -> None:
    rows = [{"messages": [{"role": "user", "content": "what?"}], "images": ["a.png"]}] * 3
    (gap,) = receive(rows).gaps
    assert (gap.kind, gap.message) == (
        "media",
        "the media that 3 examples refer to were not hashed",
    )
