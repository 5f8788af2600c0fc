"""Forgotten examples in files of work trees, in whatever form they stand there."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dslineage.elsewhere.search import search
from tests.elsewhere.places import OTHERS, SECRET, found, lines, told, wanted
from tests.versions.support import Bench

REORDERED = lines({name: SECRET[name] for name in reversed(SECRET)}, OTHERS[0])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository whose data has the example in v1, and no more in v2."""
    bench = Bench.make(tmp_path / "work")
    bench.put(".gitignore", b"/out\n/data\n")
    return bench


def test_every_form_that_a_work_tree_has_is_found(bench: Bench) -> None:
    info = bench.commit("data/train.jsonl", lines(*OTHERS, SECRET))
    rows = lines(*OTHERS, SECRET)
    bench.put("out/same.jsonl", rows)
    bench.put("out/more.jsonl", rows + rows)
    bench.put("out/reordered.jsonl", REORDERED)
    bench.put("out/reordered.json", b"[" + REORDERED.rstrip().replace(b"\n", b",") + b"]")
    bench.put("out/rows.jsonl.gz", gzip.compress(REORDERED))
    bench.put("out/rows.jsonl.zst", zstandard.compress(REORDERED))
    pq.write_table(pa.Table.from_pylist([*OTHERS, SECRET]), bench.root / "out/rows.parquet")
    bench.put("out/report.md", f"> {SECRET['completion']}\n".encode())
    bench.put("out/sheet.csv", b'prompt,answer\n"?","' + SECRET["completion"].encode() + b'"\n')
    with zipfile.ZipFile(bench.root / "out/sheet.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/strings.xml", f"<t>{SECRET['completion']}</t>")
    bench.put("out/others.jsonl", lines(*OTHERS))

    assert told(bench, wanted(info)) == [
        "data data/train.jsonl: sure, it is train.jsonl of train@v1",
        "file out/more.jsonl: sure, it has the bytes of an example",
        "file out/reordered.json: sure, it has one of the examples",
        "file out/reordered.jsonl: sure, it has one of the examples",
        "file out/report.md: likely, it has a text of an example",
        "file out/rows.jsonl.gz: sure, it has one of the examples",
        "file out/rows.jsonl.zst: sure, it has one of the examples",
        "file out/rows.parquet: sure, it has one of the examples",
        "file out/same.jsonl: sure, it is train.jsonl of train@v1",
        "file out/sheet.csv: likely, it has a text of an example",
        "file out/sheet.xlsx: likely, it has a text of an example",
    ]


def test_without_its_bytes_an_example_is_known_by_its_digest_only(bench: Bench) -> None:
    info = bench.commit("data/train.jsonl", lines(*OTHERS, SECRET))
    bench.put("out/reordered.jsonl", REORDERED)
    bench.put("out/report.md", SECRET["completion"].encode())

    assert told(bench, wanted(info, said=False)) == [
        "data data/train.jsonl: sure, it is train.jsonl of train@v1",
        "file out/reordered.jsonl: sure, it has one of the examples",
    ]


def test_files_of_other_work_trees_are_found_and_links_are_not_followed(
    bench: Bench, tmp_path: Path
) -> None:
    info = bench.commit("data/train.jsonl", lines(SECRET))
    bench.git("worktree", "add", "-q", "../other")
    bench.git("worktree", "add", "-q", "out/inner")
    notes = [tmp_path / "other" / "note.txt", bench.root / "out" / "inner" / "note.txt"]
    for note in notes:
        note.write_text(SECRET["completion"])
    (tmp_path / "outside.txt").write_text(SECRET["completion"])
    (bench.root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (bench.root / "folder").symlink_to(tmp_path)
    os.mkfifo(bench.root / "pipe")

    data, *files = found(bench, wanted(info))
    assert (data.kind, {one.kind for one in files}) == ("data", {"file"})
    assert [one.where for one in files] == [*map(str, notes)], "each once"
    assert files[0].removal == f"rm {notes[0]}"


def test_a_repository_inside_is_looked_into_but_for_its_history(bench: Bench) -> None:
    bench.commit("data/train.jsonl", lines(*OTHERS))
    inner = Bench.make(bench.root / "out" / "inner")
    inner.put("note.txt", SECRET["completion"].encode())

    places = search(bench.repo, wanted())
    assert [(one.kind, one.where, one.certainty) for one in places if one.kind != "other"] == [
        ("file", str(inner.root / "note.txt"), "likely"),
        ("clone", str(inner.root), "unknown"),
    ]


def test_what_cannot_be_read_is_said_and_nothing_grows_without_bound(bench: Bench) -> None:
    info = bench.commit("data/train.jsonl", lines(SECRET))
    bench.put("out/bomb.gz", gzip.compress(b"\0" * (70 << 20)))
    bench.put("out/broken.xlsx", b"PK\x03\x04" + b"?" * 100)
    bench.put("out/weights.safetensors", json.dumps(SECRET).encode())

    unread = [place for place in search(bench.repo, wanted(info)) if place.certainty == "unknown"]
    assert [
        f"{one.kind} {one.where}: {one.why}".replace(str(bench.root), "") for one in unread
    ] == [
        "file /out/bomb.gz: it cannot be read: /out/bomb.gz:1:1: bomb decodes to more "
        "than 1,000 times its size",
        "file /out/broken.xlsx: it cannot be read: File is not a zip file",
        "file /out/weights.safetensors: weights, pictures, sound and film were not read",
        "other clones, backups, and the caches of training machines: nobody can see them from here",
    ]
    assert not any(place.remains for place in unread)
