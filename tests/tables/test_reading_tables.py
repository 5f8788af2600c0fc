"""Reading tables: which files, which rows, in which process, and how much at a time."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.formats import parquet
from dslineage.formats.base import Limits
from dslineage.formats.table_file import NumberedBatch
from dslineage.formats.tables import TableSource, open_table, read_chunk, read_rows
from tests.tables.files import LIMITS, read_all, read_table, write_ipc, write_parquet

ROWS = 700
TABLE = pa.table(
    {
        "id": range(ROWS),
        "messages": [[{"role": "user", "content": f"question {row}"}] for row in range(ROWS)],
        "source": pa.array(["web", "book"] * (ROWS // 2)).dictionary_encode(),
    }
)
EXAMPLES = [
    {
        "id": row,
        "messages": [{"role": "user", "content": f"question {row}"}],
        "source": ["web", "book"][row % 2],
    }
    for row in range(ROWS)
]


def _sharded(folder: Path) -> Path:
    for number, (start, rows) in enumerate(((0, 300), (300, 0), (300, 400))):
        part = TABLE.slice(start, rows)
        write_parquet(folder / f"s-0000{number}-of-00003.parquet", part, row_group_size=90)
    return folder


def _saved_by_hugging_face(folder: Path) -> Path:
    names = ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]
    write_ipc(folder / names[0], TABLE.slice(0, 350), stream=True, rows=100)
    write_ipc(folder / names[1], TABLE.slice(350), stream=True, rows=100)
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "f"}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def _compressed(folder: Path) -> Path:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(str(folder / "a.feather"), TABLE.schema, options=options) as writer:
        writer.write_table(TABLE, 100)
    return folder / "a.feather"


KINDS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "parquet": ("parquet", lambda folder: write_parquet(folder / "a.parquet", TABLE)),
    "row groups": ("parquet", lambda f: write_parquet(f / "a.parquet", TABLE, row_group_size=64)),
    "arrow file": ("arrow", lambda folder: write_ipc(folder / "a.arrow", TABLE, rows=100)),
    "feather": ("arrow", _compressed),
    "arrow stream": (
        "arrow-stream",
        lambda f: write_ipc(f / "a.arrow", TABLE, stream=True, rows=90),
    ),
    "shards": ("parquet", _sharded),
    "saved": ("hf-folder", _saved_by_hugging_face),
}


@pytest.fixture(scope="module", params=KINDS)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TableSource:
    """The same table in each format."""
    name, write = KINDS[request.param]
    found = open_table(write(tmp_path_factory.mktemp("table")), LIMITS)
    assert found.format == name
    return found


@pytest.mark.parametrize("rows", [7, 100, 256, 257, 10_000])
def test_all_rows_come_in_order_whatever_the_chunks(source: TableSource, rows: int) -> None:
    chunks = source.chunks(rows)
    assert [chunk.first for chunk in chunks] == sorted({chunk.first for chunk in chunks})
    assert sum(chunk.rows for chunk in chunks) == sum(source.rows) == ROWS
    assert read_all(source, rows) == EXAMPLES


def test_a_chunk_can_be_read_by_another_process_and_holds_few_rows_at_a_time(
    source: TableSource,
) -> None:
    chunk = pickle.loads(pickle.dumps(source.chunks()[0]))
    lists = list(read_chunk(chunk))
    assert max(map(len, lists)) <= 256
    assert [example for part in lists for example in part] == EXAMPLES[: chunk.rows]


@settings(max_examples=30)
@given(positions=st.lists(st.integers(0, ROWS - 1), max_size=40))
def test_any_rows_are_found_again_by_position_in_the_order_asked(
    source: TableSource, positions: list[int]
) -> None:
    assert list(read_rows(source, positions)) == [EXAMPLES[position] for position in positions]


def test_files_are_relative_and_in_byte_order(tmp_path: Path) -> None:
    for name in ("b.parquet", "a/z.parquet", "B.parquet", "_hidden.parquet", ".tmp/x.parquet"):
        write_parquet(tmp_path / name, TABLE.slice(0, 2))
    (tmp_path / "README.md").write_text("about")
    found = open_table(tmp_path, LIMITS)
    assert found.files == ("B.parquet", "a/z.parquet", "b.parquet")
    assert found.rows == (2, 2, 2)
    assert [(note.code, note.message) for note in found.notes] == [
        ("other-files", "files that hold no table are passed over: README.md")
    ]


def test_hive_partitions_are_fields_of_text(tmp_path: Path) -> None:
    for folder in ("lang=en/day=007", "lang=%C3%A9/day=__HIVE_DEFAULT_PARTITION__"):
        write_parquet(tmp_path / folder / "a.parquet", pa.table({"id": [1]}))
    found = open_table(tmp_path, LIMITS)
    assert read_all(found) == [{"lang": "é", "id": 1}, {"lang": "en", "day": "007", "id": 1}]
    assert [note.message for note in found.notes] == ["folder names are fields of text: lang, day"]
    assert list(read_rows(found, [1])) == [{"lang": "en", "day": "007", "id": 1}]


def test_shards_may_differ_in_what_does_not_change_a_value(tmp_path: Path) -> None:
    turn = pa.struct([("role", pa.string()), ("name", pa.null())])
    encoded = pa.dictionary(pa.int8(), pa.large_string())
    other = pa.struct([("role", encoded), ("name", pa.string())])
    turns = [[{"role": "u"}]]
    first = {"n": pa.array([1]), "t": pa.array(turns, pa.list_(turn)), "x": pa.nulls(1)}
    second = {
        "n": pa.array([0.5]),
        "t": pa.array(turns, pa.large_list(other)),
        "x": pa.array([[{"y": 1}]]),
    }
    write_parquet(tmp_path / "a.parquet", pa.table(first))
    write_parquet(tmp_path / "b.parquet", pa.table(second))
    assert read_table(tmp_path) == [
        {"n": 1, "t": [{"role": "u"}]},
        {"n": 0.5, "t": [{"role": "u"}], "x": [{"y": 1}]},
    ]


def test_a_link_to_a_file_inside_the_folder_is_followed(tmp_path: Path) -> None:
    write_parquet(tmp_path / "blobs" / "sha", TABLE)
    (tmp_path / "a.parquet").symlink_to(tmp_path / "blobs" / "sha")
    assert open_table(tmp_path, LIMITS).files == ("a.parquet",)


def test_an_unknown_extension_type_is_opened_as_its_storage_with_a_note(tmp_path: Path) -> None:
    unknown = {b"ARROW:extension:name": b"vendor.point", b"ARROW:extension:metadata": b"\x80\x04."}
    point = pa.field("p", pa.list_(pa.field("item", pa.int64(), metadata=unknown)))
    table = pa.table([pa.array([[1, 2]])], schema=pa.schema([point]))
    for path in (
        write_parquet(tmp_path / "a.parquet", table),
        write_ipc(tmp_path / "a.arrow", table),
    ):
        found = open_table(path, LIMITS)
        assert [note.message for note in found.notes] == [
            "column 'p' holds the extension type 'vendor.point', read as its storage"
        ]
        assert read_all(found) == [{"p": [1, 2]}]


def test_the_schema_is_text(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", TABLE.select(["id", "source"]))
    assert open_table(path, LIMITS).schema == (
        "id: int64\nsource: dictionary<values=string, indices=int32, ordered=0>"
    )


def test_reading_never_imports_pandas(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", TABLE)
    code = (
        "import sys, pathlib\n"
        "from dslineage.formats.base import Limits\n"
        "from dslineage.formats.tables import open_table\n"
        "from dslineage.formats.tables import read_chunk\n"
        "assert 'pyarrow' not in sys.modules\n"
        "source = open_table(pathlib.Path(sys.argv[1]), Limits())\n"
        "print(sum(len(part) for chunk in source.chunks() for part in read_chunk(chunk)))\n"
        "assert 'pandas' not in sys.modules\n"
    )
    done: Any = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{ROWS}\n", "")


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The row groups at which a Parquet file is opened for its rows."""
    seen: list[int] = []
    original = parquet.batches

    def batches(path: Path, group: int, before: int, limits: Limits) -> Iterator[NumberedBatch]:
        seen.append(group)
        return original(path, group, before, limits)

    monkeypatch.setattr(parquet, "batches", batches)
    return seen


def test_chunks_that_follow_each_other_decode_a_file_once(
    tmp_path: Path, openings: list[int]
) -> None:
    found = open_table(write_parquet(tmp_path / "a.parquet", TABLE, row_group_size=300), LIMITS)
    assert read_all(found, 7) == EXAMPLES
    assert openings == [0]
    every_other = found.chunks(50)[::2]
    assert [len(part) for chunk in every_other for part in read_chunk(chunk)] == [50] * 7
    jumps_over_the_end_of_a_row_group = [1, 2]
    assert openings == [0, 0, *jumps_over_the_end_of_a_row_group]


def test_going_back_and_other_bytes_begin_anew(tmp_path: Path, openings: list[int]) -> None:
    path = write_parquet(tmp_path / "a.parquet", TABLE, row_group_size=300)
    chunks = open_table(path, LIMITS).chunks(100)
    assert next(read_chunk(chunks[4])) == EXAMPLES[400:500]
    assert next(read_chunk(chunks[0])) == EXAMPLES[:100]
    write_parquet(path, TABLE.slice(1), row_group_size=300)
    assert next(read_chunk(chunks[4])) == EXAMPLES[401:501]
    assert openings == [1, 0, 1]
