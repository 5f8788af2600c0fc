"""What was forgotten on one branch is refused on all, and in every work tree."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, IntegrityError
from dslineage.records import denylists
from dslineage.records.forgotten import FORGOTTEN, Forgotten
from dslineage.training.watching import NOTES, watch
from dslineage.versions.denied import listed_elsewhere
from dslineage.versions.git import Git
from dslineage.versions.tree import Tree, staged
from dslineage_hooks.forgotten import check_forgotten
from tests.forgetting.support import OTHERS, SECRET, digest, lines
from tests.remotes.support import clone
from tests.versions.support import Bench, ada

DATA = "train.jsonl"
WITH = lines(*OTHERS[:20], SECRET)


@pytest.fixture(scope="session")
def two_branches(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """On `main` the example is forgotten; `old` is as it was before. Not to be changed."""
    with ada():
        made = Bench.make(tmp_path_factory.mktemp("branches") / "work")
        made.commit(DATA, WITH, workers=1)
        made.git("branch", "-q", "old")
        made.commit(DATA, lines(*OTHERS[:20]), workers=1)
        made.repo.forget(digest(SECRET), delete=True)
        made.git("commit", "-q", "-m", "forget")
    return made


@pytest.fixture
def bench(two_branches: Bench, tmp_path: Path) -> Bench:
    return two_branches.copy(tmp_path / "work")


def branch(bench: Bench) -> None:
    bench.git("checkout", "-q", "old")


def detached(bench: Bench) -> None:
    bench.git("checkout", "-q", "--detach", "old")


def nothing_yet(bench: Bench) -> None:
    bench.git("checkout", "-q", "--orphan", "new")
    bench.git("rm", "-rqf", "--cached", ".")
    shutil.rmtree(bench.root / ".dslineage")


@pytest.mark.parametrize("place", [branch, detached, nothing_yet])
def test_where_no_list_is_the_example_is_refused(
    bench: Bench, place: Callable[[Bench], None]
) -> None:
    place(bench)
    assert not (bench.root / FORGOTTEN).exists()
    with pytest.raises(BadDataError, match="came back"):
        bench.add("other.jsonl", lines(SECRET))
    bench.add("fine.jsonl", lines(*OTHERS[:5]))


def test_a_branch_from_before_is_refused_by_check_the_hook_and_a_training(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.git("checkout", "-q", "old")
    [returned] = bench.repo.check().returned
    assert (returned.version, returned.examples) == ("train@v1", 1)
    bench.put("notes.jsonl", lines(SECRET))
    bench.git("add", "-f", "notes.jsonl")
    git = Git.find(bench.root)
    [finding] = check_forgotten(Tree(git), staged(git))
    assert (finding.kind, finding.path) == ("forgotten", "notes.jsonl")
    monkeypatch.chdir(bench.root)
    with pytest.raises(BadDataError, match="forgotten"):
        watch([*OTHERS[:5], SECRET])
    bench.put(DATA, lines(*OTHERS[:3], SECRET))
    with pytest.raises(BadDataError, match="came back"):
        bench.repo.commit("data")


def test_in_a_fresh_clone_the_list_of_the_branch_that_was_fetched_counts(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = clone(bench, tmp_path / "clone")
    other.git("checkout", "-q", "-b", "old", "origin/old")
    other.git("branch", "-q", "-D", "main")
    said = "what was forgotten in origin/main is not known: its key is not here; dslineage fetch"
    other.put(DATA, lines(*OTHERS[:21]))
    assert said in other.repo.add([other.root / DATA]).notices
    assert said in other.repo.status().notices
    monkeypatch.chdir(other.root)
    NOTES.take()
    watch(OTHERS[:5])
    assert said in " ".join(gap.message for one in NOTES.take() for gap in one.gaps)

    shutil.copytree(bench.objects / "keys", other.objects / "keys", dirs_exist_ok=True)
    with pytest.raises(BadDataError, match="came back"):
        other.add(DATA, WITH)
    with pytest.raises(BadDataError):
        watch([SECRET])


def test_what_was_forgotten_in_another_work_tree_and_not_committed_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    bench.git("worktree", "add", "-q", str(tmp_path / "side"), "old")
    side = Bench(tmp_path / "side")
    side.repo.forget(digest(OTHERS[0]), delete=True)
    with pytest.raises(BadDataError, match="came back"):
        bench.add("more.jsonl", lines(OTHERS[0]))
    assert Forgotten.from_bytes((side.root / FORGOTTEN).read_bytes()).joined(
        Forgotten.from_bytes((bench.root / FORGOTTEN).read_bytes())
    ) == Forgotten.from_bytes((side.root / FORGOTTEN).read_bytes()), (
        "a list that is written is whole"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"not JSON", "it is not JSON"),
        (b" " * ((64 << 20) + 1), "bytes"),
        (b'{"schema": "dslineage.forgotten/9"}', "this release reads"),
        (
            Forgotten({}).to_bytes().replace(b'""', b'"sha256:%s:%s"' % (b"0" * 64, b"0" * 64)),
            "key",
        ),
    ],
)
def test_a_bad_list_on_another_branch_stops_no_work_and_is_told(
    bench: Bench, data: bytes, why: str
) -> None:
    bench.git("checkout", "-q", "-b", "hostile")
    bench.put(FORGOTTEN, data)
    bench.git("commit", "-q", "-am", "bad")
    bench.git("checkout", "-q", "old")
    bench.add("more.jsonl", lines(*OTHERS[:5]))
    with pytest.raises(BadDataError, match="came back"):
        bench.add("more.jsonl", lines(SECRET))
    [notice] = [one for one in bench.repo.status().notices if "hostile" in one]
    assert why in notice
    bench.git("checkout", "-qf", "hostile")
    with pytest.raises(IntegrityError):
        bench.add("more.jsonl", lines(*OTHERS[:6]))


def test_a_list_that_a_partial_clone_cannot_fetch_stops_no_work_and_hides_no_other(
    bench: Bench, tmp_path: Path
) -> None:
    bench.git("checkout", "-q", "-b", "later")
    bench.repo.forget(digest(OTHERS[19]), delete=True)
    bench.git("commit", "-q", "-am", "forget more")
    bench.git("config", "uploadpack.allowFilter", "true")
    other = Bench(tmp_path / "other")
    partial = ["git", "clone", "-q", "--filter=blob:none", "--branch=old"]
    subprocess.run([*partial, bench.root.as_uri(), other.root], check=True)
    other.git("show", f"origin/main:{FORGOTTEN}")
    shutil.copytree(bench.objects / "keys", other.objects / "keys")
    bench.root.rename(tmp_path / "away")
    other.add("more.jsonl", lines(*OTHERS[:5]))
    with pytest.raises(BadDataError, match="came back"):
        other.add("more.jsonl", lines(SECRET))
    [notice] = other.repo.status().notices
    assert "origin/later" in notice
    assert "could not fetch it" in notice


def test_a_list_without_an_end_on_one_branch_hides_none_of_another(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (bench.root / FORGOTTEN).stat().st_size
    monkeypatch.setattr(denylists, "_MOST_BYTES", 3 * size)
    bench.git("checkout", "-q", "-b", "a-hostile")
    bench.put(FORGOTTEN, (bench.root / FORGOTTEN).read_bytes() + b" " * (2 * size - 1))
    bench.git("commit", "-q", "-am", "bad")
    bench.git("checkout", "-q", "old")
    with pytest.raises(BadDataError, match="came back"):
        bench.add("more.jsonl", lines(SECRET))


def test_an_example_is_let_back_where_head_has_the_branches_that_forgot_it(bench: Bench) -> None:
    bench.git("branch", "-q", "merged")
    bench.git("tag", "then")
    bench.put(FORGOTTEN, Forgotten({}).to_bytes())
    bench.add("back.jsonl", lines(SECRET))
    bench.git("commit", "-q", "-am", "let it back")
    bench.git("checkout", "-q", "old")
    bench.git("merge", "-q", "main")
    assert bench.add("again.jsonl", lines(SECRET)).record.examples == 1


def test_two_lists_that_were_begun_apart_are_joined_by_git(bench: Bench, tmp_path: Path) -> None:
    """Each has a key of its own, and so has each entry."""
    bench.git("checkout", "-q", "old")
    other = clone(bench, tmp_path / "other")
    for one, example in ((bench, OTHERS[1]), (other, OTHERS[2])):
        one.git("checkout", "-q", "-B", "apart", "origin/old" if one is other else "old")
        for name in ("main", "origin/main"):
            subprocess.run(["git", "branch", "-q", "-rD", name], cwd=one.root, check=False)
            subprocess.run(["git", "branch", "-q", "-D", name], cwd=one.root, check=False)
        one.repo.forget(digest(example), delete=True)
        one.git("commit", "-q", "-m", "forget")
    shutil.copytree(bench.objects / "keys", other.objects / "keys", dirs_exist_ok=True)
    other.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "apart")
    denied = other.repo.deny_list
    assert denied is not None
    assert len(denied.keys) == 2
    for example in OTHERS[1:3]:
        assert denied.denies(bytes.fromhex(digest(example)), bytes(32))
    other.repo.forget(delete=True)
    assert Forgotten.from_bytes((other.root / FORGOTTEN).read_bytes()) == denied.forgotten


def test_where_no_branch_has_a_list_git_is_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit(DATA, WITH, workers=1)
    asked: list[str] = []
    real = Git.ask

    def counting(git: Git, arguments: Sequence[str], **options: Any) -> bytes:
        asked.append(arguments[0])
        return real(git, arguments, **options)

    monkeypatch.setattr(Git, "ask", counting)
    assert list(listed_elsewhere(Git.find(bench.root))) == []
    assert asked == ["for-each-ref", "cat-file"]
