"""Records of a file as one text: where they are lines of it, and where they are not."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dslineage.canonical.fast import BATCH_BYTES
from dslineage.versions.stretch import Stretch, read_stretch, stretch_of

if TYPE_CHECKING:
    import pytest

RECORDS = st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=9)
GAPS = st.sampled_from([b"\n", b"\r\n", b",\n", b"x", b""])


def written(path: Path, records: list[bytes], gaps: list[bytes]) -> Stretch:
    """The stretch of records that stand in a file, each with a gap behind it."""
    pieces = [piece for pair in zip(records, gaps, strict=True) for piece in pair]
    path.write_bytes(b"head" + b"".join(pieces))
    places = np.array([4, *(4 + end for end in accumulate(map(len, pieces)))])
    return read_stretch(path, places[:-1:2], places[1::2])


def as_bytes(stretch: Stretch) -> tuple[list[bytes], bytes, list[int]]:
    return list(stretch.records), bytes(stretch.text), stretch.places.tolist()


@given(RECORDS, st.data())
def test_a_stretch_that_was_read_is_that_of_its_records(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], data: st.DataObject
) -> None:
    gaps = [data.draw(GAPS) for _ in records]
    path = tmp_path_factory.getbasetemp() / "stretch"
    assert as_bytes(written(path, records, gaps)) == as_bytes(stretch_of(records))


def test_lines_are_not_copied_and_a_last_line_may_lack_its_end(tmp_path: Path) -> None:
    lines = written(tmp_path / "lines", [b"one", b"two"], [b"\n", b"\n"])
    assert bytes(lines.text) == b"one\ntwo\n"
    open_ended = written(tmp_path / "open", [b"one", b"two"], [b"\n", b""])
    assert as_bytes(open_ended) == as_bytes(lines)


def test_batches_and_frames_have_every_record_once() -> None:
    records = [b"%d" % number * 40_000 for number in range(40)]
    stretch = stretch_of(records)
    batches = list(stretch.batches())
    assert len(batches) > 5
    assert [record for batch, _ in batches for record in batch] == records
    assert all(bytes(text) == b"\n".join([*batch, b""]) for batch, text in batches)
    assert max(len(batch) for batch, _ in batches) * 40_000 < 2 * BATCH_BYTES
    frames = stretch.compressed(np.array([0, 1, 30, 40]))
    assert [size for _, size in frames.sizes] == [
        sum(map(len, some)) + len(some) for some in (records[:1], records[1:30], records[30:])
    ]
