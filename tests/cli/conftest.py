"""A program to call, and a repository that the demo made."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dslineage_cli.demo.story import chapters
from dslineage_cli.main import main


class Ran(NamedTuple):
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The document on stdout."""
        document: dict[str, Any] = json.loads(self.out)
        return document


Dslineage = Callable[..., Ran]


@pytest.fixture
def dslineage(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Dslineage:
    """Runs the program in process, with time and width pinned."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")
    monkeypatch.setenv("COLUMNS", "100")

    def run(*argv: str | Path) -> Ran:
        capfd.readouterr()
        code = main([str(word) for word in argv])
        return Ran(code, *capfd.readouterr())

    return run


@pytest.fixture
def support(git_repo: Path, dslineage: Dslineage) -> Path:
    """A repository with the demo's four versions, and its folder as the current one."""
    with contextlib.chdir(git_repo):
        for chapter in chapters():
            Path("support.jsonl").write_text(chapter.jsonl(), encoding="utf-8")
            assert dslineage("add", "support.jsonl", "-m", chapter.message).code == 0
            assert dslineage("commit", "-m", chapter.message).code == 0
    return git_repo
