"""Encodings of objects: what is written is read back, and a reader sees what is wrong."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.store.columns import check_columns, read_columns, write_columns
from dslineage.store.layout import MAGIC, Gaps, Layout
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
    st.tuples(st.integers(0, 2), st.integers(0, 1 << 40), st.integers(1, 1 << 20)), max_size=20
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
    layout = Layout(
        examples=sum(count for _, _, count in runs),
        packs=tuple(Digest.of(bytes([number])) for number in range(3)),
        runs=np.array(runs, dtype=np.int64).reshape(-1, 3),
        storage="text",
        gaps=Gaps.of(gaps),
        quarantined=np.array(quarantined, dtype=np.int64).reshape(-1, 2),
    )
    found = Layout.decode(layout.encoded, "name")
    assert found.runs.tolist() == layout.runs.tolist()
    assert (found.packs, found.gaps) == (layout.packs, layout.gaps)
    assert found.quarantined.tolist() == layout.quarantined.tolist()
    assert found.gaps.expand() == [text for text, count in gaps for _ in range(count)]


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
