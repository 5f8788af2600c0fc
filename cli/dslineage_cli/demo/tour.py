"""Runs the demo: the commands that a curator would type, each printed before it runs."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import UsageError
from dslineage_cli.demo.story import chapters
from dslineage_cli.exits import FINE
from dslineage_cli.page import bold, cyan, dim

if TYPE_CHECKING:
    from dslineage_cli.terminal import Terminal

DATA = "data/support.jsonl"


def run(directory: Path, terminal: Terminal) -> int:
    """Make the repository and run the commands in it; the first exit code that is not 0."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            f"{directory} is there already", kind="exists", hint="dslineage demo NEW-DIR"
        )
    (directory / DATA).parent.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(directory):
        _own_repository(terminal)
        for note, command in _commands():
            if code := _step(note, command, terminal):
                return code
    _farewell(directory, terminal)
    return FINE


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


def _step(note: str, command: list[str], terminal: Terminal) -> int:
    from dslineage_cli.main import main

    _announce(note, ["dslineage", *command], terminal)
    return main(["--no-pager", *command])


def _announce(note: str, command: list[str], terminal: Terminal) -> None:
    page = terminal.page()
    if note:
        page.add()
        page.add(dim(f"# {note}"))
    page.add(bold("$ "), cyan(shlex.join(command)))
    terminal.show(page)


def _own_repository(terminal: Terminal) -> None:
    """Make a git repository here, also where the folder is inside another one.

    Commits need an author; where git knows none, this repository gets one.
    """
    init = ["git", "init", "-q"]
    _announce("a git repository, and a place for data sets in it", init, terminal)
    subprocess.run(init, check=True)
    known = subprocess.run(["git", "config", "user.email"], capture_output=True, check=False)
    if known.returncode:
        for name, value in (("name", "dslineage demo"), ("email", "demo@example.org")):
            subprocess.run(["git", "config", f"user.{name}", value], check=True)


def _farewell(directory: Path, terminal: Terminal) -> None:
    page = terminal.page()
    page.add()
    page.add(dim("# the repository is yours to explore"))
    page.add(bold("$ "), cyan(f"cd {shlex.quote(str(directory))} && dslineage show v4"))
    terminal.show(page)
