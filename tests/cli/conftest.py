"""A program to call, and a repository that the demo made."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dslineage_cli.demo.story import chapters
from dslineage_cli.main import main
from tests.cli.browser import chromium
from tests.versions.support import ada

__all__ = ["chromium"]


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


@pytest.fixture(scope="session")
def _support(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that `support` copies, made once."""
    root = tmp_path_factory.mktemp("support") / "repo"
    root.mkdir()
    with ada() as environment, contextlib.chdir(root):
        environment.setenv("SOURCE_DATE_EPOCH", "1767323045")
        with contextlib.redirect_stdout(io.StringIO()):
            assert main(["init"]) == 0
            for chapter in chapters():
                Path("support.jsonl").write_text(chapter.jsonl(), encoding="utf-8")
                assert main(["add", "support.jsonl", "-m", chapter.message]) == 0
                assert main(["commit", "-m", chapter.message]) == 0
    return root


@pytest.fixture
def support(_support: Path, tmp_path: Path) -> Path:
    """A repository with the demo's four versions."""
    return Path(shutil.copytree(_support, tmp_path / "repo"))
