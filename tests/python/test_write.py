"""Recording a version from memory, and what happens to the file when that fails."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, DslineageError, UsageError
from dslineage.repository import Repository


def numbered(count: int) -> Iterator[Mapping[str, Any]]:
    return ({"prompt": f"Question {n}?", "response": f"Answer {n}."} for n in range(count))


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_examples_from_an_iterator_become_a_file_and_a_version(repo: Repository) -> None:
    done = repo.write("train", numbered(3), message="made by hand")
    record = done.version.record
    assert (record.label, record.examples, record.message) == ("v1", 3, "made by hand")
    text = (repo.root / "train.jsonl").read_text()
    assert [json.loads(line) for line in text.splitlines()] == list(numbered(3))
    assert done.pointer == "train.jsonl.dsl.json"


def test_writing_again_replaces_the_file_and_makes_the_next_version(repo: Repository) -> None:
    repo.write("train", numbered(3))
    repo.commit("three")
    done = repo.write("train", numbered(4))
    assert done.version.record.label == "v2"
    assert done.version.record.parents == (repo.show("v1").record.id,)
    repo.checkout("v1")
    assert len((repo.root / "train.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize("name", ["data/t.json", "t.csv", "t.tsv", "t.parquet", "t.arrow"])
def test_the_file_that_is_named_says_the_format(repo: Repository, name: str) -> None:
    repo.write("plain", numbered(5))
    done = repo.write("train", numbered(5), path=name)
    assert done.version.record.files[0].path == Path(name).name
    assert done.version.record.content_hash == repo.show("plain").record.content_hash
    repo.write("train", numbered(6))
    assert repo.show("train").record.examples == 6


def test_examples_of_one_version_go_into_another_data_set(repo: Repository) -> None:
    repo.write("train", numbered(10))
    short = (row for row in repo.load("train") if row["prompt"] < "Question 5")
    assert repo.write("short", short).version.record.examples == 5


def test_a_file_with_changes_that_are_in_no_version_is_not_replaced(repo: Repository) -> None:
    repo.write("train", numbered(3))
    mine = '{"prompt": "mine", "response": "unsaved"}\n'
    (repo.root / "train.jsonl").write_text(mine)
    with pytest.raises(UsageError, match=r"train\.jsonl has changes that"):
        repo.write("train", numbered(4))
    assert (repo.root / "train.jsonl").read_text() == mine


def test_a_file_that_belongs_to_no_data_set_is_not_replaced(repo: Repository) -> None:
    (repo.root / "train.jsonl").write_text("mine\n")
    with pytest.raises(UsageError, match="is there, and no version of train"):
        repo.write("train", numbered(1))
    assert (repo.root / "train.jsonl").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"when": datetime.date(2026, 1, 2)}, "example 2"),
        ({"share": float("nan")}, "example 2"),
        ({"text": "\ud800"}, "example 2"),
        ({1: "one"}, "example 2"),
        ("text", "row 2 is a str"),
    ],
    ids=["a date", "not a number", "half a surrogate pair", "a number as a name", "a string"],
)
@pytest.mark.parametrize("name", ["t.jsonl", "t.csv", "t.parquet"])
def test_a_row_that_is_no_json_object_leaves_the_file_as_it_was(
    repo: Repository, name: str, row: Any, message: str
) -> None:
    repo.write("train", numbered(2), path=name)
    before = (repo.root / name).read_bytes()
    names = listing(repo.root)
    with pytest.raises(DslineageError, match=message):
        repo.write("train", [*numbered(1), row])
    with pytest.raises(DslineageError, match=message):
        repo.write("other", iter([*numbered(1), row]), path=f"new-{name}")
    assert (repo.root / name).read_bytes() == before
    assert listing(repo.root) == names


def test_what_cannot_be_recorded_is_not_left_in_the_work_tree(repo: Repository) -> None:
    repo.write("train", numbered(2))
    before = (repo.root / "train.jsonl").read_bytes()
    with pytest.raises(BadDataError, match="empty"):
        repo.write("train", [])
    with pytest.raises(BadDataError, match="empty"):
        repo.write("nothing", [])
    assert (repo.root / "train.jsonl").read_bytes() == before
    assert not (repo.root / "nothing.jsonl").exists()


def test_an_error_of_the_iterator_itself_changes_nothing(repo: Repository) -> None:
    def failing() -> Iterator[Mapping[str, Any]]:
        yield from numbered(2)
        raise LookupError("the source went away")

    repo.write("train", numbered(3))
    before = (repo.root / "train.jsonl").read_bytes()
    with pytest.raises(LookupError):
        repo.write("train", failing())
    assert (repo.root / "train.jsonl").read_bytes() == before
    assert repo.status().datasets[0].state == "clean"


def test_a_data_set_keeps_its_file_and_several_files_are_not_one(repo: Repository) -> None:
    repo.write("train", numbered(2))
    with pytest.raises(UsageError, match="not in elsewhere"):
        repo.write("train", numbered(3), path="elsewhere.jsonl")
    for name in ("a.jsonl", "b.jsonl"):
        (repo.root / name).write_text('{"text": "x"}\n')
    repo.add(["a.jsonl", "b.jsonl"], name="both")
    with pytest.raises(UsageError, match="has 2 files"):
        repo.write("both", numbered(3))


@pytest.mark.parametrize("name", ["../up", "", "a b", ".hidden"])
def test_a_name_that_is_no_name_is_refused(repo: Repository, name: str) -> None:
    with pytest.raises(DslineageError):
        repo.write(name, numbered(1))
    assert listing(repo.root.parent) == ["repo"]


@pytest.mark.parametrize("kind", [str, Path])
def test_one_file_can_be_added_by_its_path_alone(
    repo: Repository, kind: Callable[[str], Path | str]
) -> None:
    (repo.root / "one.jsonl").write_text('{"prompt":"2+2?","completion":"4"}\n')
    added = repo.add(kind("one.jsonl"), measure=False)
    assert (added.version.record.dataset, added.version.record.examples) == ("one", 1)
    assert repo.add([kind("one.jsonl")], measure=False).unchanged
