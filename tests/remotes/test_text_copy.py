"""What is believed of the text of a pack as a remote has it, and what is kept of it."""

from __future__ import annotations

import io
import os
import random
import signal
import struct
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import IntegrityError
from dslineage.remotes.textcopy import TextCopy
from dslineage.store.erasing import mark_rows
from dslineage.store.pack import Pack
from dslineage.store.seekable import compress_frames, write_frames
from dslineage.store.sparse import keep_frames
from tests.remotes.support import origin
from tests.versions.support import ada

ROWS = 300
LINES = [b'{"text":"%s"}' % random.Random(i).randbytes(120).hex().encode() for i in range(ROWS)]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack with its text; not to be changed."""
    with ada():
        bench = origin(tmp_path_factory.mktemp("pack") / "work", b"\n".join(LINES))
    (name,) = bench.repo.store.pack_names()
    return bench.repo.store.pack(name)


def encoded(cuts: Sequence[int]) -> bytes:
    """The text in frames that begin at some rows."""
    ends = [*cuts[1:], ROWS]
    texts = (b"".join(line + b"\n" for line in LINES[a:b]) for a, b in zip(cuts, ends, strict=True))
    out = io.BytesIO()
    write_frames(out, [compress_frames(texts)])
    return out.getvalue()


def seen(pack: Pack, data: bytes) -> TextCopy:
    return TextCopy.look(pack, len(data), lambda size, place: data[place : place + size])


def take(pack: Pack, data: bytes, rows: Sequence[int]) -> dict[int, bytes]:
    """The texts of the frames that hold some rows."""
    copy = seen(pack, data)
    stretches = copy.stretches(copy.frames_of(np.array(rows, np.int64)))
    return {
        number: text
        for one in stretches
        for number, text in copy.texts(one, data[one.start : one.stop])
    }


@contextmanager
def without_text(pack: Pack) -> Iterator[Pack]:
    """The pack in a folder of its own, with columns alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "packs" / pack.file.path.name
        path.parent.mkdir()
        path.write_bytes(pack.file.path.read_bytes())
        yield Pack.open(path.parent, pack.name)


CUTS = st.sets(st.integers(1, ROWS - 1), max_size=40).map(lambda some: [0, *sorted(some)])
SOME = st.sets(st.integers(0, ROWS - 1), min_size=1, max_size=20).map(sorted)


@given(cuts=CUTS, asked=st.lists(SOME, min_size=1, max_size=4))
def test_whatever_frames_come_and_in_whatever_parts_they_read_as_the_text_does(
    pack: Pack, cuts: list[int], asked: list[list[int]]
) -> None:
    data = encoded(cuts)
    with without_text(pack) as bare:
        for rows in asked:
            keep_frames(
                bare.sparse_path, seen(bare, data).table.places[:-1], take(bare, data, rows)
            )
        sparse = bare.sparse_text()
        assert sparse is not None
        places = bare.file["place"].astype(np.int64)
        here = np.flatnonzero(sparse.holds(places))
        assert set(here.tolist()) >= {row for rows in asked for row in rows}
        assert list(bare.records(here)) == [LINES[row] for row in here]
        for row in np.flatnonzero(~sparse.holds(places))[:1]:
            with pytest.raises(IntegrityError, match="only other stretches of it are here"):
                bare.records(np.array([row]))
        assert not bare.has_text


@given(place=st.integers(0, 1 << 30), flip=st.integers(1, 255), rows=SOME)
def test_of_a_damaged_copy_nothing_is_taken_that_is_not_the_text(
    pack: Pack, place: int, flip: int, rows: list[int]
) -> None:
    data = bytearray(encoded(range(0, ROWS, 7)))
    data[place % len(data)] ^= flip
    try:
        found = take(pack, bytes(data), rows)
    except IntegrityError:
        return
    for number, text in found.items():
        assert text == b"".join(line + b"\n" for line in LINES[7 * number : 7 * number + 7])


def test_a_sparse_text_that_is_damaged_is_none(pack: Pack) -> None:
    with without_text(pack) as bare:
        data = encoded([0, 100])
        keep_frames(bare.sparse_path, seen(bare, data).table.places[:-1], take(bare, data, [5]))
        assert bare.records(np.array([5])) == [LINES[5]]
        damaged = bytearray(bare.sparse_path.read_bytes())
        damaged[20] ^= 1
        bare.sparse_path.unlink()
        bare.sparse_path.write_bytes(damaged)
        with pytest.raises(IntegrityError, match="missing object"):
            bare.records(np.array([5]))


def test_of_several_writers_none_drops_what_another_kept(pack: Pack) -> None:
    data = encoded(range(0, ROWS, 30))
    places = seen(pack, data).table.places[:-1]
    frames = take(pack, data, range(ROWS))
    with without_text(pack) as bare, ThreadPoolExecutor(4) as pool:
        for kept in [
            pool.submit(keep_frames, bare.sparse_path, places, {n: frames[n]}) for n in frames
        ]:
            kept.result()
        assert bare.records(np.arange(ROWS)) == LINES


