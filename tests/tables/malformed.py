"""Tables with something wrong, and what is said about each.

A case writes its files into an empty folder and returns what a user would name. Faults read as a
person sees them, without the folder: `file:row:1 $.column: code message`; `*` stands for anything,
where pyarrow's own words or sizes come in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from dslineage.formats.base import Limits
from tests.tables.files import cut, flip, write_ipc, write_parquet

ROWS = 200
PLAIN = {"use_dictionary": False, "compression": "none"}


class Case(NamedTuple):
    """Files, and what is said about them."""

    id: str
    write: Callable[[Path], Path]
    faults: tuple[str, ...]
    hint: str = ""
    limits: Limits = Limits()


def rows(start: int = 0, count: int = ROWS) -> pa.Table:
    """A table of numbered texts."""
    return pa.table(
        {
            "id": pa.array(range(start, start + count)),
            "text": [f"this is the text of row {row}" for row in range(start, start + count)],
        }
    )


def _no_footer(folder: Path) -> Path:
    path = write_parquet(folder / "a.parquet", rows())
    cut(path, 1)
    return path


def _damaged_footer(folder: Path) -> Path:
    path = write_parquet(folder / "a.parquet", rows())
    path.write_bytes(b"PAR1" + b"\xff" * 500 + b"\x40\0\0\0PAR1")
    return path


def _flipped_page(folder: Path) -> Path:
    path = write_parquet(
        folder / "a.parquet", rows(), row_group_size=100, write_page_checksum=True, **PLAIN
    )
    flip(path, b"the text of row 150")
    return path


def _flipped_compressed_page(folder: Path) -> Path:
    path = write_parquet(
        folder / "a.parquet", rows(), compression="gzip", use_dictionary=False, row_group_size=100
    )
    data = bytearray(path.read_bytes())
    second = data.rindex(b"\x1f\x8b\x08")
    data[second + 60] ^= 1
    path.write_bytes(data)
    return path


def _not_text(folder: Path) -> Path:
    text = pa.array([b"good", b"\xff\xfe"]).cast(pa.binary()).view(pa.string())
    return write_parquet(folder / "a.parquet", pa.table({"text": text}))


def _shards_of_two_schemas(folder: Path) -> Path:
    for number in range(2):
        write_parquet(folder / f"a-0000{number}-of-00003.parquet", rows(number))
    turns = pa.array([[{"role": "user"}]])
    write_parquet(
        folder / "a-00002-of-00003.parquet", pa.table({"id": ["x"], "text": ["y"], "turns": turns})
    )
    return folder


def _equal_columns(folder: Path) -> Path:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["id", "id"])
    return write_parquet(folder / "a.parquet", table)


def _equal_struct_fields(folder: Path) -> Path:
    struct = pa.StructArray.from_arrays([pa.array(["a"]), pa.array(["b"])], ["role", "role"])
    return write_ipc(folder / "a.arrow", pa.table({"turn": struct}))


def _column_and_folder(folder: Path) -> Path:
    write_parquet(folder / "id=7" / "a.parquet", rows())
    return folder


def _stream_without_end(folder: Path) -> Path:
    path = write_ipc(folder / "a.arrow", rows(), stream=True, rows=50)
    cut(path, 8)
    return path


def _stream_cut_inside_a_batch(folder: Path) -> Path:
    path = write_ipc(folder / "a.arrow", rows(), stream=True, rows=50)
    cut(path, 100)
    return path


def _two_streams_in_one_file(folder: Path) -> Path:
    path = write_ipc(folder / "a.arrow", rows(), stream=True)
    path.write_bytes(path.read_bytes() * 2)
    return path


def _arrow_file_without_footer(folder: Path) -> Path:
    path = write_ipc(folder / "a.arrow", rows())
    cut(path, 20)
    return path


def _missing_shard(folder: Path) -> Path:
    for number in (0, 2, 3):
        write_parquet(folder / f"a-0000{number}-of-00005.parquet", rows())
    return folder


def _extra_shard(folder: Path) -> Path:
    for number in range(3):
        write_parquet(folder / f"a-0000{number}-of-00002.parquet", rows())
    return folder


def _shards_of_two_runs(folder: Path) -> Path:
    for name in ("00000-of-00001", "00000-of-00002", "00001-of-00002"):
        write_parquet(folder / f"a-{name}.parquet", rows())
    return folder


def _saved(folder: Path, named: tuple[str, ...], there: tuple[str, ...]) -> Path:
    for name in there:
        write_ipc(folder / name, rows(), stream=True)
    (folder / "dataset_info.json").write_text("{}")
    state = {"_data_files": [{"filename": name} for name in named]}
    (folder / "state.json").write_text(json.dumps(state))
    return folder


def _saved_without_a_file(folder: Path) -> Path:
    first, second = "data-00000-of-00002.arrow", "data-00001-of-00002.arrow"
    return _saved(folder, (first, second), (first,))


def _saved_with_one_more(folder: Path) -> Path:
    return _saved(
        folder, ("data-00000-of-00001.arrow",), ("data-00000-of-00001.arrow", "old.arrow")
    )


def _saved_files_elsewhere(folder: Path) -> Path:
    return _saved(folder, ("../secret.arrow",), ("data-00000-of-00001.arrow",))


def _several_splits(folder: Path) -> Path:
    (folder / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    return folder


def _splits_that_are_no_list(folder: Path) -> Path:
    (folder / "dataset_dict.json").write_text("7")
    return folder


def _link_out_of_the_folder(folder: Path) -> Path:
    outside = write_parquet(folder / "outside.parquet", rows())
    (folder / "data").mkdir()
    (folder / "data" / "a.parquet").symlink_to(outside)
    return folder / "data"


def _parquet_beside_arrow(folder: Path) -> Path:
    write_parquet(folder / "a.parquet", rows())
    write_ipc(folder / "b.arrow", rows())
    return folder


def _no_data(folder: Path) -> Path:
    (folder / "README.md").write_text("nothing here")
    return folder


def _empty(folder: Path) -> Path:
    (folder / "a.parquet").touch()
    return folder / "a.parquet"


def _git_lfs_pointer(folder: Path) -> Path:
    path = folder / "a.parquet"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    return path


def _encrypted(folder: Path) -> Path:
    path = folder / "a.parquet"
    path.write_bytes(b"PARE" + bytes(100) + b"PARE")
    return path


def _other_bytes(folder: Path) -> Path:
    path = folder / "a.parquet"
    path.write_bytes(b"\x80\x04\x95 a pickle")
    return path


def _json_column_without_json(folder: Path) -> Path:
    texts = pa.array(['{"a": 1}'] * 300 + ['{"a": 1, "a": 2}'])
    column = pa.ExtensionArray.from_storage(pa.json_(), texts)
    return write_parquet(folder / "a.parquet", pa.table({"call": column}))


def _bomb(folder: Path) -> Path:
    codes = pa.array([0] * 1000, pa.int32())
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 100_000]))
    return write_parquet(folder / "a.parquet", pa.table({"text": column}), store_schema=False)


def _compressed_batch_bomb(folder: Path) -> Path:
    path = folder / "a.arrow"
    table = pa.table({"text": ["x" * 1_000_000]})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(str(path), table.schema, options=options) as writer:
        writer.write_table(table)
    said, lie = (1_000_000).to_bytes(8, "little"), (1 << 40).to_bytes(8, "little")
    before, found, after = path.read_bytes().rpartition(said)
    assert found, "the size of the text buffer stands in front of it"
    path.write_bytes(before + lie + after)
    return path


CASES = [
    Case(
        "35-no-footer",
        _no_footer,
        (
            "a.parquet:1:1: truncated the file begins as Parquet and has no footer: "
            "it was cut off at byte *",
        ),
        "copy or write it again",
    ),
    Case(
        "35-damaged-footer",
        _damaged_footer,
        ("a.parquet:1:1: bad-page the footer cannot be read: *",),
    ),
    Case(
        "35-arrow-file-without-footer",
        _arrow_file_without_footer,
        ("a.arrow:1:1: truncated the Arrow file has no footer: it was cut off at byte *",),
        "copy or write it again",
    ),
    Case(
        "36-flipped-page-with-checksum",
        _flipped_page,
        (
            "a.parquet:101:1: bad-checksum row group 1 (rows 101 to 200) cannot be read: "
            "*CRC checksum verification failed*",
        ),
    ),
    Case(
        "36-flipped-compressed-page",
        _flipped_compressed_page,
        ("a.parquet:101:1: bad-page row group 1 (rows 101 to 200) cannot be read: *",),
    ),
    Case(
        "36-text-that-is-not-utf-8",
        _not_text,
        (
            "a.parquet:1:1: invalid-utf8 row group 0 (rows 1 to 2) cannot be read: *"
            "Invalid UTF8 sequence at string index 1",
        ),
    ),
    Case(
        "37-schema-drift",
        _shards_of_two_schemas,
        (
            "a-00002-of-00003.parquet:1:1 $.id: schema-drift the type is string, "
            "in a-00000-of-00003.parquet it is int64",
            "a-00002-of-00003.parquet:1:1 $.turns: schema-drift the type is "
            "list<element: struct<role: string>>, in a-00000-of-00003.parquet it is -",
        ),
        "write them again with one schema",
    ),
    Case(
        "38-equal-columns",
        _equal_columns,
        ("a.parquet:1:1: duplicate-column several columns are named 'id'",),
    ),
    Case(
        "38-equal-struct-fields",
        _equal_struct_fields,
        ("a.arrow:1:1: duplicate-column several fields of one struct are named 'role'",),
    ),
    Case(
        "38-column-and-folder",
        _column_and_folder,
        ("id=7/a.parquet:1:1: duplicate-column id is both a column of the file and a folder name",),
    ),
    Case(
        "39-json-column-without-json",
        _json_column_without_json,
        ("a.parquet:301:1 $.call: duplicate-key in a Json() text, at its byte 9: key 'a' *",),
    ),
    Case(
        "41-stream-without-end",
        _stream_without_end,
        (
            "a.arrow:1:1: stream-without-end the stream has no end mark: "
            "cut off at byte *, after 5 messages",
        ),
        "write it again; other readers take it for a shorter one",
    ),
    Case(
        "41-stream-cut-inside-a-batch",
        _stream_cut_inside_a_batch,
        ("a.arrow:1:1: truncated message 4 at byte * is cut off, or its length is damaged",),
    ),
    Case(
        "41-two-streams-in-one-file",
        _two_streams_in_one_file,
        ("a.arrow:1:1: trailing-bytes * bytes follow the end mark of the stream, at byte *",),
    ),
    Case(
        "42-missing-shards",
        _missing_shard,
        (
            "a-*-of-00005.parquet:1:1: missing-shard 2 of 5 are missing: "
            "a-00001-of-00005.parquet, a-00004-of-00005.parquet",
        ),
    ),
    Case(
        "42-extra-shard",
        _extra_shard,
        ("a-00002-of-00002.parquet:1:1: extra-shard the set has the shards 0 to 1",),
    ),
    Case(
        "42-shards-of-two-runs",
        _shards_of_two_runs,
        (
            "a-*.parquet:1:1: mixed-shards shards of several sets lie side by side: "
            "-of-00001 and -of-00002",
        ),
    ),
    Case(
        "42-saved-folder-without-a-file",
        _saved_without_a_file,
        ("data-00001-of-00002.arrow:1:1: missing-shard state.json names it, and it is not here",),
    ),
    Case(
        "42-saved-folder-with-one-more",
        _saved_with_one_more,
        ("old.arrow:1:1: extra-shard it is here, and state.json does not name it",),
    ),
    Case(
        "saved-files-elsewhere",
        _saved_files_elsewhere,
        ("state.json:1:1: bad-state _data_files does not list files of this folder",),
    ),
    Case(
        "several-splits",
        _several_splits,
        (".:1:1: several-splits the folder holds several splits: train, test",),
        "name one of them, */…",
    ),
    Case(
        "splits-that-are-no-list",
        _splits_that_are_no_list,
        ("dataset_dict.json:1:1: bad-state it lists no splits",),
    ),
    Case(
        "link-out-of-the-folder",
        _link_out_of_the_folder,
        ("data/a.parquet:1:1: outside-link the link leads out of the folder",),
        "copy the file into the folder, or name it itself",
    ),
    Case(
        "parquet-beside-arrow",
        _parquet_beside_arrow,
        (".:1:1: mixed-formats the folder mixes arrow and parquet files",),
    ),
    Case(
        "no-data",
        _no_data,
        (".:1:1: no-data-files the folder has no data files (.parquet, *)",),
    ),
    Case("empty-file", _empty, ("a.parquet:1:1: empty-file the file is empty",)),
    Case(
        "git-lfs-pointer",
        _git_lfs_pointer,
        ("a.parquet:1:1: lfs-pointer a Git LFS pointer stands where the data should be",),
        "git lfs pull --include=*a.parquet",
    ),
    Case("encrypted", _encrypted, ("a.parquet:1:1: encrypted the Parquet file is encrypted",)),
    Case(
        "not-a-table", _other_bytes, ("a.parquet:1:1: not-a-table neither Parquet nor Arrow IPC",)
    ),
    Case(
        "parquet-bomb",
        _bomb,
        (
            "a.parquet:257:1: expansion row group 0 (rows 1 to 1000): "
            "more than 31457280 bytes come out of a file of *",
        ),
        limits=Limits(ratio=30),
    ),
    Case(
        "row-too-long",
        lambda folder: write_parquet(folder / "a.parquet", pa.table({"a": ["x", "y" * 2000]})),
        ("a.parquet:2:1: record-too-long the row has 2008 bytes; at most 1000 are allowed",),
        limits=Limits(record_bytes=1000),
    ),
    Case(
        "compressed-batch-bomb",
        _compressed_batch_bomb,
        ("a.arrow:1:1: expansion message 1 would expand to 10995116277* bytes; at most *",),
    ),
]
