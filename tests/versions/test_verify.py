"""One flipped byte anywhere is found by `verify`, by the name of the file that it is in."""

from __future__ import annotations

import gzip
import random
import shutil
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dslineage.errors import DslineageError, IntegrityError
from dslineage.store.columns import read_columns
from dslineage.store.seekable import SeekableText
from tests.versions.support import Bench

LINES = [b'{"prompt":"question %d","completion":"answer %d"}\n' % (n, n) for n in range(700)]
OLD = b"".join(LINES[:500])
NEW = b"".join([*LINES[100:500], b'{"odd":1}\n', *LINES[500:]])


@pytest.fixture
def kept(bench: Bench) -> Bench:
    """Two versions from rows, and one of a file that is kept whole."""
    bench.commit("train.jsonl", OLD)
    bench.commit("train.jsonl", NEW)
    bench.commit("packed.jsonl.gz", gzip.compress(OLD, mtime=0))
    return bench


def objects(bench: Bench, kind: str = "") -> list[Path]:
    folders = [kind] if kind else ["packs", "views", "measures", "layouts", "blobs"]
    return sorted(path for one in folders for path in (bench.objects / one).iterdir())


def flip(path: Path, at: int, bits: int = 0x10) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= bits
    path.write_bytes(data)


def needed(bench: Bench, name: str) -> set[str]:
    """The versions that need a file, as `verify` says; empty where it says nothing of the file."""
    found = bench.repo.verify().problems
    return {version for one in found if one.name == name for version in one.needed_by}


def test_a_whole_repository_has_no_problems(kept: Bench) -> None:
    result = kept.repo.verify()
    assert result.problems == ()
    assert result.records == 6, "three versions, each with a measurement"
    assert result.objects == len(objects(kept))
    assert result.bytes == sum(path.stat().st_size for path in objects(kept))


def test_every_object_and_record_that_is_changed_is_named(kept: Bench) -> None:
    source = random.Random(5)
    records = sorted((kept.root / ".dslineage/records").rglob("*.json"))
    pointers = sorted(kept.root.glob("*.dsl.json"))
    for path in [*objects(kept), *records, *pointers]:
        original = path.read_bytes()
        places = {0, len(original) - 1, *(source.randrange(len(original)) for _ in range(6))}
        for at in sorted(places):
            flip(path, at, 1 << source.randrange(8))
            assert named(kept, path), (path, at)
            path.write_bytes(original)
    assert kept.problems() == []


def named(bench: Bench, path: Path) -> bool:
    name = path.relative_to(bench.root).as_posix()
    return bool({path.name, name} & set(bench.problems()))


PLACES: dict[str, Callable[[bytes], int]] = {
    "the magic": lambda data: 3,
    "the header's length": lambda data: 9,
    "the header's checksum": lambda data: 13,
    "the header": lambda data: 40,
    "the padding": lambda data: data.index(b"\0\0\0\0", 16) + 1,
    "a column": lambda data: len(data) // 2,
    "the checksum": lambda data: len(data) - 5,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["packs", "views"])
def test_a_flip_in_columns_is_found(kept: Bench, kind: str, place: str) -> None:
    path = next(path for path in objects(kept, kind) if path.suffix != ".zst")
    flip(path, PLACES[place](path.read_bytes()))
    assert named(kept, path)


def test_a_flip_in_any_part_of_a_packs_text_is_found(kept: Bench) -> None:
    path = next(path for path in objects(kept, "packs") if path.suffix == ".zst")
    data = path.read_bytes()
    starts = SeekableText.open(path).starts.tolist()
    table = starts[-1]
    for at in {
        *(start + inner for start in starts[:-2] for inner in (0, 4, 5, 9, 20)),
        *(starts[-2] + inner for inner in (0, 4, 8, 39)),
        *(table + inner for inner in range(len(data) - table)),
    }:
        flip(path, at)
        assert named(kept, path), at
        path.write_bytes(data)
    assert struct.unpack("<I", data[-4:])[0] == 0x8F92EAB1


@pytest.mark.parametrize("kind", ["packs", "views", "measures", "layouts", "blobs"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: bytes(len(data)),
        lambda data: data + b"\0",
        lambda data: data * 2,
        lambda data: data[:40],
    ],
    ids=["half", "one byte less", "empty", "zeros", "one byte more", "twice", "a stump"],
)
def test_a_cut_or_overwritten_object_is_found(
    kept: Bench, kind: str, damage: Callable[[bytes], bytes]
) -> None:
    for path in objects(kept, kind):
        original = path.read_bytes()
        path.write_bytes(damage(original))
        assert named(kept, path), path
        path.write_bytes(original)


