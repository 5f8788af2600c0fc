"""A repository with pull requests in it, made by git itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dslineage.pullrequest.result import PullRequest
from dslineage.repository import Repository
from dslineage_hooks.review import Review, review
from tests.hooks.work import DATA, ONE, POINTER, TWO, Work, lines

__all__ = ["DATA", "ONE", "POINTER", "TWO", "Work", "lines"]

GATE = """
[[gates]]
metric = "empty_target"
max_increase = "{bound}"
reason = "blank answers teach silence"
"""


def pull(work: Work, base: str = "main", head: str = "HEAD", limit: int = 5) -> PullRequest:
    """What a pull request does."""
    return Repository.open(work.root).pull_request(base, head, limit=limit)


def reviewed(work: Work, base: str = "main", head: str = "HEAD") -> Review:
    """The whole review."""
    return review(Repository.open(work.root), base, head, 5)


def commit(work: Work, message: str = "change") -> str:
    """Commit all that is there; the commit."""
    work.git("add", "-A")
    work.git("commit", "-qm", message)
    return work.head()


def settle(work: Work, text: str) -> None:
    """Write `dslineage.toml` and commit it."""
    work.write("dslineage.toml", text)
    commit(work, "settings")


def clone(work: Work, folder: Path, *options: str) -> Work:
    """The repository as CI has it: without objects."""
    work.git("clone", "-q", *options, work.root.as_uri(), str(folder))
    return Work(folder)


def texts_in(document: Any) -> Iterator[str]:
    """Every text of a JSON value, those of keys too."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from texts_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from texts_in(value)


def document(found: Review) -> dict[str, Any]:
    """The JSON of a review, as a program reads it."""
    read: dict[str, Any] = json.loads(json.dumps(found.to_dict()))
    return read
