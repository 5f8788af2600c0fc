"""The demo: the same story on every machine, told by the commands that a curator would type."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage_cli.demo.story import chapters
from tests.cli.conftest import Dslineage

if TYPE_CHECKING:
    import pytest


def test_the_story_is_the_same_each_time_and_goes_as_its_messages_say() -> None:
    first, second, third, fourth = story = chapters()
    assert [chapter.jsonl() for chapter in chapters()] == [chapter.jsonl() for chapter in story]
    assert [len(chapter.examples) for chapter in story] == [318, 288, 288, 364]
    assert "as an AI language model" in first.jsonl()
    assert "as an AI language model" not in second.jsonl()
    assert "â†’" in second.jsonl()
    assert "â†’" not in third.jsonl()
    assert {example["source"] for example in third.examples} == {"helpdesk"}
    assert {example["source"] for example in fourth.examples} == {"helpdesk", "forum"}


def test_no_question_is_asked_twice_in_the_last_version() -> None:
    questions = [example["messages"][1]["content"] for example in chapters()[-1].examples]
    assert len(set(questions)) == len(questions)


def test_the_demo_prints_each_command_and_ends_with_what_changed(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    ran = dslineage("demo", tmp_path / "tour")
    assert (ran.code, ran.err) == (0, "")
    commands = [line for line in ran.out.splitlines() if line.startswith("$ ")]
    assert commands[:2] == ["$ git init -q", "$ dslineage init"]
    assert sum(command.startswith("$ dslineage add ") for command in commands) == 4
    assert commands[-1] == "$ dslineage diff v3 v4"
    *_, following = ran.out.splitlines()
    again = shlex.split(following.removeprefix("next: "))
    assert again[-4:] == ["-C", str(tmp_path / "tour"), "show", "v4"]
    assert subprocess.run(again, capture_output=True, check=False).returncode == 0
    ending = ran.out[ran.out.index("$ dslineage diff v3 v4\n") :]
    assert "278 unchanged" in ending


def test_a_demo_inside_a_git_repository_leaves_that_one_alone(
    dslineage: Dslineage, git_repo: Path
) -> None:
    assert dslineage("demo", git_repo / "demo").code == 0
    said = subprocess.run(
        ["git", "-C", git_repo, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert said.stdout == "?? demo/\n"


def test_the_demo_is_one_document_too(dslineage: Dslineage, tmp_path: Path) -> None:
    document = dslineage("demo", tmp_path / "tour", "--json").json
    assert document["schema"] == "dslineage.demo/1"
    assert {step["exit_code"] for step in document["steps"]} == {0}
    assert document["steps"][-1]["result"]["examples"]["added"] == 78


def test_the_demo_needs_no_name_known_to_git(
    dslineage: Dslineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    assert dslineage("demo", tmp_path / "tour").code == 0


def test_a_folder_that_holds_something_is_left_alone(dslineage: Dslineage, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ran = dslineage("demo", tmp_path)
    assert ran.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
