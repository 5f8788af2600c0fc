"""What only a remote has of a forgotten example: packs from before, and those nobody fetched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dslineage.remotes import receiving
from dslineage.remotes.fetching import Texts
from dslineage.store import repacking
from tests.forgetting.hunt import where
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.forgetting.test_formats import zst
from tests.remotes.support import Folder, clone, join
from tests.versions.support import Bench

pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(str(tmp_path / "storage"), tmp_path / "storage")


@pytest.fixture
def bench(tmp_path: Path, folder: Folder) -> Bench:
    made = Bench.make(tmp_path / "work")
    join(made, folder)
    return made


def test_a_pack_that_was_written_anew_here_goes_from_the_remote(
    bench: Bench, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repacking, "MANY", 1)
    bench.commit("a.jsonl", lines(*OTHERS[:10], SECRET), workers=1)
    bench.repo.remotes.push()
    bench.commit("b.jsonl", lines(*OTHERS[10:20]), workers=1)
    repacked = bench.repo.gc(delete=True, grace_days=0).repacked
    assert repacked is not None
    bench.repo.remotes.push()
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert where(WORD, bench.objects, folder.folder) == []
    assert not any(remote.remains for remote in result.remotes)
    assert not bench.repo.remotes.verify().problems
    assert not bench.repo.verify().problems


@pytest.mark.parametrize("name", ["train.jsonl", "train.jsonl.zst"])
def test_a_clone_that_never_fetched_an_example_forgets_it_on_the_remote(
    bench: Bench, folder: Folder, tmp_path: Path, name: str
) -> None:
    write = lines if name == "train.jsonl" else lambda *some: zst(some)
    bench.commit(name, write(*OTHERS[:50], SECRET, *OTHERS[50:]), workers=1)
    bench.commit(name, write(*OTHERS), workers=1)
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    other.commit("own.jsonl", lines({"prompt": "mine", "completion": "alone"}), workers=1)
    result = other.repo.forget(digest(SECRET), delete=True)
    assert result.unknown == ()
    assert where(WORD, other.objects, folder.folder) == []
    assert [remote.unsearched for remote in result.remotes] == [0]
    other.git("commit", "-q", "-m", "forgotten")
    other.repo.remotes.push()
    third = clone(other, tmp_path / "third")
    third.repo.remotes.fetch("train@v1", "train@v2")
    assert third.repo.export("train@v2", output=tmp_path / "v2.jsonl").examples == len(OTHERS)
    rest = third.repo.export("train@v1", output=tmp_path / "v1.jsonl", without_forgotten=True)
    assert rest.examples == len(OTHERS)


def test_packs_without_it_stay_where_they_are(bench: Bench, folder: Folder, tmp_path: Path) -> None:
    bench.commit("a.jsonl", lines(*OTHERS), workers=1)
    bench.repo.remotes.push()
    before = sorted(path.name for path in folder.folder.rglob("*") if path.is_file())
    other = clone(bench, tmp_path / "clone")
    result = other.repo.forget(digest(SECRET), delete=True)
    assert [(one.unsearched, one.replaced, one.deleted) for one in result.remotes] == [(0, (), ())]
    assert sorted(path.name for path in folder.folder.rglob("*") if path.is_file()) == before
    assert other.repo.store.pack_names() == []


def test_before_anything_is_deleted_it_is_told_how_many_were_not_looked_into(
    bench: Bench, tmp_path: Path
) -> None:
    bench.commit("a.jsonl", lines(*OTHERS, SECRET), workers=1)
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    other.commit("own.jsonl", lines({"prompt": "mine", "completion": "alone"}), workers=1)
    result = other.repo.forget(digest(SECRET))
    assert result.remains
    assert [remote.unsearched for remote in result.remotes] == [1]


@pytest.mark.parametrize("texts", ["none", "changed"])
@pytest.mark.parametrize("name", ["train.jsonl", "train.jsonl.zst"])
def test_a_clone_that_left_texts_out_forgets_them_on_the_remote_and_loses_no_others(
    bench: Bench, folder: Folder, tmp_path: Path, name: str, texts: Texts
) -> None:
    write = lines if name == "train.jsonl" else lambda *some: zst(some)
    bench.commit(name, write(*OTHERS[:50], SECRET), workers=1)
    bench.commit(name, write(*OTHERS[:50], SECRET, *OTHERS[50:]), workers=1)
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    other.repo.remotes.fetch("train@v1", "train@v2", texts=texts)
    result = other.repo.forget(digest(SECRET), delete=True)
    assert not any(remote.remains for remote in result.remotes)
    assert where(WORD, other.objects, folder.folder) == []
    other.git("commit", "-q", "-m", "forgotten")
    third = clone(other, tmp_path / "third")
    third.repo.remotes.fetch("train@v1", "train@v2")
    rest = third.repo.export("train@v2", output=tmp_path / "v2.jsonl", without_forgotten=True)
    assert rest.examples == len(OTHERS)


def test_a_blob_that_cannot_come_stays_with_the_others_in_it_and_is_named(
    bench: Bench, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.commit("train.jsonl.zst", zst((*OTHERS, SECRET)), workers=1)
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    other.repo.remotes.fetch("train@v1", texts="none")
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "free_bytes", lambda _: 0)
        result = other.repo.forget(digest(SECRET), delete=True)
    [remote] = result.remotes
    [blob] = (folder.folder / "dslineage" / "blobs").iterdir()
    assert result.remains
    assert remote.left == (f"blobs/{blob.name[:64]}",)
    assert "could not be fetched to be written anew" in remote.why
    again = other.repo.forget(delete=True)
    assert not any(remote.remains for remote in again.remotes)
    assert where(WORD, other.objects, folder.folder) == []
    rest = other.repo.export("train@v1", output=tmp_path / "v1.jsonl", without_forgotten=True)
    assert rest.examples == len(OTHERS)


def test_a_file_stays_on_the_remote_while_a_pack_there_cannot_be_looked_into(
    bench: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(bench, tmp_path / "clone")
    bench.commit("a.jsonl.zst", zst([*OTHERS, SECRET]), workers=1)
    bench.repo.remotes.push()
    other.commit("own.jsonl", lines(*OTHERS[:10]), workers=1)
    other.commit("a.jsonl.zst", zst([*OTHERS, SECRET]), workers=1)
    [theirs] = bench.repo.store.pack_names()
    [columns] = folder.folder.rglob(f"{theirs.hex}.rows-*")
    sound = columns.read_bytes()
    columns.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    [remote] = other.repo.forget(digest(SECRET), delete=True).remotes
    assert (remote.unsearched, remote.remains) == (1, True)
    assert [name.partition("/")[0] for name in remote.left] == ["blobs"]
    assert "could not be looked into" in remote.why
    columns.write_bytes(sound)
    [remote] = other.repo.forget(delete=True).remotes
    assert not remote.remains
    assert where(WORD, other.objects, folder.folder) == []
    shutil.rmtree(bench.objects)
    bench.repo.remotes.fetch()
    rest = bench.repo.export("v1", output=tmp_path / "rest.jsonl", without_forgotten=True)
    assert rest.examples == len(OTHERS)
