"""Forgetting an example: its bytes are nowhere, its digest stays, everything else is as before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from tests.forgetting.hunt import where
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.remotes.support import Folder, clone, join
from tests.versions.support import Bench

DATA = "data/train.jsonl"
WITH = lines(*OTHERS[:100], SECRET, *OTHERS[100:])
WITHOUT = lines(*OTHERS)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository with two versions, of which the first has the example twice."""
    made = Bench.make(tmp_path / "work")
    made.commit(DATA, WITH + lines(SECRET), workers=1)
    made.commit(DATA, WITHOUT, workers=1)
    return made


@pytest.fixture
def folder(bench: Bench, tmp_path: Path) -> Folder:
    """A remote, to which both were pushed."""
    pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
    made = Folder(str(tmp_path / "storage"), tmp_path / "storage")
    join(bench, made)
    bench.repo.remotes.push()
    return made


def test_without_delete_nothing_is_changed(bench: Bench) -> None:
    before = bench.listing()
    result = bench.repo.forget(digest(SECRET))
    assert bench.listing() == before
    [example] = result.examples
    assert (example.digest, example.versions) == (f"sha256:{digest(SECRET)}", ("train@v1",))
    assert (example.named, example.kept, result.remains) == (True, True, True)
    assert result.versions == {"train@v1": 2}


def test_the_bytes_are_nowhere_in_the_repository_or_on_the_remote(
    bench: Bench, folder: Folder
) -> None:
    assert len(where(WORD, bench.root, folder.folder)) == 2
    result = bench.repo.forget(digest(SECRET)[:12], delete=True)
    assert where(WORD, bench.root, folder.folder) == []
    assert not result.remains
    assert sorted({name.partition("/")[0] for name in result.rewritten}) == [
        "measures",
        "packs",
        "views",
    ]
    assert result.remotes[0].replaced == result.rewritten


def test_what_is_left_is_whole(bench: Bench, folder: Folder, tmp_path: Path) -> None:
    before = {name for name in bench.files() if "/cache/" not in name}
    bench.repo.forget(digest(SECRET), delete=True)
    assert bench.problems() == []
    assert {name for name in bench.files() if "/cache/" not in name} - before == {
        ".dslineage/.gitattributes",
        ".dslineage/forgotten.json",
        ".git/dslineage/collecting",
        *(str(path.relative_to(bench.root)) for path in (bench.objects / "keys").iterdir()),
    }
    bench.repo.checkout("v2")
    assert (bench.root / DATA).read_bytes() == WITHOUT
    bench.git("commit", "-q", "-m", "forgotten")
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    other.repo.remotes.pull()
    assert other.problems() == []
    assert (other.root / DATA).read_bytes() == WITHOUT
    assert where(WORD, other.root) == []


def test_a_version_with_a_forgotten_example_cannot_be_restored_whole(bench: Bench) -> None:
    bench.repo.forget(digest(SECRET), delete=True)
    with pytest.raises(IntegrityError) as caught:
        bench.repo.checkout("v1", force=True)
    assert caught.value.kind == "forgotten"
    assert (bench.root / DATA).read_bytes() == WITHOUT


@pytest.mark.usefixtures("folder")
def test_a_pull_writes_the_files_that_are_whole_and_names_the_others(
    bench: Bench, tmp_path: Path
) -> None:
    bench.commit("other.jsonl", lines(*OTHERS[:3], SECRET), workers=1)
    bench.repo.forget(digest(SECRET), delete=True)
    bench.git("commit", "-q", "-m", "forgotten")
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    result = other.repo.remotes.pull()
    assert [path.name for path in result.written] == [Path(DATA).name]
    (why,) = result.unwritten
    assert why.startswith("other@v1: other.jsonl can no longer be restored whole")


def test_to_forget_twice_is_to_forget_once(bench: Bench, folder: Folder) -> None:
    bench.repo.forget(digest(SECRET), delete=True)
    before = bench.listing()
    for digests in ((digest(SECRET),), ()):
        again = bench.repo.forget(*digests, delete=True)
        assert (again.rewritten, again.removed) == ((), ())
        assert (again.remotes[0].replaced, again.remotes[0].deleted) == ((), ())
    after = bench.listing()
    assert {name: one[3] for name, one in after.items()} == {
        name: one[3] for name, one in before.items()
    }


def test_what_another_clone_forgot_is_forgotten_here_after_a_pull(
    bench: Bench, folder: Folder, tmp_path: Path
) -> None:
    other = clone(bench, tmp_path / "clone")
    other.repo.remotes.fetch()
    bench.repo.forget(digest(SECRET), delete=True)
    bench.git("commit", "-q", "-m", "forgotten")
    bench.repo.remotes.push()
    other.git("pull", "-q")
    assert len(where(WORD, other.root)) == 1
    other.repo.remotes.fetch()
    with pytest.raises(IntegrityError, match="still kept here"):
        other.repo.remotes.push()
    result = other.repo.forget(delete=True)
    assert where(WORD, other.root) == []
    assert [example.digest for example in result.examples] == [f"sha256:{digest(SECRET)}"]
    other.repo.remotes.push()


def test_an_example_that_shows_the_same_in_other_bytes_goes_too(bench: Bench) -> None:
    noted = {**SECRET, "source": "crawl"}
    bench.commit(DATA, WITHOUT + lines(noted), workers=1)
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert {one.digest: one.named for one in result.examples} == {
        f"sha256:{digest(SECRET)}": True,
        f"sha256:{digest(noted)}": False,
    }
    assert where(WORD, bench.objects) == []


def test_only_the_example_itself_goes_if_that_is_wanted(bench: Bench) -> None:
    noted = {**SECRET, "source": "crawl"}
    bench.commit(DATA, WITHOUT + lines(noted), workers=1)
    bench.repo.forget(digest(SECRET), only=True, delete=True)
    bench.repo.checkout("v3")
    assert (bench.root / DATA).read_bytes() == WITHOUT + lines(noted)


def test_first_digits_that_mean_several_examples_are_refused(bench: Bench) -> None:
    by_start: dict[str, int] = {}
    many = [{"prompt": f"p {i}", "completion": "c"} for i in range(2000)]
    for example in many:
        by_start[digest(example)[:4]] = by_start.get(digest(example)[:4], 0) + 1
    twice = next(start for start, count in by_start.items() if count > 1)
    bench.commit("data/many.jsonl", lines(*many), workers=1)
    with pytest.raises(UsageError) as caught:
        bench.repo.forget(twice)
    assert caught.value.kind == "ambiguous-digest"


def test_first_digits_of_no_example_are_an_error(bench: Bench) -> None:
    with pytest.raises(NotFoundError) as caught:
        bench.repo.forget("0123456789")
    assert caught.value.kind == "unknown-example"


def test_a_whole_digest_of_no_example_is_denied_all_the_same(bench: Bench) -> None:
    result = bench.repo.forget("ab" * 32, delete=True)
    assert result.unknown == (f"sha256:{'ab' * 32}",)
    denied = bench.repo.deny_list
    assert denied is not None
    assert denied.denies(bytes.fromhex("ab" * 32), bytes(32))


def test_a_list_of_digests_and_a_report_of_a_recall_name_examples(
    bench: Bench, tmp_path: Path
) -> None:
    listed = tmp_path / "digests.txt"
    listed.write_text(f"# a request\nsha256:{digest(SECRET)}\n")
    named = bench.repo.forget(hashes=listed).examples
    recall = tmp_path / "recall.json"
    recall.write_text(json.dumps(bench.repo.provenance.recall(hashes=listed).to_dict()))
    assert bench.repo.forget(recall=recall).examples == named
