"""What `doctor` looks at: the machine, the installation, and the repository here."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dslineage.errors import DslineageError, ResourceError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.repository import Repository

_GIT = (2, 25)
_ROOM = 1 << 30
_NAME = re.compile(r"^[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)")

State = Literal["ok", "note", "wrong"]


class Finding(NamedTuple):
    """One thing that was looked at; `hint` says what to do where it is not ok."""

    name: str
    state: State
    value: str
    hint: str = ""


@dataclass(frozen=True)
class Checkup:
    """Everything that was looked at."""

    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """0, or that of a machine that lacks something."""
        wrong = any(finding.state == "wrong" for finding in self.findings)
        return CODES[ResourceError] if wrong else FINE

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON document `dslineage.doctor/1`."""
        return {
            "schema": "dslineage.doctor/1",
            "healthy": self.exit_code == FINE,
            "findings": [finding._asdict() for finding in self.findings],
        }


def checkup() -> Checkup:
    """Look at everything; writes nothing."""
    git = _git()
    return Checkup((*_installation(), git, *(_repository() if git.state == "ok" else ()), _room()))


def _installation() -> Iterator[Finding]:
    yield Finding("dslineage", "ok", version("dslineage"))
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}")
    for requirement in sorted(requires("dslineage") or ()):
        name = _NAME.findall(requirement)[0]
        extra = _EXTRA.search(requirement)
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            if extra is None:
                yield Finding(name, "wrong", "not installed", f"python -m pip install {name}")
            else:
                yield Finding(name, "ok", f"not installed; only the extra [{extra[1]}] needs it")
    yield _compiled()


def _compiled() -> Finding:
    from dslineage.adapters import native

    if native.COMPILED:
        return Finding("compiled", "ok", "new rows are read by compiled code")
    hint = "install a C compiler, then: python -m pip install --force-reinstall --no-deps dslineage"
    return Finding("compiled", "note", "no, so `add` takes longer to read new rows", hint)


def _git() -> Finding:
    if shutil.which("git") is None:
        return Finding("git", "wrong", "not found", "install git")
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    found = tuple(map(int, re.findall(r"\d+", said)[:2]))
    if found < _GIT:
        return Finding("git", "wrong", said.strip(), "update git to 2.25 or newer")
    return Finding("git", "ok", said.strip().removeprefix("git version "))


def _repository() -> Iterator[Finding]:
    from dslineage.repository import Repository

    try:
        repository = Repository.open()
    except DslineageError as error:
        yield Finding("repository", "note", error.message, error.hint)
        return
    yield Finding("repository", "ok", str(repository.root))
    if repository.git.author:
        yield Finding("author", "ok", repository.git.author)
    else:
        hint = "git config user.name 'Your Name' && git config user.email you@example.org"
        yield Finding("author", "note", "git does not know who you are, so no commit works", hint)
    yield _versions(repository)
    yield from _forgotten(repository)
    if not os.access(repository.root, os.W_OK):
        yield Finding(
            "writing", "note", "this folder is read-only", "diff, log and show still work"
        )


def _versions(repository: Repository) -> Finding:
    """What is recorded here, as far as records and pointers can be read."""
    try:
        versions = repository.log().versions
        statuses = repository.status().datasets
    except DslineageError as error:
        return Finding("versions", "wrong", error.message, error.hint or "dslineage verify")
    for broken in (one for one in statuses if one.hint):
        return Finding("versions", "wrong", f"{broken.pointer} is {broken.state}", broken.hint)
    states = [one.state for one in statuses]
    value = f"{counted(len(versions), 'version')} of {counted(len(states), 'data set')}"
    if "missing" in states:
        value += f", {counted(states.count('missing'), 'data set')} without its files"
        return Finding("versions", "note", value, "dslineage checkout")
    return Finding("versions", "ok", value)


def _forgotten(repository: Repository) -> Iterator[Finding]:
    """What is still kept of examples that were forgotten, if anything was."""
    try:
        notices = repository.status().notices
    except DslineageError:  # told with the versions
        return
    for notice in notices:
        what, _, hint = notice.rpartition(": ")
        yield Finding("forgotten", "note", what, hint)


def _room() -> Finding:
    free = shutil.disk_usage(Path()).free
    text = f"{free / (1 << 30):,.1f} GiB free here"
    if free < _ROOM:
        return Finding("disk", "note", text, "make room: a version needs at most its data's size")
    return Finding("disk", "ok", text)
