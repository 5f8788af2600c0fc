"""One content hash for one multiset of examples, however it is written and however it is read."""

from __future__ import annotations

import csv
import gzip
import io
import random
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.versions.support import Bench


def _examples(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "gsm8k/test.jsonl").read_bytes().splitlines()
    return [orjson.loads(line) for line in lines]


def _jsonl(examples: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(example) + b"\n" for example in examples)


def _arrow(examples: list[dict[str, Any]]) -> bytes:
    table = pa.Table.from_pylist(examples)
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    return sink.getvalue()


def _parquet(examples: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(examples), sink, row_group_size=300)
    return sink.getvalue()


def test_the_same_examples_have_one_content_hash_in_every_format(
    bench: Bench, shared_data: Path
) -> None:
    examples = _examples(shared_data)
    shuffled = examples.copy()
    random.Random(1).shuffle(shuffled)
    files = {
        "plain.jsonl": _jsonl(examples),
        "shuffled.jsonl": _jsonl(shuffled),
        "keys.jsonl": _jsonl([dict(reversed(one.items())) for one in examples]),
        "nulls.jsonl": _jsonl([one | {"extra": None} for one in examples]),
        "array.json": orjson.dumps(examples, option=orjson.OPT_INDENT_2),
        "table.parquet": _parquet(examples),
        "table.arrow": _arrow(examples),
        "packed.jsonl.gz": gzip.compress(_jsonl(examples)),
        "packed2.jsonl.zst": zstandard.compress(_jsonl(examples)),
    }
    records = {}
    for number, (name, data) in enumerate(files.items()):
        bench.put(name, data)
        added = bench.repo.add([bench.root / name], name=f"set{number}")
        records[name] = added.version.record
    assert len({record.content_hash for record in records.values()}) == 1
    assert len({record.training_hash for record in records.values()}) == 1
    orders = {name: record.order_hash for name, record in records.items()}
    assert orders["shuffled.jsonl"] != orders["plain.jsonl"]
    assert len(set(orders.values())) == 2


def test_dropping_one_of_two_equal_examples_changes_the_content_hash(bench: Bench) -> None:
    line = b'{"text":"same"}\n'
    two = bench.commit("data.jsonl", line * 2).record
    one = bench.commit("data.jsonl", line).record
    assert two.content_hash != one.content_hash
    assert (two.examples, two.unique) == (2, 1)


def test_two_schemas_give_one_content_hash_and_two_training_hashes(bench: Bench) -> None:
    data = b'{"prompt":"a","completion":"b","text":"c"}\n'
    first = bench.commit("data.jsonl", data, schema="prompt-completion").record
    second = bench.commit("data.jsonl", data, schema="text").record
    assert first.content_hash == second.content_hash
    assert first.training_hash != second.training_hash
    assert (first.label, second.label) == ("v1", "v2")


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.csv", "t.parquet"])
@pytest.mark.parametrize(("workers", "chunk"), [(2, 1 << 14), (7, 1 << 16), (2, 3001)])
def test_workers_and_chunk_size_change_no_byte_of_a_record(
    tmp_path: Path, shared_data: Path, name: str, workers: int, chunk: int
) -> None:
    examples = _examples(shared_data)[:400]
    if name.endswith(".csv"):
        text = io.StringIO()
        csv.writer(text).writerows([["question", "answer"], *(one.values() for one in examples)])
        data = text.getvalue().encode()
    elif name.endswith(".parquet"):
        data = _parquet(examples)
    elif name.endswith(".json"):
        data = orjson.dumps(examples, option=orjson.OPT_INDENT_2)
    else:
        data = _jsonl(examples)
    made = []
    for number, options in enumerate(({"workers": 1}, {"workers": workers, "chunk_bytes": chunk})):
        bench = Bench.make(tmp_path / str(number))
        bench.add(name, data, **options)
        made.append({path: (bench.root / path).read_bytes() for path in sorted(bench.files())})
    assert made[0] == made[1]
