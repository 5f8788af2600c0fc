"""Forms of repositories that git knows and people rarely think of: a day's work in each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.errors import NotFoundError
from dslineage.repository import Repository
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
THREE = TWO.replace(b'"b"', b'"other"')


def git(*words: str | Path, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *words], check=check, capture_output=True)


def upstream(folder: Path) -> Bench:
    """A repository with two versions."""
    bench = Bench.make(folder / "upstream")
    bench.git("config", "uploadpack.allowFilter", "true")
    bench.commit("data/train.jsonl", ONE, workers=1)
    bench.commit("data/train.jsonl", TWO, workers=1)
    return bench


def made(root: Path, *words: str) -> Path:
    if git("init", "-q", "-b", "main", *words, root, check=False).returncode:
        pytest.skip(f"this git cannot do {' '.join(words)}")
    return root


def cloned(folder: Path, *words: str) -> Path:
    root = folder / "clone"
    source = upstream(folder)
    git("clone", "-q", *words, source.root.as_uri(), root)
    return root


def unborn(folder: Path) -> Path:
    return made(folder / "repo")


def sha256(folder: Path) -> Path:
    return made(folder / "repo", "--object-format=sha256")


def reftable(folder: Path) -> Path:
    return made(folder / "repo", "--ref-format=reftable")


def apart(folder: Path) -> Path:
    """The git folder stands elsewhere; `.git` is a file."""
    return made(folder / "repo", f"--separate-git-dir={folder / 'elsewhere'}")


def shallow(folder: Path) -> Path:
    return cloned(folder, "--depth=1")


def partial(folder: Path) -> Path:
    return cloned(folder, "--filter=blob:none")


def alternates(folder: Path) -> Path:
    root = folder / "clone"
    git("clone", "-q", "--shared", upstream(folder).root, root)
    return root


def detached(folder: Path) -> Path:
    root = cloned(folder)
    git("-C", root, "checkout", "-q", "--detach", "HEAD~1")
    return root


def orphan(folder: Path) -> Path:
    root = cloned(folder)
    git("-C", root, "checkout", "-q", "--orphan", "fresh")
    return root


def sparse(folder: Path) -> Path:
    root = cloned(folder)
    git("-C", root, "sparse-checkout", "set", "data", ".dslineage")
    return root


def linked(folder: Path) -> Path:
    root = folder / "linked"
    git("-C", upstream(folder).root, "worktree", "add", "-q", "-b", "side", root)
    return root


def submodule(folder: Path) -> Path:
    outer, source = made(folder / "outer"), upstream(folder)
    allowed = "protocol.file.allow=always"
    git("-C", outer, "-c", allowed, "submodule", "--quiet", "add", source.root, "inner")
    return outer / "inner"


def converting(folder: Path) -> Path:
    root = made(folder / "repo")
    git("-C", root, "config", "core.autocrlf", "true")
    return root


def named(name: bytes) -> Callable[[Path], Path]:
    return lambda folder: made(Path(os.fsdecode(os.fsencode(folder) + b"/" + name)))


@pytest.mark.parametrize(
    "form",
    [
        unborn, sha256, reftable, apart, shallow, partial, alternates, detached, orphan, sparse,
        linked, submodule, converting,
    ],
)  # fmt: skip
def test_a_day_of_work_is_the_same_in_any_form(
    tmp_path: Path, form: Callable[[Path], Path]
) -> None:
    _a_day(form(tmp_path), "data/train.jsonl")


@pytest.mark.parametrize(
    ("root", "name"),
    [
        (b"two words", b"-rf.jsonl"),
        (b"line\nend", b"new\nline.jsonl"),
        (b'it\'s "so"', b"$(x) `y`.jsonl"),
        (b"-x", b":(top)x.jsonl"),
        (b"latin \xe9", b"plain.jsonl"),
    ],
)
def test_a_day_of_work_is_the_same_under_odd_names(
    tmp_path: Path, root: bytes, name: bytes
) -> None:
    _a_day(named(root)(tmp_path), os.fsdecode(name), dataset="odd")


def _a_day(root: Path, name: str, dataset: str = "train") -> None:
    """Add, commit, change, compare, go back, and look whether all of it is whole."""
    Repository.init(root)
    bench = Bench(root)
    bench.put(name, THREE)
    first = bench.repo.add([root / name], name=dataset, options=bench.reading(workers=1)).version
    bench.git("commit", "-q", "-m", "three")
    bench.put(name, ONE)
    bench.repo.add([root / name], options=bench.reading(workers=1))
    found = bench.repo.diff(first.record.id, f"{dataset}@latest")
    assert (found.removed, found.edited) == (1, 1)
    bench.git("commit", "-q", "-m", "one")
    assert [one.state for one in bench.repo.status().datasets] == ["clean"]
    assert bench.repo.log(dataset).versions[0].record.examples == 1
    bench.repo.checkout(first.record.id)
    assert (root / name).read_bytes() == THREE
    assert bench.repo.diff("HEAD", first.record.id).removed == 0
    older = bench.repo.log(dataset).versions[2:]  # those of a clone, whose objects were not fetched
    assert older or bench.problems() == []
    bench.repo.gc()


@pytest.mark.parametrize("words", [(), ("--git-dir",)])
def test_a_bare_repository_has_no_work_tree(tmp_path: Path, words: tuple[str, ...]) -> None:
    git("init", "-q", "--bare", tmp_path / "bare.git")
    folder = tmp_path / "bare.git" / ("refs" if words else "")
    with pytest.raises(NotFoundError) as caught:
        Repository.open(folder)
    assert caught.value.kind == "no-work-tree"
    assert "git worktree add" in caught.value.hint


def test_a_repository_named_by_variables_is_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = made(tmp_path / "repo")
    made(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(root))
    _a_day(root, "train.jsonl")
    assert not (tmp_path / "other/.dslineage").exists()
