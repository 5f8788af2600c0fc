"""Encodings of objects: what is written is read back, and a reader sees what is wrong."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.store.columns import check_columns, read_columns, write_columns
from dslineage.store.framed import framed
from dslineage.store.layout import MAGIC, Gaps, Layout
from dslineage.store.pack import Pack
from dslineage.store.ragged import RaggedRows, no_rows, read_ragged
from dslineage.store.seekable import SeekableText, compress_frames, write_frames

TEXTS = [b"one\ntwo\n", b"", "drei ☃\n".encode(), b"x" * 70_000]


def test_a_packs_text_is_what_zstd_decodes(tmp_path: Path) -> None:
    path = tmp_path / "text.zst"
    with path.open("wb") as handle:
        write_frames(handle, [compress_frames(TEXTS[:2]), compress_frames(TEXTS[2:])])
    with path.open("rb") as handle:
        reader = zstandard.ZstdDecompressor().stream_reader(handle, read_across_frames=True)
        assert reader.read() == b"".join(TEXTS)
    try:
        done = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("zstd is not installed")
    assert done.stdout == b"".join(TEXTS)


def test_a_place_outside_of_a_text_is_an_integrity_error(tmp_path: Path) -> None:
    path = tmp_path / "text.zst"
    with path.open("wb") as handle:
        write_frames(handle, [compress_frames(TEXTS[:2]), compress_frames(TEXTS[2:])])
    text = SeekableText.open(path)
    text.check()
    assert text.slices(np.array([4]), np.array([3])) == [b"two"]
    for place, length in ((-1, 1), (10**12, 1), (5, 10), (8, 70_000)):
        with pytest.raises(IntegrityError, match=r"text\.zst"):
            text.slices(np.array([place]), np.array([length]))


def test_a_text_of_no_frames_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "text.zst"
    with path.open("wb") as handle:
        write_frames(handle, ())
    SeekableText.open(path).check()


def test_columns_come_back_constant_or_not(tmp_path: Path) -> None:
    path = tmp_path / "columns"
    columns = {
        "varied": np.arange(12, dtype="<u8"),
        "constant": np.full(12, 7, dtype="<u4"),
        "wide": np.arange(12 * 32, dtype="u1").reshape(12, 32),
        "empty wide": np.zeros((12, 0), dtype="u1"),
    }
    write_columns(path, columns, {"what": "test"})
    check_columns(path)
    found = read_columns(path)
    assert (found.rows, found.meta) == (12, {"what": "test"})
    for name, column in columns.items():
        assert found[name].tobytes() == column.tobytes()
        assert found[name].shape == column.shape


def test_a_damaged_header_is_seen_by_every_reader(tmp_path: Path) -> None:
    path = tmp_path / "columns"
    write_columns(path, {"n": np.arange(5, dtype="<u8")}, {})
    data = path.read_bytes()
    for at in range(16 + int.from_bytes(data[8:12], "little")):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(IntegrityError, match="columns"):
            read_columns(path)


RUNS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1 << 40), st.integers(1, 50)), max_size=20
)
GAPS = st.lists(st.tuples(st.binary(max_size=5), st.integers(1, 9)), min_size=1, max_size=6)


@given(
    runs=RUNS,
    gaps=GAPS,
    quarantined=st.lists(st.tuples(st.integers(0), st.integers(0)), max_size=3),
)
def test_a_layout_comes_back(
    runs: list[tuple[int, int, int]],
    gaps: list[tuple[bytes, int]],
    quarantined: list[tuple[int, int]],
) -> None:
    quarantined = [(start % 2**50, size % 2**50) for start, size in quarantined]
    examples = sum(count for _, _, count in runs)
    between = [text for text, count in gaps for _ in range(count)][: examples + 1]
    between += [b"\n"] * (examples + 1 - len(between))
    layout = Layout(
        examples=examples,
        packs=tuple(Digest.of(bytes([number])) for number in range(3)),
        runs=np.array(runs, dtype=np.int64).reshape(-1, 3),
        storage="text",
        gaps=Gaps.of([(text, 1) for text in between]),
        quarantined=np.array(quarantined, dtype=np.int64).reshape(-1, 2),
    )
    found = Layout.decode(layout.encoded, "name")
    assert found.runs.tolist() == layout.runs.tolist()
    assert (found.packs, found.gaps) == (layout.packs, layout.gaps)
    assert found.quarantined.tolist() == layout.quarantined.tolist()
    assert found.gaps.expand() == between


GOOD = {
    "examples": 2, "packs": ["0" * 64], "runs": 1, "storage": "text", "gaps": ["Cg=="],
    "gap_runs": [[0, 3]], "quarantined": [], "extra": None,
}  # fmt: skip
RUN = b"".join(number.to_bytes(8, "little") for number in (0, 0, 2))


def _layout(header: dict[str, object], runs: bytes = RUN) -> bytes:
    said = json.dumps(header).encode()
    planes = b"".join(runs[at : at + 8] for at in range(0, 24, 8))
    return framed(MAGIC, len(said).to_bytes(4, "little") + said + planes, level=1)


@pytest.mark.parametrize(
    ("wrong", "runs"),
    [
        ({"examples": 3}, RUN),
        ({"examples": -1}, RUN),
        ({"packs": []}, RUN),
        ({"storage": "magic"}, RUN),
        ({"gap_runs": []}, RUN),
        ({"gap_runs": [[0, 10**12]]}, RUN),
        ({"gap_runs": [[1, 3]]}, RUN),
        ({"gap_runs": [[0, 4], [0, -1]]}, RUN),
        ({}, RUN[:8] + b"\xff" * 8 + RUN[16:]),
        ({}, RUN[:16] + b"\xff" * 7 + b"\x7f"),
    ],
    ids=str,
)
def test_a_layout_of_rows_and_gaps_that_cannot_be_is_an_integrity_error(
    wrong: dict[str, object], runs: bytes
) -> None:
    assert Layout.decode(_layout(GOOD), "name").runs.tolist() == [[0, 0, 2]]
    with pytest.raises(IntegrityError, match="it is no layout"):
        Layout.decode(_layout(GOOD | wrong, runs), "name")


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 4, b"\2\0\0\0{}", b"\xff\xff\xff\xff{}", b"\4\0\0\0null"]
)
def test_a_layout_of_nonsense_with_a_right_checksum_is_an_integrity_error(body: bytes) -> None:
    packed = MAGIC + zstandard.compress(body)
    with pytest.raises(IntegrityError, match="it is no layout"):
        Layout.decode(packed + hashlib.sha256(packed).digest(), "name")
    raw = MAGIC + body
    with pytest.raises(IntegrityError, match="damaged object name"):
        Layout.decode(raw + hashlib.sha256(raw).digest(), "name")


COLUMNS = {
    "row_id": np.arange(64, dtype="u1").reshape(2, 32),
    "digest": np.arange(64, dtype="u1").reshape(2, 32),
    "length": np.array([3, 4], "<u4"),
    "shape": np.array([0, 0], "<u4"),
    "place": np.array([0, 4], "<u8"),
}
META = {"context": "{}", "shapes": [{"a": "string"}], "source": None}


@pytest.mark.parametrize(
    ("columns", "meta"),
    [
        ({"place": np.array([0, 4], "<u4")}, {}),
        ({"digest": np.array([0, 4], "<u8")}, {}),
        ({}, {"context": None}),
        ({}, {"shapes": {}}),
        ({}, {"shapes": [{"a": 1}]}),
        ({}, {"source": "a blob"}),
        ({}, {"source": {"sha256": "../x", "reader": {"format": "jsonl"}}}),
        ({}, {"source": {"sha256": "0" * 64, "reader": {}}}),
    ],
    ids=str,
)
def test_columns_that_are_not_those_of_a_pack_are_an_integrity_error(
    tmp_path: Path, columns: dict[str, Any], meta: dict[str, Any]
) -> None:
    name = Digest(bytes(32))
    path = tmp_path / f"{name.hex}.rows"
    write_columns(path, COLUMNS, META)
    assert Pack.open(tmp_path, name).rows == 2
    write_columns(path, COLUMNS | columns, META | meta)
    with pytest.raises(IntegrityError, match="it is no pack"):
        Pack.open(tmp_path, name)


class _Act:
    """What runs something where it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._canary,)