def test_a_deleted_object_is_named_with_the_versions_that_need_it(kept: Bench) -> None:
    for path in [one for one in objects(kept) if one.parent.name not in {"views", "measures"}]:
        original = path.read_bytes()
        path.unlink()
        versions = needed(kept, path.name)
        assert versions, path
        assert versions <= {"train@v1", "train@v2", "packed@v1"}
        path.write_bytes(original)


def test_a_deleted_view_is_computed_again(kept: Bench) -> None:
    before = kept.repo.diff("train@v1", "train@v2").to_dict()
    shutil.rmtree(kept.objects / "views")
    assert kept.problems() == []
    assert kept.repo.diff("train@v1", "train@v2").to_dict() == before


def test_the_versions_that_need_a_damaged_object_are_named(kept: Bench) -> None:
    first = kept.repo.show("train@v1").record.files[0].sha256.hex
    layout = next(path for path in objects(kept, "layouts") if path.name.startswith(first))
    flip(layout, 20)
    assert needed(kept, layout.name) == {"train@v1"}
    blob = objects(kept, "blobs")[0]
    flip(blob, 20)
    assert needed(kept, blob.name) == {"packed@v1"}


def test_a_pack_that_two_versions_share_is_needed_by_both(kept: Bench) -> None:
    shared = max(
        (path for path in objects(kept, "packs") if path.suffix == ".rows"),
        key=lambda path: read_columns(path).rows,
    )
    flip(shared, 200)
    assert needed(kept, shared.name) >= {"train@v1", "train@v2"}


