"""What was added comes back byte for byte, whatever it was."""

from __future__ import annotations

import gzip
import random
import shutil
import tempfile
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.versions.support import Bench

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SHARED_FILES = sorted(
    path.relative_to(DATA).as_posix()
    for path in DATA.rglob("*")
    if path.suffix in {".jsonl", ".json", ".csv"} and path.name != "dataset_info.json"
)


@pytest.mark.parametrize("name", SHARED_FILES or ["(no shared data)"])
def test_every_shared_file_comes_back_byte_for_byte(
    bench: Bench, shared_data: Path, name: str
) -> None:
    original = (shared_data / name).read_bytes()
    info = bench.add("data" + Path(name).suffix, original, quarantine="r02" in name)
    (bench.root / info.record.files[0].path).unlink()
    shutil.rmtree(bench.objects / "cache")

    bench.repo.checkout()

    assert (bench.root / info.record.files[0].path).read_bytes() == original


LINES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b'{"prompt":"a","completion":"b"}',
                b'{ "prompt" : "a", "completion" : "b" }',
                b'{"completion":"b","prompt":"a"}',
                '{"prompt":"ü\u2028€","completion":"😀"}'.encode(),
                b'{"prompt":"\\u00fc","completion":null,"n":1.50}',
            ]
        ),
        st.sampled_from([b"\n", b"\r\n", b"\n\n", b" \n", b"\n \t\n"]),
    ),
    min_size=1,
    max_size=30,
)


@given(lines=LINES, bom=st.booleans(), final=st.booleans())
@settings(max_examples=60, deadline=None)
def test_odd_spacing_line_ends_and_duplicates_come_back(
    lines: list[tuple[bytes, bytes]], bom: bool, final: bool
) -> None:
    text = b"".join(record + end for record, end in lines)
    data = (b"\xef\xbb\xbf" if bom else b"") + (text if final else text.rstrip(b" \t\r\n"))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.make(Path(folder))
        info = bench.add("data.jsonl", data)
        assert bench.restored(info) == data
        assert info.record.examples == len(lines)


def test_a_thousand_random_edits_come_back(bench: Bench, shared_data: Path) -> None:
    source = random.Random(7)
    lines = (shared_data / "gsm8k/train.jsonl").read_bytes().splitlines(keepends=True)
    versions = [bench.commit("train.jsonl", b"".join(lines))]
    states = [b"".join(lines)]
    for _ in range(4):
        for _ in range(250):
            _edit(lines, source)
        states.append(b"".join(lines))
        versions.append(bench.commit("train.jsonl", states[-1]))
    for info, state in zip(versions, states, strict=True):
        assert bench.restored(info) == state
    assert len({info.record.content_hash for info in versions}) == 5


def _edit(lines: list[bytes], source: random.Random) -> None:
    place = source.randrange(len(lines))
    match source.randrange(6):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, source.choice(lines))
        case 2:
            value = orjson.loads(lines[place])
            value["answer"] = value.get("answer", "") + " Ünïcode ☃"
            lines[place] = orjson.dumps(value) + b"\r\n"
        case 3:
            lines[place] = lines[place].rstrip() + b"\n\n"
        case 4:
            lines[place] = lines[place].replace(b'": "', b'":"', 1)
        case _:
            other = source.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]


def test_a_changed_csv_header_keeps_both_versions_apart(bench: Bench) -> None:
    rows = b'"hello","world"\n"a ""quoted"" cell","two\nlines"\n'
    first = bench.commit("cells.csv", b"prompt,completion\n" + rows)
    second = bench.commit("cells.csv", b"question,answer\n" + rows)
    assert bench.restored(first) == b"prompt,completion\n" + rows
    assert bench.restored(second) == b"question,answer\n" + rows
    assert first.record.content_hash != second.record.content_hash


def test_compressed_files_come_back_as_they_were(bench: Bench) -> None:
    plain = b'{"text":"one"}\n{"text":"two"}\n'
    data = gzip.compress(plain, mtime=12345)
    info = bench.commit("data.jsonl.gz", data)
    (bench.root / "data.jsonl.gz").unlink()
    bench.repo.checkout()
    assert (bench.root / "data.jsonl.gz").read_bytes() == data
    assert info.record.examples == 2


def test_a_second_version_stores_only_what_is_new(bench: Bench, shared_data: Path) -> None:
    lines = (shared_data / "gsm8k/train.jsonl").read_bytes().splitlines(keepends=True)
    bench.commit("train.jsonl", b"".join(lines))
    before = sum(path.stat().st_size for path in bench.objects.rglob("*") if path.is_file())
    lines[100] = lines[100].replace(b"answer", b"answer", 1).replace(b"the", b"THE", 1)
    result = bench.repo.add([bench.put("train.jsonl", b"".join(lines[::-1]))])
    after = sum(path.stat().st_size for path in bench.objects.rglob("*") if path.is_file())
    assert result.new_rows == 1
    assert after - before < 40_000


def test_quarantined_lines_are_kept_counted_and_restored(bench: Bench, shared_data: Path) -> None:
    original = (shared_data / "prompts/prompts-r02-f8fef2d0.csv").read_bytes()
    info = bench.add("prompts.csv", original, quarantine=True)
    assert info.record.quarantined == 3
    assert info.record.quarantine_hash is not None
    assert bench.restored(info) == original
