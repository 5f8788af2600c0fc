"""What people write to name a version, a commit or a file, and what it means."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from dslineage.errors import NotFoundError, UsageError
from dslineage.records import DatasetRecord
from dslineage.repository import Repository
from dslineage.versions.references import CommitTarget, FileTarget, Target, VersionTarget, resolve
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
THREE = TWO + b'{"prompt":"e","completion":"f"}\n'


@pytest.fixture
def history(bench: Bench) -> Bench:
    """Three versions of `train` and one of `eval`, each in a commit."""
    bench.commit("data/train.jsonl", ONE)
    bench.commit("data/train.jsonl", TWO)
    bench.git("tag", "release")
    bench.commit("data/train.jsonl", THREE)
    bench.commit("eval.jsonl", ONE)
    return bench


def find(bench: Bench, text: str, *, here: str = "", dataset: str | None = None) -> Target:
    return resolve(bench.repo.catalog, text, here=bench.root / here, dataset=dataset)


def named(bench: Bench, text: str, **options: str) -> str:
    """The version that a reference names, as `train@v2`."""
    target = find(bench, text, **options)
    assert isinstance(target, VersionTarget), target
    return f"{target.record.dataset}@{target.record.label}"


def test_a_version_has_many_names(history: Bench) -> None:
    record = history.repo.show("train@v2").record
    digits = record.id.removeprefix("dataset:sha256:")
    for text in (
        "v2",
        "train@v2",
        f"train@{digits[:8]}",
        digits[:8],
        digits,
        f"sha256:{digits}",
        record.id,
        "train@release",
        "train@git:release",
        "train@HEAD~2",
    ):
        assert named(history, text) == "train@v2"
    assert named(history, "release", dataset="train") == "train@v2"
    assert history.repo.show("train", "v2").record == record
    assert record.title == f"v2 ({digits[:8]})"


def test_latest_is_what_the_pointer_names(history: Bench) -> None:
    assert named(history, "train") == named(history, "train@latest") == "train@v3"
    history.repo.checkout("train@v1")
    assert named(history, "train@latest") == "train@v1"


def test_latest_of_one_data_set_needs_no_name(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    assert named(bench, "latest") == "train@v1"


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("latest", ["train@latest", "eval@latest"]),
        ("v1", ["train@v1", "eval@v1"]),
        ("HEAD", ["train@HEAD", "eval@HEAD"]),
        ("release", ["train@release", "eval@release"]),
    ],
)
def test_what_could_be_two_things_is_an_error_that_lists_them(
    history: Bench, text: str, choices: list[str]
) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(history, text)
    assert caught.value.kind == "ambiguous-reference"
    assert all(choice in caught.value.message for choice in choices), caught.value.message
    assert any(choice in caught.value.hint for choice in [*choices, "@"]), caught.value.hint


def test_a_label_hides_a_tag_and_git_colon_finds_it(history: Bench) -> None:
    history.git("tag", "v2", "HEAD~3")
    assert named(history, "train@v2") == "train@v2"
    assert named(history, "v2") == "train@v2"
    assert named(history, "git:v2", dataset="train") == "train@v1"
    assert named(history, "train@git:v2") == "train@v1"


def test_a_tag_that_no_label_hides_needs_no_prefix(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.git("tag", "v9")
    bench.commit("train.jsonl", TWO)
    assert named(bench, "v9") == "train@v1"


def test_a_branch_named_like_a_data_set_is_ambiguous(history: Bench) -> None:
    history.git("branch", "train", "HEAD~2")
    with pytest.raises(NotFoundError) as caught:
        find(history, "train")
    assert "train@latest, git:train" in caught.value.message
    assert named(history, "git:train", dataset="train") == "train@v2"
    assert named(history, "train@latest") == "train@v3"


def test_a_file_named_like_a_data_set_is_ambiguous(history: Bench) -> None:
    history.put("train", ONE)
    with pytest.raises(NotFoundError, match=r"'train' could be \./train, train@latest"):
        find(history, "train")
    assert isinstance(find(history, "./train"), FileTarget)


def test_a_prefix_that_two_records_share_lists_both(bench: Bench) -> None:
    record = bench.add("train.jsonl", ONE).record
    first, other = _two_with_one_prefix(record)
    for one in (first, other):
        bench.put(f".dslineage/records/dataset/train/{one.file_name}", one.to_bytes())
    with pytest.raises(NotFoundError) as caught:
        find(bench, other.id[15:19])
    assert first.id[15:23] in caught.value.message
    assert other.id[15:23] in caught.value.message
    assert find(bench, other.id[15:27]) == VersionTarget(other)


def _two_with_one_prefix(record: DatasetRecord) -> tuple[DatasetRecord, DatasetRecord]:
    seen: dict[str, DatasetRecord] = {}
    tries = (replace(record, message=f"try {number}") for number in itertools.count())
    return next(
        (first, other)
        for other in tries
        if (first := seen.setdefault(other.id[15:19], other)) != other
    )


def test_a_commit_brings_back_a_version_whose_record_is_gone_here(history: Bench) -> None:
    old = history.repo.show("train@v2").record
    history.git("rm", "-q", f".dslineage/records/dataset/train/{old.file_name}")
    target = find(history, "HEAD~2", dataset="train")
    assert isinstance(target, VersionTarget)
    assert target.record == old


def test_a_commit_knows_a_data_set_whose_file_had_another_name_then(history: Bench) -> None:
    (history.root / "data/train.jsonl").rename(history.root / "moved.jsonl")
    history.git("mv", "data/train.jsonl.dsl.json", "moved.jsonl.dsl.json")
    history.commit("moved.jsonl")
    assert named(history, "train@latest") == "train@v4"
    assert named(history, "train@release") == "train@v2"


def test_a_path_in_a_commit_is_the_version_of_its_pointer(history: Bench) -> None:
    assert named(history, "release:data/train.jsonl") == "train@v2"
    assert named(history, "release:./train.jsonl", here="data") == "train@v2"
    assert named(history, "git:release:data/train.jsonl") == "train@v2"
    done = history.repo.diff("release:data/train.jsonl", "train@v3")
    assert done.to_dict()["examples"]["added"] == 1


def test_a_path_in_a_commit_that_git_tracks_is_its_bytes_there(bench: Bench) -> None:
    bench.put("sub/plain.jsonl", ONE)
    bench.git("add", "sub/plain.jsonl")
    bench.git("commit", "-q", "-m", "plain")
    bench.put("sub/plain.jsonl", TWO)
    for text, here in (("HEAD:sub/plain.jsonl", ""), ("HEAD:./plain.jsonl", "sub")):
        target = find(bench, text, here=here)
        assert isinstance(target, CommitTarget)
        assert target.paths == ("sub/plain.jsonl",)
    done = bench.repo.diff("HEAD:sub/plain.jsonl", str(bench.root / "sub/plain.jsonl"))
    assert done.to_dict()["examples"] == {
        "from": 1,
        "to": 2,
        "unchanged": 1,
        "edited": 0,
        "removed": 0,
        "added": 1,
    }
    folder = find(bench, "HEAD:sub")
    assert isinstance(folder, CommitTarget)
    assert folder.paths == ("sub/plain.jsonl",)


@pytest.mark.parametrize("inside", [True, False])
def test_a_path_is_a_file_tracked_or_not_inside_or_not(
    history: Bench, tmp_path: Path, *, inside: bool
) -> None:
    path = history.root / "other.jsonl" if inside else tmp_path / "other.jsonl"
    path.write_bytes(TWO)
    target = find(history, str(path))
    assert isinstance(target, FileTarget)
    assert (target.root, target.names) == (path.parent, ("other.jsonl",))
    assert history.repo.diff("train@v2", str(path)).identical


def test_relative_paths_start_from_where_the_user_is(history: Bench) -> None:
    target = find(history, "train.jsonl", here="data")
    assert isinstance(target, FileTarget)
    assert target.root == history.root / "data"
    assert isinstance(find(history, "../eval.jsonl", here="data"), FileTarget)


def test_a_folder_is_its_data_files(history: Bench) -> None:
    history.put("so many/a.jsonl", ONE)
    history.put("so many/b/c.jsonl", ONE)
    history.put("so many/.hidden/d.jsonl", ONE)
    history.put("so many/notes.txt", b"no data")
    target = find(history, "so many")
    assert isinstance(target, FileTarget)
    assert target.names == ("so many/a.jsonl", "so many/b/c.jsonl")


@pytest.mark.parametrize(
    ("text", "why", "hint"),
    [
        ("v7", "no version of a data set has it", "dslineage log"),
        ("train@v7", "the data set train has v1, v2, v3", "dslineage log train"),
        ("nothing", "no version, no data set, no file and no git revision", "dslineage log"),
        ("HEAD~99", "no git revision", "dslineage log"),
        ("train@nothing", "no git revision", "dslineage log"),
        ("./nothing.jsonl", "there is no such file", "dslineage status"),
        ("ffffffffffff", "no git revision", "dslineage log"),
        ("release:nothing.jsonl", "nothing.jsonl is not in that commit", "git ls-tree -r"),
        ("nothing:data/train.jsonl", "no git revision", "dslineage log"),
    ],
)
def test_what_is_unknown_says_why_and_what_to_ask(
    history: Bench, text: str, why: str, hint: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(history, text)
    assert caught.value.kind == "unknown-reference"
    assert why in caught.value.message
    assert caught.value.hint.startswith(hint)


def test_latest_before_the_first_version_says_what_to_do(bench: Bench) -> None:
    for text in ("latest", "v1", "HEAD"):
        with pytest.raises(NotFoundError) as caught:
            find(bench, text)
        assert caught.value.kind == "unknown-reference"
    with pytest.raises(NotFoundError, match="there is no version yet"):
        bench.repo.show()


HOSTILE = [
    "",
    "-x",
    "--upload-pack=touch${IFS}pwned",
    "--output=pwned",
    "-c core.sshCommand=x",
    "git:--output=pwned",
    "git:-n1",
    "git:",
    "train@",
    "train@--output=pwned",
    "@{u}",
    "v1\n--output=pwned",
    "train@v1\n",
    "a\0b",
    "HEAD:\0",
    "\udcff",
    "x" * 300,
    "x" * 200_000,
    "v" + "9" * 5000,
    "HEAD:/etc/hostname",
    "HEAD:../../../../../../etc/hostname",
    "HEAD:data/../../outside",
    "HEAD:-rf",
    ":data/train.jsonl",
    ":/first",
    "^HEAD",
    "HEAD^{tree}",
    "HEAD..release",
    ":(top)data",
    "[a-",
]


def test_a_hostile_reference_is_an_error_and_touches_nothing(history: Bench) -> None:
    outside = history.root.parent / "outside"
    outside.write_bytes(b"precious")
    before = history.listing()
    repo = history.repo
    asks = (repo.show, repo.diff, repo.checkout, repo.log, lambda text: repo.diff("train@v1", text))
    for text in HOSTILE:
        for ask in asks:
            with pytest.raises((NotFoundError, UsageError)):
                print(repr(text)[:60], ask(text))
    assert history.listing() == before
    assert outside.read_bytes() == b"precious"
    assert not list(history.root.parent.rglob("pwned"))


def test_a_file_whose_name_begins_with_a_dash_is_a_file(history: Bench) -> None:
    history.put("-x.jsonl", TWO)
    assert history.repo.diff("train@v2", "-x.jsonl").identical


def test_a_repository_without_a_commit_has_versions(bench: Bench) -> None:
    bench.add("train.jsonl", ONE)
    assert named(bench, "v1") == named(bench, "latest") == "train@v1"
    assert bench.repo.show("v1").draft


def test_a_folder_outside_any_repository_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing" / "here"):
        with pytest.raises(NotFoundError):
            Repository.open(path)
