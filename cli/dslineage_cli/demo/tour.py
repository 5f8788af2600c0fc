"""Runs the demo: the commands that a curator would type, each printed before it runs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import UsageError
from dslineage.versions.git import Git
from dslineage_cli.demo.story import chapters
from dslineage_cli.exits import FINE
from dslineage_cli.page import bold, cyan, dim

if TYPE_CHECKING:
    from dslineage_cli.terminal import Terminal

DATA = "data/support.jsonl"
_INIT = ["git", "init", "-q"]


def run(directory: Path, terminal: Terminal) -> int:
    """Make the repository and run the commands in it; the first exit code that is not 0."""
    from dslineage_cli.main import main

    with _entered(directory):
        _announce("a git repository, and a place for data sets in it", _INIT, terminal)
        for note, command in _commands():
            _announce(note, ["dslineage", *command], terminal)
            if code := main(["--no-pager", *command]):
                return code
    _announce("the repository is yours to explore", [], terminal)
    page = terminal.page()
    page.next(shlex.join([_program(), "-C", str(directory), "show", "v4"]))
    terminal.show(page)
    return FINE


def _program() -> str:
    """What to type for this program: a path, where an environment was not activated."""
    script = Path(sys.executable).with_name("dslineage")
    return "dslineage" if shutil.which("dslineage") else os.path.relpath(script)


def document(directory: Path) -> dict[str, Any]:
    """Do the same in silence; each command with the document that it printed."""
    from dslineage_cli.main import main

    steps = []
    with _entered(directory):
        for _, command in _commands():
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                code = main([*command, "--json"])
            result = json.loads(printed.getvalue())
            steps.append({"command": command, "exit_code": code, "result": result})
    return {"schema": "dslineage.demo/1", "directory": str(directory), "steps": steps}


@contextlib.contextmanager
def _entered(directory: Path) -> Iterator[None]:
    """Make the folder a git repository of its own, also inside another one, and go there.

    Commits need an author; where git knows none, this repository gets one.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            f"{directory} is there already", kind="exists", hint="dslineage demo NEW-DIR"
        )
    (directory / DATA).parent.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(directory):
        Git.init(Path())
        known = subprocess.run(["git", "config", "user.email"], capture_output=True, check=False)
        if known.returncode:
            for name, value in (("name", "dslineage demo"), ("email", "demo@example.org")):
                subprocess.run(["git", "config", f"user.{name}", value], check=True)
        yield


def _commands() -> Iterator[tuple[str, list[str]]]:
    """What to type, each with a remark; the data file changes before each version."""
    story = chapters()
    yield "", ["init"]
    for number, chapter in enumerate(story, start=1):
        Path(DATA).write_text(chapter.jsonl(), encoding="utf-8")
        yield f"version {number}: {chapter.message}", ["add", DATA, "-m", chapter.message]
        yield "", ["commit", "-m", chapter.message]
    yield "what is recorded", ["log"]
    yield "the refusals went, and so did the repeated lines", ["diff", "v1", "v2", "--limit", "1"]
    yield "what the edit pass did to the answers", ["diff", "v2", "v3", "--limit", "1"]
    yield "what came from the forum, and what else changed", ["diff", "v3", "v4"]


def _announce(note: str, command: list[str], terminal: Terminal) -> None:
    page = terminal.page()
    if note:
        page.add()
        page.add(dim(f"# {note}"))
    if command:
        page.add(bold("$ "), cyan(shlex.join(command)))
    terminal.show(page)
