"""Compressed files: decoded strictly, within limits, and never half."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
import zstandard

from dslineage.errors import BadDataError
from dslineage.formats.base import Limits
from dslineage.formats.source import open_text
from tests.formats.malformed import ROW
from tests.formats.reading import LIMITS, read

SKIPPABLE = struct.pack("<II", 0x184D2A5E, 10) + b"0123456789"


def zstd_of(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


@pytest.fixture
def spill(tmp_path: Path) -> Path:
    folder = tmp_path / "spill"
    folder.mkdir()
    return folder


def test_several_zstd_frames_are_one_file_and_skippable_ones_are_skipped(
    tmp_path: Path, spill: Path
) -> None:
    path = tmp_path / "train.jsonl.zst"
    path.write_bytes(SKIPPABLE + zstd_of(ROW) + zstd_of(ROW * 2) + SKIPPABLE)

    source = open_text(path, limits=LIMITS, spill=spill)

    assert source.plain.read_bytes() == ROW * 3
    assert source.plain.parent == spill
    assert (source.compression, source.format.name, source.size) == ("zst", "jsonl", 24)


def test_what_follows_the_last_zstd_frame_must_be_a_frame(tmp_path: Path, spill: Path) -> None:
    path = tmp_path / "train.jsonl.zst"
    path.write_bytes(zstd_of(ROW * 2) + b"\0\0")

    reading = read(path, spill)

    assert reading.faults == ["3:1: zstd-trailing-garbage something else follows the zstd data"]
    assert reading.hint == "zstd -t train.jsonl.zst"


def test_a_damaged_zstd_frame_is_a_fault(tmp_path: Path, spill: Path) -> None:
    data = bytearray(zstd_of(ROW * 2))
    data[-1] ^= 1
    path = tmp_path / "train.jsonl.zst"
    path.write_bytes(data)

    assert read(path, spill).faults == ["1:1: zstd-corrupt the zstd data is damaged"]


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_compressed_file_cut_anywhere_is_refused_and_leaves_nothing(
    suffix: str, tmp_path: Path, spill: Path
) -> None:
    rows = b"".join(b'{"a":%d}\n' % number for number in range(40))
    whole = gzip.compress(rows) if suffix == "gz" else zstd_of(rows)
    path = tmp_path / f"train.jsonl.{suffix}"

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(BadDataError) as caught:
            open_text(path, limits=LIMITS, spill=spill)
        assert caught.value.kind in {
            "empty-file", "wrong-suffix", "gzip-truncated", "zstd-truncated",
        }  # fmt: skip
        assert not list(spill.iterdir())


def test_a_file_that_decodes_to_too_much_is_a_bomb(tmp_path: Path, spill: Path) -> None:
    path = tmp_path / "train.jsonl.gz"
    path.write_bytes(gzip.compress(ROW * 1000))

    reading = read(path, spill, limits=Limits(decoded_bytes=7_999))

    assert reading.faults == ["1:1: bomb decodes to more than 7,999 bytes"]
    assert not list(spill.iterdir())


def test_a_file_that_decodes_to_a_thousand_times_its_size_is_a_bomb(
    tmp_path: Path, spill: Path
) -> None:
    path = tmp_path / "train.jsonl.zst"
    path.write_bytes(zstandard.compress(b" " * (65 << 20)))

    reading = read(path, spill)

    assert reading.faults == ["1:1: bomb decodes to more than 1,000 times its size"]
    assert not list(spill.iterdir())


def test_a_fault_of_the_decoded_file_leaves_no_decoded_copy(tmp_path: Path, spill: Path) -> None:
    path = tmp_path / "train.csv.gz"
    path.write_bytes(gzip.compress(b"a,a\n1,2\n"))

    reading = read(path, spill)

    assert reading.faults == ["1:1: duplicate-header two columns are called 'a': columns 1 and 2"]
    assert not list(spill.iterdir())
