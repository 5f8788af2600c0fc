"""Small files that would be large: refused, in bounded memory and time, whatever they claim."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dslineage.errors import BadDataError
from tests.versions.support import Bench

ROOM = 256 << 20
"""Bytes of memory above what the process has once everything is imported."""
RATIO = 40
"""What may come out of a byte; by default more, with which the tests would take longer."""
READ = """
import resource
import sys
from pathlib import Path
from dslineage.errors import DslineageError
from dslineage.formats.base import Limits
from dslineage.repository import Repository
from dslineage.versions.options import ReadOptions
import pyarrow.parquet, zstandard, dslineage.adapters.detect, dslineage.quality.core.default

root, name, ratio = sys.argv[1:]
repo = Repository.open(root)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    limits = Limits(ratio=int(ratio))
    repo.add([Path(root) / name], options=ReadOptions(workers=1, limits=limits))
    print("added")
except DslineageError as error:
    print(error.kind)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10)
"""


def _gzip(size: int) -> bytes:
    return gzip.compress(b'{"text":"' + b"a" * size + b'"}\n', 9)


def _zstd(size: int) -> bytes:
    whole = b'{"text":"' + b"a" * size + b'"}\n'
    return zstandard.ZstdCompressor(19, write_content_size=False).compress(whole)


def _zstd_of_many_lines(size: int) -> bytes:
    line = b'{"text":"a"}\n'
    return zstandard.ZstdCompressor(3).compress(line * (size // len(line)))


def _table(size: int) -> pa.Table:
    """Rows that share one long text."""
    text = pa.array(["a" * (1 << 20)])
    rows = pa.array([0] * (size >> 20), pa.int32())
    return pa.table({"text": pa.DictionaryArray.from_arrays(rows, text)})


def _parquet(size: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(_table(size), sink, compression="zstd", use_dictionary=True)
    return sink.getvalue()


def _nulls(size: int) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"a": pa.nulls(size, pa.string())})
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _ipc(size: int) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"text": pa.array(["a" * size])})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "size", "expected"),
    [
        ("x.jsonl.gz", _gzip, 300 << 20, "bomb"),
        ("x.jsonl.zst", _zstd, 1 << 30, "bomb"),
        ("x.jsonl.zst", _zstd_of_many_lines, 300 << 20, "bomb"),
        ("x.parquet", _parquet, 2 << 30, "expansion"),
        ("x.parquet", _nulls, 100 << 20, "expansion"),
        ("x.arrow", _ipc, 400 << 20, "expansion"),
    ],
    ids=["gzip", "zstd", "zstd lines", "Parquet dictionary", "Parquet nulls", "Arrow buffers"],
)
def test_a_bomb_is_refused_in_bounded_memory(
    tmp_path: Path, name: str, make: Callable[[int], bytes], size: int, expected: str
) -> None:
    bench = Bench.make(tmp_path / "repo")
    data = make(size)
    assert len(data) < 8 << 20
    bench.put(name, data)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(bench.root), name, str(RATIO)],
        capture_output=True,
        check=True,
        timeout=120,
    )
    kind, memory = done.stdout.decode().split()
    assert kind == expected
    assert int(memory) < ROOM
    assert not (bench.root / f"{name}.dsl.json").exists()


def _deep(depth: int) -> bytes:
    return b'{"a":' + b"[" * depth + b"]" * depth + b"}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (_deep(200_000), "too-deep"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"\n", "too-deep"),
        (b'{"a":' + b"9" * 1_000_000 + b"}\n", "integer-too-long"),
        (b'{"a":1e' + b"9" * 1_000_000 + b"}\n", "not-finite"),
        (b'{"a":1,' + b'"a":2,' * 100_000 + b'"b":3}\n', "duplicate-key"),
    ],
    ids=["lists", "objects", "integer", "exponent", "equal keys"],
)
def test_a_record_made_to_exhaust_a_parser_is_a_fault(
    tmp_path: Path, line: bytes, said: str
) -> None:
    bench = Bench.make(tmp_path / "repo")
    bench.put("x.jsonl", b'{"a":1}\n' + line)
    with pytest.raises(BadDataError) as caught:
        bench.add("x.jsonl", workers=1)
    assert [fault.code for fault in caught.value.faults] == [said]
    assert caught.value.faults[0].line == 2


def test_a_record_of_tens_of_thousands_of_keys_is_a_record_like_any_other(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "repo")
    keys = {f"k{number}": number for number in range(30_000)}
    info = bench.add("x.jsonl", json.dumps(keys).encode() + b"\n", workers=1)
    assert info.record.examples == 1
    assert bench.problems() == []
