"""What docs/adopt.md shows is what happens, on real data."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from dslineage_cli.main import main
from tests.versions.histories import History

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adopt.md"
_SHOWN = re.compile(r"\$ dslineage ([^\n]*)\n(.*?)(?=```|\$ )", re.DOTALL)
_FILES = {
    "tools.json": "dedupe-only",
    "tools_0.9.json": "similarity-0.9",
    "tools_0.8.json": "similarity-0.8",
    "tools_0.7.json": "similarity-0.7",
    "tools_FINAL_v2.json": "similarity-0.6",
}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History.make(tmp_path / "work")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("COLUMNS", "88")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")
    return made


def check(about: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the commands of the page that speak of some data, in their order."""
    shown = _SHOWN.findall(PAGE.read_text(encoding="utf-8"))
    chosen = [(command, said) for command, said in shown if about in command]
    assert len(chosen) == 2
    for command, said in chosen:
        capsys.readouterr()
        assert main(shlex.split(command)) == 0
        assert capsys.readouterr().out == said


def test_eight_commits_of_a_table_are_eight_versions(
    repo: History, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, file in enumerate(sorted((shared_data / "prompts").glob("*.csv")), 1):
        repo.commit(
            f"revision {number}",
            {"data/prompts.csv": file.read_bytes()},
            author=f"Author {number} <{number}@example.org>",
            day=number,
        )
    check("prompts", capsys)


def test_five_files_are_five_versions(
    repo: History, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day, (name, step) in enumerate(_FILES.items(), 1):
        path = Path(shutil.copy(shared_data / "toolformer" / f"toolformer-{step}.json", name))
        os.utime(path, (1_700_000_000 + 86_400 * day,) * 2)
    check("tools", capsys)
