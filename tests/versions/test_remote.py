"""Files on remotes: indexed where they are, by URL; nothing of them is kept."""

from __future__ import annotations

import gzip
import os
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from dslineage.errors import RemoteError, UndecidableError, UsageError
from dslineage.files import diff_files
from dslineage.results import AddResult
from dslineage.versions import remote
from dslineage.versions.options import ReadOptions
from tests.versions.support import Bench

INDEX = ReadOptions(store="index")


def lines(count: int, word: str = "answer") -> bytes:
    return b"".join(
        b'{"prompt":"question number %d","completion":"the %s to it is %d"}\n'
        % (number, word.encode(), number)
        for number in range(count)
    )


@pytest.fixture
def put() -> Iterator[Callable[[str, bytes], str]]:
    """Puts a file on a remote that lives in memory; its URL."""

    def write(path: str, data: bytes) -> str:
        url = f"memory://{path}"
        with fsspec.open(url, "wb") as handle:
            handle.write(data)
        return url

    yield write
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


Put = Callable[[str, bytes], str]


def add(bench: Bench, *urls: str, name: str | None = None, **options: Any) -> AddResult:
    chosen: dict[str, Any] = {"store": "index", "workers": 1} | options
    return bench.repo.add(list(urls), name=name, options=ReadOptions(**chosen))


def test_a_file_on_a_remote_has_the_hashes_of_the_same_file_here(bench: Bench, put: Put) -> None:
    here = bench.commit("train.jsonl", lines(50))
    there = add(bench, put("bucket/remote.jsonl", lines(50))).version
    assert there.record.content_hash == here.record.content_hash
    assert there.record.training_hash == here.record.training_hash
    assert there.record.order_hash == here.record.order_hash
    assert there.record.store == "index"


def test_the_pointer_stands_where_one_is_and_names_the_url(bench: Bench, put: Put) -> None:
    url = put("bucket/data/train.jsonl", lines(5))
    add(bench, url)
    (entry,) = bench.pointer("train.jsonl").files
    assert (entry.path, entry.url) == ("train.jsonl", url)
    assert not (bench.root / "train.jsonl").exists()
    assert not (bench.root / ".gitignore").exists()
    staged = bench.git("diff", "--cached", "--name-only").split()
    assert "train.jsonl.dsl.json" in staged


def test_nothing_of_the_bytes_is_kept(bench: Bench, put: Put) -> None:
    add(bench, put("b/train.jsonl", lines(5000)))
    kept = [path for path in bench.objects.rglob("*") if path.is_file()]
    assert not any(path.suffix == ".zst" for path in kept)
    assert not any(b"question number" in path.read_bytes() for path in kept)


def test_a_folder_on_a_remote_is_one_data_set(bench: Bench, put: Put) -> None:
    put("bucket/shards/part-1.jsonl", lines(4))
    put("bucket/shards/part-0.jsonl", lines(3))
    put("bucket/shards/_SUCCESS", b"")
    put("bucket/shards/notes.txt", b"no data")
    record = add(bench, "memory://bucket/shards/").version.record
    assert record.dataset == "shards"
    assert [entry.path for entry in record.files] == ["shards/part-0.jsonl", "shards/part-1.jsonl"]
    assert record.examples == 7


def test_several_files_share_a_pointer_under_their_name(bench: Bench, put: Put) -> None:
    urls = put("a/x.jsonl", lines(3)), put("b/y.jsonl.gz", gzip.compress(lines(2)))
    with pytest.raises(UsageError, match="need a name"):
        add(bench, *urls)
    record = add(bench, *urls, name="both").version.record
    assert [entry.url for entry in record.files] == list(urls)
    assert (bench.root / "both.dsl.json").is_file()


def test_a_remote_table_is_read_as_a_table(bench: Bench, put: Put, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"prompt": f"q {number}", "completion": "a"} for number in range(9)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    url = put("t.parquet", (tmp_path / "t.parquet").read_bytes())
    assert add(bench, url).version.record.examples == 9
    with bench.repo.snapshot("t@v1") as snapshot:
        assert next(snapshot.read(snapshot.rows()[4:5])) == rows[4]


def test_a_new_version_and_a_diff_read_the_remote_again(bench: Bench, put: Put) -> None:
    url = put("b/train.jsonl", lines(30))
    add(bench, url)
    bench.git("commit", "-qm", "first")
    put("b/train.jsonl", lines(30).replace(b'answer to it is 7"', b'reply to it is 7"'))
    assert add(bench, url).unchanged is False
    put("b/train.jsonl", lines(29))
    result = bench.repo.diff("train")
    assert result.to_dict()["examples"]["removed"] == 1
    assert [notice for notice in result.notices if notice.startswith("no examples are shown")]


