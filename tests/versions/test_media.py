"""Media are versioned by what is in them, as far as they can be read."""

from __future__ import annotations

import hashlib
import os
import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dslineage.diff.options import DiffOptions
from dslineage.diff.result import DiffResult
from dslineage.errors import IntegrityError
from dslineage.files import diff_files
from dslineage.records import DatasetRecord
from dslineage.versions import media as versions_media
from dslineage.versions.options import ReadOptions
from tests.versions.support import Bench

PNG = b"\x89PNG\r\n\x1a\n"


def about(*names: Any, question: str = "What is it?") -> dict[str, Any]:
    """A chat about some pictures, named in a column."""
    turns = [
        {"role": "user", "content": f"{'<image>' * len(names)}{question}"},
        {"role": "assistant", "content": "A cat."},
    ]
    return {"messages": turns, "images": list(names)}


def in_parts(*parts: dict[str, Any]) -> dict[str, Any]:
    """A chat about some pictures, as parts of its content."""
    content = [{"type": "text", "text": "What is it?"}, *parts]
    return {
        "messages": [
            {"role": "user", "content": content},
            {"role": "assistant", "content": "A cat."},
        ]
    }


def lines(*examples: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(example) + b"\n" for example in examples)


def listed(bench: Bench, record: DatasetRecord) -> dict[str, str]:
    """The media of a version: the first digits of a hash, or why there is none."""
    assert record.media is not None
    media = bench.repo.store.media(record.media.list).media
    return {m.name: m.digest.short if m.digest else str(m.unread) for m in media}


def short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


def state(bench: Bench) -> tuple[str, int]:
    (status,) = bench.repo.status().datasets
    return status.state, status.media_changed


def diff(bench: Bench, *refs: str, **options: Any) -> DiffResult:
    return bench.repo.diff(*refs, options=DiffOptions(**options))


CATS = lines(
    about("img/1.png"),
    about("img/2.png", "img/1.png"),
    about("img/3.png"),
    {"messages": about()["messages"], "images": []},
)


@pytest.fixture
def cats(bench: Bench) -> Bench:
    """Three pictures, four examples, of which one shows none; `v1` is committed."""
    for name in ("1", "2", "3"):
        bench.put(f"img/{name}.png", PNG + name.encode())
    bench.commit("cats.jsonl", CATS)
    return bench


def test_a_version_lists_its_media_by_content(cats: Bench) -> None:
    record = cats.repo.show("cats").record
    assert listed(cats, record) == {f"img/{n}.png": short(PNG + n.encode()) for n in "123"}
    assert record.media is not None
    assert (record.media.read, record.media.unread, record.media.folder) == (3, {}, None)
    references = cats.repo.store.media(record.media.list).references
    assert references == ((0,), (1, 0), (2,), ())


def test_unchanged_rows_with_a_changed_picture_are_a_new_version(cats: Bench) -> None:
    before = cats.repo.show("cats").record
    assert cats.add("cats.jsonl").record == before
    assert state(cats) == ("clean", 0)
    cats.put("img/1.png", PNG + b"another")
    assert state(cats) == ("modified", 1)
    after = cats.commit("cats.jsonl").record
    assert after.label == "v2"
    assert after.content_hash == before.content_hash
    assert after.training_hash != before.training_hash
    assert dict(after.change[before.id])["media_changed"] == 2
    assert state(cats) == ("clean", 0)
    cats.put("img/1.png", PNG + b"1")
    assert cats.add("cats.jsonl").record.training_hash == before.training_hash
    assert cats.problems() == []


def test_a_draft_whose_pictures_went_back_to_what_they_were_is_gone(cats: Bench) -> None:
    before = cats.repo.show("cats").record
    cats.put("img/1.png", PNG + b"another")
    assert cats.add("cats.jsonl").draft
    cats.put("img/1.png", PNG + b"1")
    assert cats.add("cats.jsonl").record == before


