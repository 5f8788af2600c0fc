"""What `dslineage adopt` prints."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Dslineage

ROW = '{{"prompt": "question {0}", "completion": "{1}"}}\n'


@pytest.fixture
def repo(git_repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three commits of one file, the second with a bad line, the last one a page of HTML."""
    states = [
        ("first", ROW.format(1, "a")),
        ("second \x1b[31m@team", ROW.format(1, "a") + ROW.format(2, "b") + "no JSON\n"),
        ("broken", "<!doctype html><html></html>\n"),
    ]
    monkeypatch.chdir(git_repo)
    for message, text in states:
        Path("train.jsonl").write_text(text)
        subprocess.run(["git", "add", "-A"], check=True)
        subprocess.run(["git", "commit", "-qm", message], check=True)
    return git_repo


def test_each_state_is_told_with_its_version_or_why_it_was_skipped(
    repo: Path, dslineage: Dslineage
) -> None:
    ran = dslineage("adopt", "train.jsonl", "--no-metrics")
    assert (ran.code, ran.err) == (0, "")
    head, first, counts, second, more, aside, fault, skipped, *rest = ran.out.splitlines()
    assert head == "train  2 new versions"
    assert first.startswith("  v1 (")
    assert first.endswith("  first")
    assert counts == "      1 example"
    assert second.endswith("  second ␛[31m@team")
    assert more == "      2 examples  +1"
    assert aside == "      set apart: 1 record that cannot be read"
    assert fault.startswith("        train.jsonl:3:1 $: syntax ")
    assert skipped.startswith("  skipped  2026-01-02  ")
    assert "HTML" in rest[0]
    assert rest[-2:] == [
        "note: train.jsonl is not as in v2 any more: dslineage add train.jsonl",
        "next: git commit -m 'versions of train'",
    ]


def test_the_document_says_the_same(repo: Path, dslineage: Dslineage) -> None:
    document = dslineage("adopt", "train.jsonl", "--no-metrics", "--json").json
    assert document["schema"] == "dslineage.adopt/1"
    assert [state["message"] for state in document["states"]] == [
        "first",
        "second \x1b[31m@team",
        "broken",
    ]
    assert [state["version"] and state["version"]["version"] for state in document["states"]] == [
        "v1",
        "v2",
        None,
    ]
    again = dslineage("adopt", "train.jsonl", "--no-metrics", "--json").json
    assert (again["before"], [state["version"] for state in again["states"]]) == (2, [None])


def test_nothing_to_adopt_ends_with_the_code_of_unknown_references(
    git_repo: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(git_repo)
    Path("train.jsonl").write_text(ROW.format(1, "a"))
    ran = dslineage("adopt", "train.jsonl")
    assert ran.code == 6
    assert "dslineage add train.jsonl" in ran.err


def test_missing_objects_are_told_with_what_brings_them_and_can_be_left_out(
    git_repo: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(git_repo)
    lfs = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 9\n"
    for text in (lfs, ROW.format(1, "a")):
        Path("train.jsonl").write_text(text)
        subprocess.run(["git", "add", "-A"], check=True)
        subprocess.run(["git", "commit", "-qm", "data"], check=True)
    ran = dslineage("adopt", "train.jsonl", "--no-metrics")
    assert ran.code == 6
    assert "1 of 2 states of train are not whole on this machine: the Git LFS object" in ran.err
    assert "hint: git lfs fetch --all" in ran.err
    ran = dslineage("adopt", "train.jsonl", "--no-metrics", "--skip-missing")
    assert ran.code == 0
    assert ran.out.startswith("train  1 new version\n  skipped  2026-01-02  ")
    assert "hint: git lfs fetch --all" in ran.out
