"""Names that are options, and files that are links to elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.errors import DslineageError
from dslineage.repository import Repository
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
WORDS = [
    "--output=canary",
    "--upload-pack=touch canary",
    "--exec=touch canary",
    "-c core.pager=touch canary",
    "-Ocanary",
    "--ext-diff",
    "ext::sh -c touch% canary",
    "HEAD --output=canary",
    "HEAD:--output=canary",
    "HEAD\0--output=canary",
    "^HEAD",
    "HEAD..--output=canary",
    ":/x",
    "@{-1}",
    "$(touch canary)",
    "x" * 5000,
]
ASKED: list[Callable[[Repository, str], object]] = [
    lambda repo, word: repo.show(word),
    lambda repo, word: repo.diff(word),
    lambda repo, word: repo.diff("train@v1", word),
    lambda repo, word: repo.checkout(word),
    lambda repo, word: repo.pull_request(word),
    lambda repo, word: repo.pull_request("HEAD~1", word),
    lambda repo, word: repo.adopt(word),
    lambda repo, word: repo.add([word]),
    lambda repo, word: repo.provenance.lineage(word),
    lambda repo, word: repo.provenance.audit(word),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    made = Bench.make(tmp_path_factory.mktemp("words") / "repo")
    made.commit("train.jsonl", ONE)
    made.commit("train.jsonl", TWO)
    return made


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word[:20].replace("\0", "0"))
def test_no_word_is_an_option_or_a_command_of_git(
    bench: Bench, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.root)
    before = bench.listing(without="dslineage")
    for ask in ASKED:
        with pytest.raises(DslineageError) as caught:
            ask(bench.repo, word)
        assert caught.value.message
    assert bench.listing(without="dslineage").keys() == before.keys()
    assert not (bench.root / "canary").exists()


READ = """
import resource, sys
from dslineage.errors import DslineageError
from dslineage.repository import Repository

repo = Repository.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for ask in (repo.status, repo.log, repo.check, repo.remotes.list, repo.provenance.summary):
    try:
        ask()
    except DslineageError as error:
        assert error.message
print("asked")
"""


@pytest.mark.parametrize(
    "name",
    [
        "dslineage.toml",
        ".dslineage/config",
        "train.jsonl.dsl.json",
        ".dslineage/records/dataset/train/v9-000000000000.json",
        ".dslineage/records/claim/train/review-000000000000.json",
    ],
)
def test_what_git_can_carry_in_the_place_of_a_file_is_not_read_for_ever(
    tmp_path: Path, name: str
) -> None:
    made = Bench.make(tmp_path / "repo")
    made.commit("train.jsonl", ONE)
    (made.root / name).unlink(missing_ok=True)
    (made.root / name).parent.mkdir(parents=True, exist_ok=True)
    (made.root / name).symlink_to("/dev/zero")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(made.root)], capture_output=True, timeout=60, check=False
    )
    assert done.stdout == b"asked\n", done.stderr.decode()


def test_a_file_that_is_one_with_another_by_a_hard_link_leaves_the_other_alone(
    tmp_path: Path,
) -> None:
    made = Bench.make(tmp_path / "repo")
    made.commit("train.jsonl", ONE)
    made.commit("train.jsonl", TWO)
    os.link(made.root / "train.jsonl", tmp_path / "other")
    os.link(made.root / "train.jsonl.dsl.json", tmp_path / "pointer")
    pointer = (tmp_path / "pointer").read_bytes()
    made.repo.checkout("train@v1")
    assert (made.root / "train.jsonl").read_bytes() == ONE
    assert (tmp_path / "other").read_bytes() == TWO
    assert (tmp_path / "pointer").read_bytes() == pointer


def test_an_export_over_a_link_replaces_the_link(tmp_path: Path) -> None:
    made = Bench.make(tmp_path / "repo")
    made.commit("train.jsonl", ONE)
    (tmp_path / "precious").write_bytes(b"precious")
    (made.root / "out.csv").symlink_to(tmp_path / "precious")
    made.repo.export("train@v1", output=made.root / "out.csv", force=True)
    assert (tmp_path / "precious").read_bytes() == b"precious"