def test_commit_records_a_changed_picture(cats: Bench) -> None:
    cats.put("img/2.png", PNG + b"another")
    done = cats.repo.commit("another cat")
    assert [info.record.label for info in done.versions] == ["v2"]


def test_a_diff_counts_and_lists_examples_with_other_media(cats: Bench) -> None:
    cats.put("img/1.png", PNG + b"another")
    saved = diff(cats, rows=True)
    cats.commit("cats.jsonl")
    result = diff(cats, "cats@v1", "cats@v2", rows=True)
    assert result.media_changed == saved.media_changed == 2
    assert (result.unchanged, result.edited, result.identical) == (4, 0, True)
    assert result.rows == ()
    assert result.media_rows == saved.media_rows
    rows = [row.to_dict() for row in result.media_rows or ()]
    assert [(row["before_position"], row["after_position"]) for row in rows] == [(0, 0), (1, 1)]
    digests = [hashlib.sha256(PNG + end).hexdigest() for end in (b"1", b"another")]
    expected = [{"name": "img/1.png", "before": digests[0], "after": digests[1]}]
    assert [row["media"] for row in rows] == [expected, expected]
    assert len(diff(cats, "cats@v1", "cats@v2", rows=True, limit=1).media_rows or ()) == 1
    assert diff(cats, "cats@v1", "cats@v2", rows=True, kinds=("prompt",)).media_rows == ()
    assert len(diff(cats, "cats@v1", "cats@v2", rows=True, kinds=("media",)).media_rows or ()) == 2
    assert diff(cats, "cats@v2", "cats@v2").media_changed == 0


def test_other_media_are_found_in_another_order_and_among_edits(cats: Bench) -> None:
    cats.put("img/2.png", PNG + b"another")
    shuffled = lines(
        about("img/3.png", question="Which cat is that over there on the left side?"),
        about("img/2.png", "img/1.png"),
        about("img/1.png"),
    )
    cats.commit("cats.jsonl", shuffled)
    (row,) = diff(cats, "cats@v1", "cats@v2", rows=True).media_rows or ()
    assert (row.before_position, row.after_position, list(row.media)) == (1, 1, ["img/2.png"])


def test_an_edit_of_an_example_whose_picture_changed_too_is_of_kind_media(bench: Bench) -> None:
    bench.put("1.png", PNG)
    example = about("1.png")
    bench.commit("cats.jsonl", lines(example))
    bench.put("1.png", PNG + b"another")
    example["messages"][1] = {"role": "assistant", "content": "A dog."}
    bench.commit("cats.jsonl", lines(example))
    result = diff(bench, "cats@v1", "cats@v2")
    assert result.edits == {"response": 1, "media": 1}
    assert result.media_changed == 0


def test_missing_pictures_are_listed_and_come_to_count_when_they_are_there(cats: Bench) -> None:
    (cats.root / "img/3.png").unlink()
    assert state(cats) == ("modified", 1)
    added = cats.repo.add([cats.root / "cats.jsonl"])
    assert added.notices == (
        "1 of 3 media were not read (1 missing), such as img/3.png: a change of what is in them "
        "goes unseen",
    )
    cats.git("commit", "-q", "-m", "missing")
    missing = cats.repo.show("cats").record
    assert missing.media is not None
    assert (missing.media.read, missing.media.unread) == (2, {"missing": 1})
    result = diff(cats, "cats@v1", "cats@v2")
    assert result.media_changed == 0
    assert result.notices == (
        "of 1 unchanged example, media were read on one side only: nobody can say if they changed",
    )
    assert state(cats) == ("clean", 0)
    cats.put("img/3.png", PNG + b"3")
    assert (
        cats.add("cats.jsonl").record.training_hash
        == cats.repo.show("cats@v1").record.training_hash
    )