def test_whoever_is_killed_while_writing_leaves_what_was_or_what_is_to_be(pack: Pack) -> None:
    data = encoded(range(0, ROWS, 10))
    places = seen(pack, data).table.places[:-1]
    parts = [take(pack, data, [5]), take(pack, data, range(ROWS))]
    with without_text(pack) as bare:
        keep_frames(bare.sparse_path, places, parts[0])
        for moment in range(12):
            writer = os.fork()
            while not writer:
                keep_frames(bare.sparse_path, places, parts[1])
            time.sleep(moment / 500)
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            assert bare.sparse_text() is not None
            assert bare.records(np.array([5])) == [LINES[5]]
        keep_frames(bare.sparse_path, places, parts[1])
        assert list(bare.sparse_path.parent.iterdir()) == [bare.sparse_path]
        assert bare.records(np.arange(ROWS)) == LINES


def test_a_sparse_text_without_frames_holds_nothing(pack: Pack) -> None:
    with without_text(pack) as bare:
        bare.sparse_path.parent.mkdir(parents=True)
        with bare.sparse_path.open("wb") as handle:
            write_frames(handle, [])
        sparse = bare.sparse_text()
        assert sparse is not None
        assert not sparse.holds(np.array([0, 9])).any()
        with pytest.raises(IntegrityError, match="a row is said to begin outside of it"):
            bare.records(np.array([5]))


def test_frames_that_are_cut_in_other_places_take_the_place_of_those_here(pack: Pack) -> None:
    with without_text(pack) as bare:
        for cuts, rows in (([0, 100], [5]), ([0, 50, 100], [60])):
            data = encoded(cuts)
            places = seen(bare, data).table.places[:-1]
            keep_frames(bare.sparse_path, places, take(bare, data, rows))
        assert bare.records(np.array([60])) == [LINES[60]]
        with pytest.raises(IntegrityError, match="missing object"):
            bare.records(np.array([5]))


def test_what_was_forgotten_is_blank_in_what_is_kept(pack: Pack) -> None:
    with without_text(pack) as bare:
        mark_rows(bare, np.array([5, ROWS - 1]), durable=False)
        marked = Pack.open(bare.folder, bare.name)
        data = encoded([0, 100])
        found = take(marked, data, [6, ROWS - 2])
        kept = [b" " * len(one) if row in (5, ROWS - 1) else one for row, one in enumerate(LINES)]
        assert b"".join(found.values()) == b"".join(one + b"\n" for one in kept)
        keep_frames(marked.sparse_path, seen(marked, data).table.places[:-1], found)
        assert marked.records(np.array([6])) == [LINES[6]]


def table(*frames: tuple[int, int], count: int | None = None) -> bytes:
    """A seek table as zstd has it, and the checksum before it, which nobody looks at."""
    sizes = [*frames, (40, 0)]
    entries = b"".join(struct.pack("<II", *one) for one in sizes)
    footer = struct.pack("<IBI", len(sizes) if count is None else count, 0, 0x8F92EAB1)
    head = struct.pack("<II", 0x184D2A5E, len(entries) + 9)
    return struct.pack("<II", 0x184D2A5D, 32) + bytes(32) + head + entries + footer


TEXT = sum(len(line) + 1 for line in LINES)
BOMB = zstandard.ZstdCompressor().compress(bytes(200 << 20))


def framed(packed: bytes, *, text: int = TEXT, said: int | None = None) -> bytes:
    """A copy of one frame, whose table says what it likes."""
    return packed + table((len(packed) if said is None else said, text))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (framed(BOMB), "another size than the seek table says"),
        (framed(BOMB, text=200 << 20), "not that of the rows of its pack"),
        (framed(BOMB, said=7), "does not fit its size"),
        (framed(bytes(TEXT * 2)), "a frame that is too large"),
        (framed(b"no frame"), "cannot be decoded"),
        (framed(compress_frames([bytes(TEXT)]).data), "other bytes than its row id says"),
        (bytes(9_000) + table(*[(1, 1)] * 9_000), "more frames than there are rows"),
        (table(count=2**32 - 1), "its seek table is missing"),
        (table((0, TEXT)), "cannot be decoded"),
        (b"short", "too short"),
        (b"", "too short"),
    ],
    ids=lambda one: one.replace(" ", "-") if isinstance(one, str) else "copy",
)
def test_a_hostile_copy_is_refused_with_little_memory(pack: Pack, data: bytes, why: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(IntegrityError, match=why):
            take(pack, data, [0, 1])
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def test_frames_that_are_not_cut_between_rows_are_refused(pack: Pack) -> None:
    text = b"".join(line + b"\n" for line in LINES)
    out = io.BytesIO()
    write_frames(out, [compress_frames([text[:100], text[100:]])])
    with pytest.raises(IntegrityError, match="frame 0 is not cut between rows"):
        take(pack, out.getvalue(), [0])


def test_a_table_that_is_longer_than_was_thought_is_read_with_one_more_request(pack: Pack) -> None:
    data = encoded(range(ROWS))
    asked: list[tuple[int, int]] = []

    def read(size: int, place: int) -> bytes:
        asked.append((size, place))
        return data[place : place + size]

    copy = TextCopy.look(pack, len(data), read)
    assert (len(copy.table.places), len(asked)) == (ROWS + 2, 2)