def test_what_needs_the_text_of_a_version_that_is_gone_cannot_be_decided(
    bench: Bench, put: Put
) -> None:
    url = put("b/train.jsonl", lines(30))
    add(bench, url)
    bench.git("commit", "-qm", "first")
    put("b/train.jsonl", lines(30).replace(b"question", b"riddle").replace(b"answer", b"reply"))
    second = add(bench, url)
    assert second.version.record.change == {}
    assert [notice for notice in second.notices if "is not counted" in notice]
    with pytest.raises(UndecidableError, match="gone or has changed"):
        bench.repo.diff("v1", "v2")


def test_status_leaves_the_remote_alone_and_checkout_writes_nothing(bench: Bench, put: Put) -> None:
    url = put("b/train.jsonl", lines(3))
    first = add(bench, url)
    bench.git("commit", "-qm", "first")
    MemoryFileSystem.store.clear()
    (status,) = bench.repo.status().datasets
    assert (status.state, status.files) == ("remote", (url,))
    assert bench.repo.checkout().files == ()
    assert bench.repo.show("train").record == first.version.record


def test_verify_reads_the_remote_when_told_to(bench: Bench, put: Put) -> None:
    url = put("b/train.jsonl", lines(3))
    add(bench, url)
    result = bench.repo.verify()
    assert (result.problems, result.unread) == ((), (url,))
    assert bench.repo.verify(urls=True).problems == ()
    put("b/train.jsonl", lines(4))
    (changed,) = bench.repo.verify(urls=True).problems
    assert (changed.kind, changed.name, changed.needed_by) == ("file", url, ("train@v1",))
    MemoryFileSystem.store.clear()
    (gone,) = bench.repo.verify(urls=True).problems
    assert gone.message == f"there is no file {url}"


def test_what_is_not_there_is_an_error_of_the_remote(bench: Bench) -> None:
    before = bench.files()
    with pytest.raises(RemoteError, match=r"there is no file memory://none\.jsonl") as caught:
        add(bench, "memory://none.jsonl")
    assert caught.value.kind == "no-remote-file"
    assert bench.files() == before


def test_a_file_that_changes_while_it_is_read_is_not_recorded(
    bench: Bench, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = put("b/train.jsonl", lines(30))
    monkeypatch.setattr(remote, "_PIECE", 100)
    reads = []

    def report(progress: Any) -> None:
        reads.append(progress)
        if len(reads) == 3:
            put("b/train.jsonl", lines(20))

    with pytest.raises(RemoteError, match="changed while it was read"):
        bench.repo.add([url], options=INDEX, report=report)
    assert bench.repo.catalog.names() == []


def test_bad_records_are_named_by_the_url(bench: Bench, put: Put) -> None:
    url = put("b/train.jsonl", lines(3) + b"{broken\n")
    with pytest.raises(Exception, match=re.escape(f"{url}:4:")):
        add(bench, url)


def test_bytes_of_a_remote_are_not_kept_and_the_command_says_how_to_go_on(
    bench: Bench, put: Put
) -> None:
    url = put("b/train.jsonl", lines(3))
    with pytest.raises(UsageError) as caught:
        add(bench, url, store="auto")
    assert caught.value.hint == f"dslineage add {url} --index-only"


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:secret@bucket/x.jsonl",
        "https://host/x.jsonl?X-Amz-Signature=secret",
        "sftp://ada:secret@host/x.jsonl",
    ],
)
def test_a_url_with_a_secret_in_it_is_refused_and_not_repeated(bench: Bench, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        add(bench, url)
    assert caught.value.kind == "secret-url"
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("url", ["file:///etc/hosts", "zip://x.jsonl::memory://x.zip"])
def test_what_is_no_remote_is_refused(bench: Bench, url: str) -> None:
    with pytest.raises(UsageError):
        add(bench, url)


def test_an_unknown_scheme_and_a_missing_package_say_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        add(bench, "nowhere://x.jsonl")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(UsageError) as caught:
        add(bench, "s3://bucket/x.jsonl")
    assert caught.value.hint == "pip install 'dslineage[s3]'"


def test_two_urls_are_compared_without_a_repository(put: Put) -> None:
    urls = put("a.jsonl", lines(30)), put("b.jsonl", lines(31))
    result = diff_files(*urls, read=ReadOptions(workers=1))
    assert result.to_dict()["examples"]["unchanged"] == 30


def test_a_large_file_is_copied_in_pieces(put: Put, tmp_path: Path) -> None:
    data = os.urandom(1 << 20) * 48
    put("large.bin", data)
    tracemalloc.start()
    remote.fetch("memory:/", ["large.bin"], tmp_path, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "large.bin").stat().st_size == len(data)
    assert peak < 24 << 20