def test_only_regular_files_of_the_repository_are_read(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    bench.put("pictures/real.png", PNG)
    (bench.root / "out.png").symlink_to(tmp_path / "secret.png")
    (bench.root / "outside").symlink_to(tmp_path)
    (bench.root / "in.png").symlink_to("pictures/real.png")
    (bench.root / "loop.png").symlink_to("loop.png")
    os.mkfifo(bench.root / "pipe.png")
    with (bench.root / "large.mp4").open("wb") as handle:
        handle.truncate(versions_media.MEDIA_BYTES + 1)
    read, url = short(PNG), "https://example.org/1.png"
    expected = {
        "pictures/real.png": read,
        "./pictures/../pictures/real.png": read,
        str(bench.root / "pictures/real.png"): read,
        "in.png": read,
        "out.png": "outside",
        "outside/secret.png": "outside",
        "../secret.png": "outside",
        str(tmp_path / "secret.png"): "outside",
        "/etc/passwd": "outside",
        ".git/config": "outside",
        ".dslineage/README.md": "outside",
        "loop.png": "missing",
        "nothing.png": "missing",
        "in.png/x": "missing",
        "a\0b.png": "missing",
        "x" * 300: "missing",
        "pictures": "not-a-file",
        "pipe.png": "not-a-file",
        "large.mp4": "too-large",
        url: "url",
        "s3://bucket/1.png": "url",
        f"file://{bench.root}/pictures/real.png": "url",
    }
    record = bench.add("all.jsonl", lines(*map(about, expected))).record
    assert listed(bench, record) == dict(sorted(expected.items()))


def test_a_file_that_may_not_be_read_is_denied(bench: Bench) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    bench.put("1.png", PNG).chmod(0)
    assert listed(bench, bench.add("one.jsonl", lines(about("1.png"))).record) == {
        "1.png": "denied"
    }


def test_references_are_found_in_parts_and_columns_alike(bench: Bench) -> None:
    for name in ("1.png", "2.png", "3.wav", "4.mp4"):
        bench.put(name, name.encode())
    examples = (
        in_parts({"type": "image", "image": "1.png"}, {"type": "image_url", "image_url": "2.png"}),
        in_parts({"type": "image_url", "image_url": {"url": "2.png", "detail": "low"}}),
        in_parts({"type": "audio", "path": "3.wav"}),
        about("1.png") | {"videos": ["4.mp4"], "audios": "3.wav"},
        about("1.png") | {"videos": [["1.png", "2.png"]]},
        about({"path": "1.png"}),
    )
    record = bench.add("all.jsonl", lines(*examples)).record
    assert record.media is not None
    media = bench.repo.store.media(record.media.list)
    names = [[media.media[place].name for place in places] for places in media.references]
    assert names == [
        ["1.png", "2.png"],
        ["2.png"],
        ["3.wav"],
        ["1.png", "4.mp4", "3.wav"],
        ["1.png", "1.png", "2.png"],
        ["1.png"],
    ]


def test_media_that_are_in_the_data_have_no_names(bench: Bench) -> None:
    encoded = b64encode(PNG * 1000).decode()
    examples = (
        about(f"data:image/png;base64,{encoded[:40]}"),
        about({"bytes": encoded, "path": "1.png"}),
        about(encoded),
        in_parts({"type": "input_audio", "input_audio": {"data": encoded, "format": "wav"}}),
        in_parts({"type": "image_url", "image_url": {"url": f"DATA:image/png;base64,{encoded}"}}),
    )
    assert bench.add("all.jsonl", lines(*examples)).record.media is None
    assert list((bench.objects / "media").iterdir()) == []


def test_without_media_that_were_read_the_training_hash_is_that_of_the_conversations(
    bench: Bench, tmp_path: Path
) -> None:
    """So versions that were recorded when media were not read yet keep their meaning."""
    data = lines(about("1.png"), about("https://example.org/2.png"))
    elsewhere = Bench.make(tmp_path / "elsewhere")
    elsewhere.put("1.png", PNG)
    here, there = bench.add("a.jsonl", data).record, elsewhere.add("a.jsonl", data).record
    assert here.content_hash == there.content_hash
    assert here.training_hash != there.training_hash
    plain = diff_files(elsewhere.put("b/a.jsonl", data), bench.root / "a.jsonl")
    assert plain.from_.training_hash == plain.to.training_hash == str(here.training_hash)


def test_text_costs_no_look_at_any_file(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions_media.MediaFiles, "listed", None)
    record = bench.add("text.jsonl", lines({"prompt": "1.png", "completion": "2.png"})).record
    assert record.media is None
    assert "media" not in orjson.loads(record.to_bytes())


def test_names_begin_where_the_data_file_is(bench: Bench) -> None:
    """Equal rows in two folders show two pictures; each is seen when it changes."""
    for folder in ("train", "test"):
        bench.put(f"set/{folder}/1.png", PNG + folder.encode())
        bench.put(f"set/{folder}/data.jsonl", lines(about("1.png")))
    record = bench.commit("set").record
    assert listed(bench, record) == {
        "set/test/1.png": short(PNG + b"test"),
        "set/train/1.png": short(PNG + b"train"),
    }
    bench.put("set/train/1.png", PNG + b"another")
    assert state(bench) == ("modified", 1)
    bench.commit("set")
    (row,) = diff(bench, "set@v1", "set@v2", rows=True).media_rows or ()
    assert (row.before_position, list(row.media)) == (1, ["set/train/1.png"])
    bench.put("set/train/1.png", PNG + b"test")
    bench.put("set/test/1.png", PNG + b"another")
    assert bench.add("set").record.label == "v2", "equal examples that swapped their pictures"
    bench.put("set/train/1.png", PNG + b"a third")
    bench.commit("set")
    assert diff(bench, "set@v2", "set@v3").media_changed == 1


def test_a_media_folder_is_kept_for_the_versions_that_follow(bench: Bench) -> None:
    bench.put("pictures/1.png", PNG)
    bench.put("data/train.jsonl", lines(about("1.png")))
    options = ReadOptions(media_dir="pictures")
    record = bench.repo.add([bench.root / "data/train.jsonl"], options=options).version.record
    assert record.media is not None
    assert record.media.folder == "../pictures"
    assert listed(bench, record) == {"../pictures/1.png": short(PNG)}
    bench.git("commit", "-q", "-m", "data")
    bench.put("pictures/1.png", PNG + b"another")
    assert state(bench) == ("modified", 1)
    assert diff(bench).media_changed == 1
    again = bench.commit("data/train.jsonl").record
    assert again.media is not None
    assert again.media.folder == "../pictures"


@pytest.mark.parametrize("sharded", [False, True])
def test_a_struct_of_bytes_and_path_is_read_by_its_path_where_it_has_no_bytes(
    bench: Bench, *, sharded: bool
) -> None:
    """The images of Hugging Face datasets: in the file, or beside it."""
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    rows = [
        about(question=f"{n}?") | {"images": [{"bytes": data, "path": f"{n}.png"}]}
        for n, data in enumerate([PNG, None, None])
    ]
    table = pa.Table.from_pylist(rows)
    table = table.set_column(1, "images", table["images"].cast(pa.list_(kind)))
    (bench.root / "set").mkdir()
    for n in range(3):
        bench.put(f"set/{n}.png", b"%d" % n)
    parts = [table.slice(0, 2), table.slice(2)] if sharded else [table]
    for n, part in enumerate(parts):
        pq.write_table(part, bench.root / f"set/data-{n:05}-of-{len(parts):05}.parquet")
    record = bench.commit("set").record
    assert record.examples == 3
    assert listed(bench, record) == {f"set/{n}.png": short(b"%d" % n) for n in (1, 2)}
    bench.put("set/2.png", b"another")
    assert bench.add("set").record.content_hash == record.content_hash
    assert diff(bench, "set@v1", "set@v2").media_changed == 1


@pytest.mark.parametrize("store", ["auto", "rows", "index"])
@pytest.mark.parametrize("name", ["cats.jsonl", "cats.jsonl.zst", "cats.parquet"])
def test_any_number_of_workers_makes_the_same_record(
    bench: Bench, tmp_path: Path, store: str, name: str
) -> None:
    rows = [about(f"img/{n % 7}.png", question=f"{n}?") for n in range(50)]
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist(rows), bench.root / name)
    else:
        compress: Callable[[bytes], bytes] = (
            __import__("zstandard").ZstdCompressor().compress if name.endswith("zst") else bytes
        )
        bench.put(name, compress(lines(*rows)))
    for n in range(6):
        bench.put(f"img/{n}.png", b"%d" % n)
    other = bench.copy(tmp_path / "other")
    one = bench.add(name, workers=1, store=store, chunk_bytes=1000).record
    two = other.add(name, workers=2, store=store).record
    assert one.media is not None
    assert (one.media.read, one.media.unread) == (6, {"missing": 1})
    assert one.to_bytes() == two.to_bytes()