def test_damaged_columns_are_not_blamed_on_the_text_beside_them(kept: Bench) -> None:
    rows = next(path for path in objects(kept, "packs") if path.with_suffix(".zst").exists())
    flip(rows, rows.stat().st_size // 2)
    assert rows.with_suffix(".zst").name not in kept.problems()


@pytest.mark.parametrize("how", ["deleted", "renamed", "reformatted", "of another version"])
def test_a_record_that_is_not_as_it_was_is_named(kept: Bench, how: str) -> None:
    path = kept.root / kept.repo.show("train@v1").path
    other = kept.root / kept.repo.show("train@v2").path
    match how:
        case "deleted":
            path.unlink()
        case "renamed":
            path.rename(path.with_name("v1-000000000000.json"))
            path = path.with_name("v1-000000000000.json")
        case "reformatted":
            path.write_bytes(path.read_bytes().replace(b'": ', b'":  ', 1))
        case _:
            path.write_bytes(other.read_bytes())
    assert named(kept, path)


def test_every_pointer_is_checked_and_named(kept: Bench) -> None:
    pointers = sorted(kept.root.glob("*.dsl.json"))
    first, second = pointers
    first.write_bytes(b"<<<<<<< HEAD\n")
    second.write_bytes(second.read_bytes().replace(b'"examples": 6', b'"examples": 7'))
    assert {first.name, second.name} <= set(kept.problems())
    second.unlink()
    assert second.name in kept.problems()


def test_a_strange_file_among_the_objects_is_named_and_stops_nothing(kept: Bench) -> None:
    for folder, name in (("packs", "abcd.rows"), ("packs", "zz"), ("blobs", "x"), ("layouts", "y")):
        (kept.objects / folder / name).write_bytes(b"what is this")
    assert {"abcd.rows", "zz", "x", "y"} <= set(kept.problems())


def test_a_damaged_format_file_is_an_error_that_names_it(kept: Bench) -> None:
    for data in (
        b"",
        b"[]",
        b"\0" * 30,
        b'{"format":2,"features":[]}',
        b'{"format":1,"features":["x"]}',
    ):
        (kept.objects / "format").write_bytes(data)
        with pytest.raises(IntegrityError, match="format"):
            kept.repo.verify()


def test_what_is_cached_is_no_object(kept: Bench) -> None:
    shutil.rmtree(kept.objects / "views")
    kept.repo.diff("train@v1", "train@v2")
    cached = list((kept.objects / "cache/views").iterdir())
    assert cached
    for path in cached:
        flip(path, 300)
    assert kept.problems() == []


def test_a_damaged_cache_is_passed_over(kept: Bench) -> None:
    cache = kept.objects / "cache/files.json"
    kept.repo.status()
    for data in (
        b"",
        b"[1]",
        b'{"x": 1}',
        b"\0\xff",
        b'{"' + str(kept.root).encode() + b'": [null]}',
    ):
        cache.write_bytes(data)
        assert {one.state for one in kept.repo.status().datasets} == {"clean"}


@given(data=st.data())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_damage_is_an_error_or_goes_unseen_by_readers_and_is_never_restored(
    kept: Bench, data: st.DataObject
) -> None:
    """No traceback and no wrong file, whichever byte of whichever object is wrong."""
    path = data.draw(st.sampled_from(objects(kept)), label="object")
    original = path.read_bytes()
    flip(path, data.draw(st.integers(0, len(original) - 1)), data.draw(st.integers(1, 255)))
    shutil.rmtree(kept.objects / "cache", ignore_errors=True)
    try:
        assert named(kept, path)
        for name, bytes_ in (("train@v1", OLD), ("train@v2", NEW)):
            with suppress(DslineageError):
                (kept.root / "train.jsonl").unlink(missing_ok=True)
                kept.repo.checkout(name)
                assert (kept.root / "train.jsonl").read_bytes() == bytes_
        with suppress(DslineageError):
            kept.repo.diff("train@v1", "train@v2")
        with suppress(DslineageError), kept.repo.snapshot("packed@v1") as snapshot:
            list(snapshot.read(snapshot.rows()))
    finally:
        path.write_bytes(original)


def damaged_pack(bench: Bench) -> Path:
    """The columns of the first version's rows, with a header that cannot be read."""
    store = bench.repo.store
    (layout,) = [
        store.layout(path.name)
        for path in objects(bench, "layouts")
        if path.name.startswith(bench.repo.show("train@v1").record.files[0].sha256.hex)
    ]
    path = store.packs_folder / f"{layout.packs[0].hex}.rows"
    flip(path, 40)
    return path


def add(bench: Bench, name: str, data: bytes) -> tuple[str, list[str]]:
    """The version, and what was said of damage."""
    done = bench.repo.add([bench.put(name, data)])
    said = [one for one in done.notices if "damaged" in one or "is not counted" in one]
    return done.version.record.label, said


def test_a_pack_that_cannot_be_opened_blocks_no_other_data_set(kept: Bench) -> None:
    path = damaged_pack(kept)
    label, (said,) = add(kept, "other.jsonl", b'{"prompt":"new","completion":"one"}\n')
    assert label == "v1"
    assert path.name in said
    assert "verify" in said
    assert needed(kept, path.name) == {"train@v1", "train@v2", "packed@v1"}
    (kept.root / "packed.jsonl.gz").unlink()
    assert kept.repo.checkout("packed@v1").files


def test_a_new_version_is_recorded_over_a_damaged_one_and_stands_by_itself(kept: Bench) -> None:
    path = damaged_pack(kept)
    label, said = add(kept, "train.jsonl", LINES[3] + OLD)
    assert label == "v3"
    assert [one for one in said if "the change from v2" in one]
    (kept.root / "train.jsonl").unlink()
    kept.repo.checkout()
    assert (kept.root / "train.jsonl").read_bytes() == LINES[3] + OLD
    assert needed(kept, path.name) == {"train@v1", "train@v2", "packed@v1"}


@pytest.mark.parametrize("suffix", [".rows", ".zst"])
def test_adding_the_same_bytes_again_replaces_a_damaged_object_and_says_so(
    bench: Bench, suffix: str
) -> None:
    bench.commit("train.jsonl", OLD)
    path = damaged_pack(bench)
    if suffix == ".zst":
        flip(path.with_suffix(suffix), 9)
    broken = path.with_suffix(suffix).read_bytes()
    label, said = add(bench, "train.jsonl", OLD)
    assert label == "v1"
    assert any(path.name in one and "was replaced" in one for one in said)
    assert bench.problems() == []
    assert (bench.objects / "damaged" / path.with_suffix(suffix).name).read_bytes() == broken


def test_a_layout_over_a_damaged_pack_is_made_again(kept: Bench) -> None:
    """v2 has rows of two packs; alone, its rows make others."""
    damaged_pack(kept)
    add(kept, "train.jsonl", NEW)
    (kept.root / "train.jsonl").unlink()
    kept.repo.checkout("train@v2")
    assert (kept.root / "train.jsonl").read_bytes() == NEW


def test_a_cached_view_with_a_damaged_body_is_computed_again(kept: Bench) -> None:
    right = kept.repo.diff("train@v1", "train@v2").to_dict()
    shutil.rmtree(kept.objects / "views")
    assert kept.repo.diff("train@v1", "train@v2").to_dict() == right
    for path in (kept.objects / "cache/views").iterdir():
        flip(path, path.stat().st_size - 100)
    assert kept.repo.diff("train@v1", "train@v2").to_dict() == right
    for path in (kept.objects / "cache/views").iterdir():
        flip(path, path.stat().st_size - 100)
    add(kept, "train.jsonl", NEW + LINES[0])
    assert kept.problems() == []
