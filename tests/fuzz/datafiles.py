"""Readers of data files, and of what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from dslineage.adapters.messages import Messages
from dslineage.formats.base import Limits
from dslineage.formats.tables import open_table, read_chunk
from dslineage.store.staging import scratch
from dslineage.versions.ingest import ingest
from dslineage.versions.opening import open_ingested
from dslineage.versions.options import ReadOptions
from dslineage.versions.restoring import restored
from dslineage.versions.sidecar import dataset_info
from dslineage.weights.safetensors import read_header
from tests.adapters.pressing import Pressing
from tests.fuzz import material
from tests.fuzz.target import Read, Target, always, named


def _data_file(name: str, **options: Any) -> Read:
    """Store a file, and restore it byte for byte; its examples are as many as are read."""

    def read(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        with scratch(folder / "store", beneath=None) as store:
            found = ingest(store, folder, [name], ReadOptions(workers=1, **options))
            assert b"".join(restored(store, found.entries[0])) == data
            snapshot = open_ingested(store, found, "v1", "x")
            rows = snapshot.rows()
            assert sum(1 for _ in snapshot.read(rows)) == snapshot.examples == len(rows)
            assert len(snapshot.facets(rows).conversation) == len(rows)

    return read


def _rows(data: bytes, _: Path) -> None:
    """Rows with a stencil are what they are by themselves."""
    Pressing(Messages(), "id").agree(data.split(b"\n"))


def _saved_folder(name: str) -> Read:
    """A folder of `save_to_disk`, one file of which is another."""

    def read(data: bytes, folder: Path) -> None:
        table = folder / "data-00000-of-00001.arrow"
        table.write_bytes(material.ipc(stream=True)[0])
        (folder / "state.json").write_bytes(_STATE)
        (folder / "dataset_info.json").write_bytes(_INFO)
        (folder / name).write_bytes(data)
        source = open_table(folder, Limits())
        for chunk in source.chunks():
            for examples in read_chunk(chunk):
                assert all(isinstance(example, dict) for example in examples)

    return read


_STATE = material.lines(
    {
        "_data_files": [{"filename": "data-00000-of-00001.arrow"}],
        "_fingerprint": "f0",
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_split": "train",
    }
)


_INFO = material.lines(
    {"citation": "", "features": {"text": {"dtype": "string", "_type": "Value"}}}
)


DATASET_INFO = material.lines(
    {
        "one": {
            "file_name": "train.jsonl",
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "system": "system"},
            "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user"},
        },
        "two": {"hf_hub_url": "org/two", "subset": "main", "split": "train", "num_samples": 9},
        "three": {"file_name": "pairs.jsonl", "columns": {"prompt": "prompt"}, "ranking": False},
    }
)


def _read_by_info(path: Path) -> None:
    """Data beside a `dataset_info.json`, read as it says."""
    for name, data in zip(("train.jsonl", "pairs.jsonl"), material.jsonl(), strict=False):
        (path.parent / name).write_bytes(data)
        info = dataset_info(path.parent, [name])
        with scratch(path.parent / "store", beneath=None) as store:
            ingest(store, path.parent, [name], ReadOptions(workers=1, info=info))


def _safetensors() -> list[bytes]:
    header = orjson.dumps(
        {
            "__metadata__": {"format": "pt"},
            "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
            "b": {"dtype": "I64", "shape": [1], "data_offsets": [16, 24]},
        }
    )
    return [len(header).to_bytes(8, "little") + header + bytes(24)]


TARGETS: Mapping[str, Target] = {
    "JSONL": Target(material.jsonl, _data_file("x.jsonl")),
    "rows of one skeleton": Target(material.jsonl, _rows),
    "JSONL with quarantine": Target(material.jsonl, _data_file("x.jsonl", quarantine=True)),
    "JSON array": Target(material.array, _data_file("x.json")),
    "JSON array with quarantine": Target(material.array, _data_file("x.json", quarantine=True)),
    "CSV": Target(lambda: material.delimited(","), _data_file("x.csv")),
    "CSV with quarantine": Target(
        lambda: material.delimited(","), _data_file("x.csv", quarantine=True)
    ),
    "TSV": Target(lambda: material.delimited("\t"), _data_file("x.tsv")),
    "gzip": Target(lambda: material.compressed("gz"), _data_file("x.jsonl.gz")),
    "lines in gzip": Target(material.jsonl, _data_file("x.jsonl.gz"), material.zip_lines),
    "zstd": Target(lambda: material.compressed("zst"), _data_file("x.jsonl.zst")),
    "Parquet": Target(material.parquet, _data_file("x.parquet"), cost=2),
    "Arrow file": Target(lambda: material.ipc(stream=False), _data_file("x.arrow"), cost=2),
    "Arrow stream": Target(lambda: material.ipc(stream=True), _data_file("x.arrow"), cost=2),
    "data of save_to_disk": Target(
        lambda: material.ipc(stream=True), _saved_folder("data-00000-of-00001.arrow")
    ),
    "state of save_to_disk": Target(always(_STATE), _saved_folder("state.json")),
    "info of save_to_disk": Target(always(_INFO), _saved_folder("dataset_info.json")),
    "splits of save_to_disk": Target(
        always(b'{"splits": ["train", "test"]}'), _saved_folder("dataset_dict.json")
    ),
    "dataset_info.json beside data": Target(
        always(DATASET_INFO), named("dataset_info.json", _read_by_info), cost=2
    ),
    "safetensors": Target(_safetensors, named("model.safetensors", read_header)),
}
