"""Merges of every form of file: the examples are those of both sides, the form is that of ours."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dslineage.errors import DslineageError, UsageError
from tests.merging.conftest import Branches, Example, lines, qa
from tests.merging.onestore import Write, planned
from tests.versions.support import Bench

SCHEMA = pa.schema(
    [
        pa.field("prompt", pa.string()),
        pa.field("completion", pa.large_string()),
        pa.field("source", pa.dictionary(pa.int8(), pa.string())),
        pa.field("number", pa.int16(), nullable=False),
        pa.field("tags", pa.list_(pa.struct([pa.field("name", pa.string())]))),
        pa.field("at", pa.timestamp("us", tz="UTC")),
        pa.field("sound", pa.binary()),
    ],
    metadata={"huggingface": '{"info": {}}'},
)


def row(number: int, **changes: Any) -> Example:
    """An example whose values are of types that JSON has not got."""
    day = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=number)
    more = {"number": number, "tags": [{"name": str(number)}], "at": day, "sound": b"\xff\x00"}
    return {**qa(number), **more, **changes}


def jsonl(rows: Sequence[Example]) -> bytes:
    return lines(rows)


def array(rows: Sequence[Example]) -> bytes:
    return b"[\n  " + b",\n  ".join(json.dumps(one).encode() for one in rows) + b"\n]\n"


def cells(rows: Sequence[Example]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([["prompt", "completion", "source"], *(one.values() for one in rows)])
    return text.getvalue().encode()


def parquet(rows: Sequence[Example], schema: pa.Schema = SCHEMA) -> bytes:
    handle = io.BytesIO()
    table = pa.Table.from_pylist(list(rows), schema)
    pq.write_table(table, handle, compression="snappy", row_group_size=4)
    return handle.getvalue()


def arrow(rows: Sequence[Example]) -> bytes:
    handle = io.BytesIO()
    with pa.ipc.new_file(handle, SCHEMA) as writer:
        writer.write_table(pa.Table.from_pylist(list(rows), SCHEMA))
    return handle.getvalue()


def stream(rows: Sequence[Example]) -> bytes:
    handle = io.BytesIO()
    with pa.ipc.new_stream(handle, SCHEMA) as writer:
        writer.write_table(pa.Table.from_pylist(list(rows), SCHEMA), 3)
    return handle.getvalue()


def to(form: Callable[[Sequence[Example]], bytes], rows: Sequence[Example]) -> Write:
    return lambda path: path.write_bytes(_packed(path, form(rows)))


def _packed(path: Path, data: bytes) -> bytes:
    if path.suffix == ".zst":
        return zstandard.compress(data)
    return gzip.compress(data) if path.suffix == ".gz" else data


def _plain(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.mark.parametrize(
    ("name", "form"),
    [("d.jsonl.gz", jsonl), ("d.jsonl.zst", jsonl), ("d.json", array), ("d.json.gz", array),
     ("d.csv", cells), ("d.csv.gz", cells)],
)  # fmt: skip
def test_texts(name: str, form: Callable[[Sequence[Example]], bytes]) -> None:
    base = [qa(number) for number in range(9)]
    odd, better = qa(4, completion='one "two",\nthree'), qa(6, completion="Six.")
    ours = [*base[1:4], odd, *base[5:], qa(100)]
    theirs = [*base[:6], better, qa(50), *base[8:], qa(200)]
    with planned(name, to(form, base), to(form, ours), to(form, theirs)) as (plan, folder):
        [file] = plan.decided({}).files()
        file.write(folder / name)
        wanted = [*base[1:4], odd, base[5], better, qa(50), *base[8:], qa(100), qa(200)]
        found = _plain(folder / name)
        if name in {"d.json.gz", "d.csv.gz"}:  # what stood between examples was not kept
            assert found.split() == form(wanted).split()
        else:
            assert found == form(wanted)


@pytest.mark.parametrize(
    ("name", "form"), [("d.parquet", parquet), ("d.arrow", arrow), ("s.arrow", stream)]
)
def test_tables_keep_their_types(name: str, form: Callable[[Sequence[Example]], bytes]) -> None:
    base = [row(number) for number in range(9)]
    odd, better = row(4, completion="odd"), row(6, completion="Six.")
    ours = [row(0, source="new"), *base[2:4], odd, *base[5:], row(100)]
    theirs = [row(0, sound=b"\x01"), *base[1:6], better, row(50), *base[8:], row(200)]
    with planned(name, to(form, base), to(form, ours), to(form, theirs)) as (plan, folder):
        [file] = plan.decided({}).files()
        file.write(folder / name)
        found = read(folder / name)
        assert found.schema.equals(SCHEMA)
        assert found.schema.metadata == SCHEMA.metadata
        first = row(0, source="new", sound=b"\x01")
        assert found.to_pylist() == [
            first, *base[2:4], odd, base[5], better, row(50), *base[8:], row(100), row(200)
        ]  # fmt: skip


def read(path: Path) -> pa.Table:
    data = path.read_bytes()
    if data.startswith(b"PAR1"):
        assert pq.read_metadata(path).row_group(0).column(0).compression == "SNAPPY"
        assert pq.read_metadata(path).num_row_groups == 3
        return pq.read_table(path)
    opened = pa.ipc.open_file if data.startswith(b"ARROW1") else pa.ipc.open_stream
    return opened(data).read_all()


@pytest.mark.parametrize(
    ("choice", "said"),
    [("both", ""), ("base", ""), ({"completion": "mine"}, ""),
     ({"number": 1 << 20}, "'number' holds int16"), ({"number": None}, "'number'"),
     ({"at": "noon"}, "'at' holds timestamp"),
     ({"completion": "mine", "at": "2024-01-05T00:00:00Z"}, ""),
     ({"colour": "red"}, "no column 'colour'")],
    ids=str,
)  # fmt: skip
def test_a_decision_is_written_with_the_types_of_the_table(choice: Any, said: str) -> None:
    base = [row(number) for number in range(3)]
    sides = [[row(0, completion=who), *base[1:]] for who in ("a", "b")]
    writes = [to(parquet, rows) for rows in (base, *sides)]
    with planned("d.parquet", *writes) as (plan, folder):
        [conflict] = plan.conflicts
        assert conflict.ours is not None
        chosen = {**conflict.ours, **choice} if isinstance(choice, dict) else choice
        [file] = plan.decided({conflict.id: chosen}).files()
        if said:
            with pytest.raises(UsageError, match=said):
                file.write(folder / "merged.parquet")
            assert not (folder / "merged.parquet").exists()
            return
        file.write(folder / "merged.parquet")
        mine = row(0, completion="mine", at=row(4 * ("at" in choice))["at"])
        of = {"both": [sides[0][0], sides[1][0]], "base": base[:1]}
        first = of.get(str(choice), [mine])
        assert pq.read_table(folder / "merged.parquet").to_pylist() == [*first, *base[1:]]


def test_tables_with_other_columns_are_refused_before_anything_is_asked() -> None:
    base = [row(number) for number in range(3)]
    wider = SCHEMA.set(3, pa.field("number", pa.int64()))
    mine, yours = to(parquet, base), to(partial(parquet, schema=wider), base)
    with (
        pytest.raises(UsageError, match="number is int16 here and int64 there"),
        planned("d.parquet", mine, mine, yours),
    ):
        pass


def test_a_new_shard_is_refused_and_nothing_changes(bench: Bench) -> None:
    def save(shards: dict[str, Sequence[Example]]) -> None:
        for name, rows in shards.items():
            bench.put(f"data/{name}.jsonl", lines(rows))
        bench.repo.add([bench.root / "data"], measure=False)
        bench.git("commit", "-qm", "data")

    base = [qa(number) for number in range(4)]
    save({"a": base[:2], "b": base[2:]})
    bench.git("switch", "-qc", "theirs")
    save({"a": base[1:2], "c": [qa(9)]})
    bench.git("switch", "-q", "main")
    bench.repo.checkout()
    save({"a": base[:1]})
    bench.merge_conflict("theirs")
    before = bench.listing(without=".git")
    with pytest.raises(UsageError, match="files that come, go or are renamed"):
        bench.repo.merge()
    assert bench.listing(without=".git") == before


def test_a_merge_that_leaves_no_example_is_refused_and_undone(branches: Branches) -> None:
    base = [qa(0), qa(1)]
    bench = branches(base, base[1:], base[:1])
    bench.merge_conflict("theirs")
    before = {name: (bench.root / name).read_bytes()
              for name in ("train.jsonl", "train.jsonl.dsl.json")}  # fmt: skip
    with pytest.raises(DslineageError):
        bench.repo.merge()
    assert {name: (bench.root / name).read_bytes() for name in before} == before
    assert bench.git("diff", "--name-only", "--diff-filter=U") == "train.jsonl.dsl.json\n"