def test_a_pickle_among_cached_arrays_is_not_read(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name in RaggedRows._fields:
        arrays: dict[str, Any] = no_rows()._asdict()
        arrays[name] = np.array([_Act(canary)], object)
        with (tmp_path / "bad").open("wb") as handle:
            np.savez(handle, **arrays)
        assert len(read_ragged(tmp_path / "bad").rows) == 0
        assert not canary.exists()
    with np.load(tmp_path / "bad", allow_pickle=True) as file:
        assert file[name].size, "whoever reads it runs it"
    assert canary.exists()


@pytest.mark.parametrize("damage", ["version", "method", "offsets", "order"])
def test_cached_arrays_that_are_not_those_that_were_written_are_none(
    tmp_path: Path, damage: str
) -> None:
    rows, values, offsets = np.arange(2), np.arange(5, dtype="<u8"), np.array([0, 2, 5])
    good = io.BytesIO()
    np.savez(good, rows=rows, values=values, offsets=offsets)
    (tmp_path / "good").write_bytes(good.getvalue())
    assert read_ragged(tmp_path / "good").offsets.tolist() == [0, 2, 5]
    if damage in {"version", "method"}:
        data = bytearray(good.getvalue())
        entry = data.index(b"PK\1\2")
        data[entry + {"version": 6, "method": 10}[damage]] = 99
        (tmp_path / "bad").write_bytes(data)
    else:
        bad = RaggedRows(rows, values, np.array([0, 9, 5]))
        if damage == "order":
            bad = RaggedRows(rows[::-1], values, offsets)
        with (tmp_path / "bad").open("wb") as handle:
            np.savez(handle, **bad._asdict())
    assert len(read_ragged(tmp_path / "bad").rows) == len(no_rows().rows) == 0