def test_a_picture_that_changed_without_changing_its_time_is_noticed(cats: Bench) -> None:
    path = cats.root / "img/1.png"
    status = path.stat()
    assert state(cats) == ("clean", 0)
    path.write_bytes(PNG + b"!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert state(cats) == ("modified", 1)


def test_what_verify_says_of_a_media_list(cats: Bench) -> None:
    (path,) = (cats.objects / "media").iterdir()
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        (problem,) = cats.repo.verify().problems
        assert (problem.kind, problem.name, problem.needed_by) == ("media", path.name, ("cats@v1",))
    path.unlink()
    (problem,) = cats.repo.verify().problems
    assert (problem.kind, problem.message) == ("media", f"missing object {path.name}")
    assert state(cats) == ("clean", 0)
    cats.add("cats.jsonl")
    assert path.read_bytes() == whole
    assert cats.problems() == []


def test_a_list_of_other_examples_is_refused(cats: Bench) -> None:
    """A record that was made to lie, down to its id."""
    cats.put("img/1.png", PNG + b"another")
    shown = cats.repo.show("cats").record
    cats.commit("cats.jsonl", lines(about("img/1.png")))
    listing = cats.repo.show("cats").record.media
    document = orjson.loads(shown.to_bytes()) | {"media": listing.to_dict() if listing else None}
    forged = cats.root / ".dslineage/records/dataset/cats" / shown.file_name
    forged.write_bytes(orjson.dumps(document))
    assert len(cats.problems()) >= 1
    with pytest.raises(IntegrityError):
        diff(cats, "cats@v1", "cats@v2")


def test_a_checkout_leaves_pictures_as_they_are(cats: Bench) -> None:
    cats.put("img/1.png", PNG + b"another")
    cats.commit("cats.jsonl", CATS + CATS)
    cats.repo.checkout("cats@v1")
    assert (cats.root / "cats.jsonl").read_bytes() == CATS
    assert (cats.root / "img/1.png").read_bytes() == PNG + b"another"
    assert state(cats) == ("modified", 1)


def test_a_version_is_diffed_without_pictures_or_cache(cats: Bench) -> None:
    cats.put("img/1.png", PNG + b"another")
    cats.commit("cats.jsonl")
    shutil.rmtree(cats.root / "img")
    shutil.rmtree(cats.objects / "cache")
    assert diff(cats, "cats@v1", "cats@v2").media_changed == 2
    assert cats.problems() == []


def test_a_file_in_a_commit_shows_media_that_nobody_knows(cats: Bench) -> None:
    cats.git("add", "-f", "cats.jsonl")
    cats.git("commit", "-q", "-m", "file")
    result = diff(cats, "HEAD:cats.jsonl", "cats@v1")
    assert (result.media_changed, result.unchanged) == (0, 4)
    assert len(result.notices) == 1


def test_plain_files_are_compared_with_the_media_beside_them(tmp_path: Path) -> None:
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.jsonl").write_bytes(lines(about("1.png"), about("2.png")))
        (tmp_path / side / "1.png").write_bytes(PNG + side.encode())
        (tmp_path / side / "2.png").write_bytes(PNG)
    result = diff_files(tmp_path / "old/a.jsonl", tmp_path / "new/a.jsonl")
    assert (result.media_changed, result.unchanged) == (1, 2)
