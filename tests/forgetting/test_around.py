"""What stands around a forgotten example: other work trees, figures, remotes, and merges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dslineage.errors import DslineageError, LockedError, RemoteError, UsageError
from dslineage.quality.measures import Measures
from dslineage.remotes.dvcremote import DvcRemote
from dslineage.remotes.remote import Listed
from dslineage.store.staging import staging
from dslineage.versions.opening import open_version
from tests.forgetting.hunt import where
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.remotes.support import Folder, clone, join
from tests.versions.support import Bench

DATA = "train.jsonl"
WITH = lines(*OTHERS[:100], SECRET, *OTHERS[100:])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench.make(tmp_path / "work")
    made.commit(DATA, WITH, workers=1)
    made.commit(DATA, lines(*OTHERS), workers=1)
    return made


def figures(bench: Bench) -> dict[str, list[float]]:
    """What every metric gives for each example but the forgotten one, in file order."""
    repo = bench.repo
    snapshot = open_version(repo.store, repo.show("v1").record)
    rows = np.delete(snapshot.rows(), 100)
    found = Measures(snapshot).table(repo.profile.measured, rows)
    return {name: values.parts()[0].tolist() for name, values in found.items()}


def test_figures_of_the_others_are_what_they_were(bench: Bench) -> None:
    before = figures(bench)
    recorded = bench.repo.show("v1").metrics
    bench.repo.forget(digest(SECRET), delete=True)
    assert figures(bench) == before
    assert bench.repo.show("v1").metrics == recorded


def test_in_a_second_work_tree_it_is_gone_as_well(bench: Bench, tmp_path: Path) -> None:
    bench.git("branch", "-q", "side", "HEAD~1")
    bench.git("worktree", "add", "-q", str(tmp_path / "side"), "side")
    side = Bench(tmp_path / "side")
    side.commit("more.jsonl", lines(SECRET), workers=1)
    result = side.repo.forget(digest(SECRET), delete=True)
    assert result.versions == {"more@v1": 1, "train@v1": 1}
    assert where(WORD, bench.root / ".git" / "dslineage") == []
    assert {place.where for place in result.places if place.remains} == {
        str(side.root / "more.jsonl")
    }
    assert bench.problems() == []


@pytest.mark.parametrize("error", [RemoteError, UsageError])
def test_a_remote_that_cannot_be_reached_is_a_place_that_remains(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[DslineageError]
) -> None:
    pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
    folder = Folder(str(tmp_path / "storage"), tmp_path / "storage")
    join(bench, folder)
    bench.repo.remotes.push()

    def silent(_: DvcRemote, folder: str) -> list[Listed]:
        raise error(f"nobody answers for {folder}")

    with monkeypatch.context() as patch:
        patch.setattr(DvcRemote, "listing", silent)
        result = bench.repo.forget(digest(SECRET), delete=True)
    assert result.remains
    assert "nobody answers" in result.remotes[0].why
    assert where(WORD, folder.folder) != []
    assert not bench.repo.forget(delete=True).remains
    assert where(WORD, folder.folder) == []


def test_blobs_go_from_the_remote(tmp_path: Path) -> None:
    pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
    from tests.forgetting.test_formats import zst

    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl.zst", zst([*OTHERS, SECRET]), workers=1)
    bench.commit("train.jsonl.zst", zst(OTHERS), workers=1)
    folder = Folder(str(tmp_path / "storage"), tmp_path / "storage")
    join(bench, folder)
    bench.repo.remotes.push()
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert result.remotes[0].deleted == result.removed
    assert where(WORD, folder.folder, bench.objects) == []
    assert not bench.repo.remotes.verify().problems
    bench.git("commit", "-q", "-m", "forgotten")
    assert bench.repo.remotes.push().sent.objects == 1, "the key"
    other = clone(bench, tmp_path / "clone")
    other.repo.remotes.pull()
    assert other.problems() == []
    done = other.repo.export("v1", output=tmp_path / "rest.jsonl", without_forgotten=True)
    assert done.examples == len(OTHERS)


def test_while_a_merge_is_under_way_nothing_is_forgotten(bench: Bench) -> None:
    note = bench.root / ".git" / "dslineage" / "merge.json"
    note.write_text("{}")
    with pytest.raises(UsageError, match="merge"):
        bench.repo.forget(digest(SECRET), delete=True)
    assert not (bench.root / ".dslineage" / "forgotten.json").exists()


def test_while_somebody_writes_objects_nothing_is_rewritten(bench: Bench) -> None:
    with staging(bench.repo.store), pytest.raises(LockedError):
        bench.repo.forget(digest(SECRET), delete=True)
    bench.repo.forget(delete=True)
    assert where(WORD, bench.objects) == []


def test_a_gitattributes_file_of_somebody_else_stays(bench: Bench) -> None:
    bench.put(".dslineage/.gitattributes", b"*.json -diff")
    bench.repo.forget(digest(SECRET), delete=True)
    lines_ = (bench.root / ".dslineage/.gitattributes").read_text().splitlines()
    assert lines_ == ["*.json -diff", "forgotten.json text eol=lf merge=union"]


def test_two_branches_that_forget_are_merged_by_git(bench: Bench) -> None:
    bench.repo.forget(digest(SECRET), delete=True)
    bench.git("commit", "-q", "-m", "one")
    for branch, example in (("a", OTHERS[0]), ("b", OTHERS[1])):
        bench.git("checkout", "-q", "-b", branch, "main")
        bench.repo.forget(digest(example), delete=True)
        bench.git("commit", "-q", "-m", branch)
    bench.git("merge", "-q", "a", "-m", "both")
    denied = bench.repo.deny_list
    assert denied is not None
    for example in (SECRET, *OTHERS[:2]):
        assert denied.denies(bytes.fromhex(digest(example)), bytes(32))
    assert not denied.denies(bytes.fromhex(digest(OTHERS[2])), bytes(32))
