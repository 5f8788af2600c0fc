"""Data files of every kind, small, with whatever their formats allow in them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from pyarrow import ipc

CHATS: list[dict[str, Any]] = [
    {
        "id": f"q{n}",
        "messages": [
            {"role": "system", "content": "Be brief.", "train": None},
            {"role": "user", "content": f"What is {n} · 2? \u2028 Ünïcode 😀 \ufb01"},
            {"role": "assistant", "content": f"It is\t{2 * n}."},
        ],
        "score": n / 3,
        "big": 10**18 + n,
        "nothing": None,
        "empty": {"of": None},
    }
    for n in range(40)
]
PAIRS: list[dict[str, Any]] = [
    {"prompt": f"Say {n}", "completion": f"{n}, of course.", "n": n} for n in range(25)
]


MASKED = [
    {
        "messages": [
            {"role": "user", "content": "1?"},
            {"role": "assistant", "content": "2", "train": n % 2 == 0},
        ]
    }
    for n in range(3)
]
TOKENS = [
    {
        "input_ids": [1, 2, 3 + n],
        "attention_mask": [1, 1, 0],
        "labels": [-100, 2, 3 + n],
        "from": "x",
    }
    for n in range(3)
]


def jsonl(rows: list[dict[str, Any]], end: str = "\n") -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + end for row in rows).encode()


def delimited(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


def table() -> pa.Table:
    types: dict[str, pa.DataType] = {
        "prompt": pa.string(),
        "completion": pa.large_string(),
        "n": pa.int32(),
        "half": pa.float64(),
        "tags": pa.list_(pa.float32()),
        "at": pa.timestamp("ms", "UTC"),
    }
    rows = [{**pair, "half": pair["n"] / 2, "tags": [1.0, None], "at": pair["n"]} for pair in PAIRS]
    return pa.Table.from_pylist(rows, schema=pa.schema(types))


def parquet(rows: pa.Table | None = None) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table() if rows is None else rows, sink)
    return sink.getvalue()


def arrow(*, stream: bool = False) -> bytes:
    sink, rows = io.BytesIO(), table()
    with (ipc.new_stream if stream else ipc.new_file)(sink, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=10)
    return sink.getvalue()


def zst(data: bytes) -> bytes:
    half = len(data) // 2
    compress = zstandard.ZstdCompressor().compress
    return compress(data[:half]) + compress(data[half:])


_CELLS = [
    ["id", "question", "answer"],
    ["1", 'He said "yes",\r\nthen left.', " padded "],
    ["2", "", "\u2028é 😀"],
    ["007", "NA", "-0.0"],
]
_BAD_LINES = (
    b'{"a": 1, "a": 2}\n' + jsonl(PAIRS[:3]) + b"\xff\xfe\n[1]\n" + jsonl(PAIRS[3:5]) + b'{"a":\n'
)

FILES: Mapping[str, bytes] = {
    "plain.jsonl": jsonl(CHATS),
    "crlf.jsonl": b"\xef\xbb\xbf"
    + jsonl(CHATS[:5], "\r\n")
    + b"\r\n \n"
    + jsonl(CHATS[5:7], " \r\n\t"),
    "twice.jsonl": jsonl(CHATS[:3] * 3 + CHATS[:1]),
    "spaced.jsonl": b'{"a" : 1.0}\n{"a":1}\n{ "a": 1e0 }\n{"a":1}',
    "nothing.jsonl": b'{}\n{"a":null}\n{}\n',
    "masked.jsonl": jsonl(MASKED),
    "tokens.jsonl": jsonl(TOKENS),
    "array.json": json.dumps(CHATS[:9], indent=2).encode(),
    "tight.json": b"\n[" + b",".join(json.dumps(row).encode() for row in CHATS[:4]) + b"] ",
    "rows.csv": delimited(_CELLS, end="\r\n"),
    "mixed.csv": b'a,b\n"1",2\r\n\n3,"4\n5"',
    "semicolon.csv": delimited(_CELLS, ";"),
    "tabs.tsv": delimited(_CELLS, "\t"),
    "pressed.jsonl.gz": gzip.compress(jsonl(CHATS[:6])) + gzip.compress(jsonl(CHATS[6:8])),
    "frames.csv.zst": zst(delimited(_CELLS)),
    "frames.json.zst": zst(json.dumps(PAIRS).encode()),
    "table.parquet": parquet(),
    "table.arrow": arrow(),
    "stream.arrow": arrow(stream=True),
    "kept_rows.parquet": parquet(table().slice(3, 9)),
    "kept_rows.jsonl.gz": gzip.compress(b"{\n" + jsonl(CHATS[10:14])),
    "kept_rows.jsonl": jsonl(CHATS[:2]),
    "indexed.jsonl": jsonl(CHATS[20:23]),
    "indexed.csv.gz": gzip.compress(delimited(_CELLS)),
    "indexed.parquet": parquet(table().slice(1, 4)),
    "aside.jsonl": _BAD_LINES,
    "aside.csv": b'a,b\n1\n2,3\n4,5,6\n"never closed',
    "aside.json": b'[{"a": 1}, 3, {"a": NaN}, {"a": 2}]',
    "aside.jsonl.gz": gzip.compress(_BAD_LINES),
    "only_bad.jsonl": b'{"a": 1,}\n\xff\n',
}
"""One file each; how a name begins says how it is added."""

FOLDERS: Mapping[str, Mapping[str, bytes]] = {
    "shards": {f"{n}.jsonl": jsonl(CHATS[5 * n : 5 * n + 7]) for n in range(3)},
    "hive": {
        f"lang={lang}/part.parquet": parquet(table().slice(place, 5))
        for lang, place in (("de", 0), ("en", 5), ("__HIVE_DEFAULT_PARTITION__", 2))
    },
    "saved": {
        "data-00000-of-00001.arrow": arrow(stream=True),
        "dataset_info.json": b"{}",
        "state.json": json.dumps(
            {
                "_data_files": [{"filename": "data-00000-of-00001.arrow"}],
                "_fingerprint": "0",
                "_format_columns": None,
                "_format_kwargs": {},
                "_format_type": None,
                "_output_all_columns": False,
                "_split": None,
            }
        ).encode(),
    },
}
"""Folders that are one data set each."""

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "semicolon": {"delimiter": ";"},
    "kept_rows": {"store": "rows", "quarantine": True},
    "indexed": {"store": "index"},
    "aside": {"quarantine": True},
    "only_bad": {"quarantine": True},
}
"""How files are added whose names begin so."""


def put(root: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
