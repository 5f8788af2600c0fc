"""Which code trains, in which environment: whatever of it can be told without being needed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dslineage.codeof import CHANGES, public_url
from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.records import Code, Gap

_GIT = (
    *("git", "-c", "core.fsmonitor=false", "-c", "diff.autoRefreshIndex=false"),
    *("--no-pager", "--no-optional-locks"),
)
_GIT_SECONDS = 20.0


def code_of(folder: Path, script: str | None = None) -> tuple[Code | None, tuple[Gap, ...]]:
    """The commit of the work tree that a folder is in, and whether it was changed.

    git is asked where it is there; where it is not, or knows nothing, that is a gap.
    """
    commit = commit_of(folder)
    if commit is None:
        found = Code(script=script) if script else None
        why = "the training folder is in no git repository with a commit"
        if shutil.which("git") is None:
            why = "git is not installed"
        return found, (Gap("code", f"which code trained is not known: {why}"),)
    changes = _git(folder, *CHANGES)
    remote = _git(folder, "config", "--get", "remote.origin.url")
    gaps = (
        () if changes is not None else (Gap("code", "whether the code was changed is not known"),)
    )
    return (
        Code(
            commit=commit,
            dirty=Digest.of(changes) if changes else None,
            repository=public_url(remote.decode().strip()) if remote else None,
            script=script,
        ),
        gaps,
    )


def commit_of(folder: Path) -> str | None:
    """The commit of the work tree that a folder is in, where git is there and knows one."""
    found = _git(folder, "rev-parse", "--verify", "HEAD")
    return None if found is None else found.decode().strip()


def ask(folder: Path, arguments: Sequence[str], stdin: bytes | None = None) -> bytes:
    """What git answers in a folder.

    Raises:
        IntegrityError: it fails.
    """
    found = _git(folder, *arguments, stdin=stdin)
    if found is None:
        message = f"git {arguments[0]} fails in {folder}, and nobody knows what its branches have"
        raise IntegrityError(message, kind="git-failed", hint="git status")
    return found


def git_folder(folder: Path) -> Path | None:
    """The folder that all work trees of the repository share, where git is there and says so."""
    found = _git(folder, "rev-parse", "--git-common-dir")
    return None if found is None else folder / os.fsdecode(found.removesuffix(b"\n"))


def framework_versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def environment() -> dict[str, Any]:
    """The interpreter, the machine, and its accelerators where torch is loaded."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        count = torch.cuda.device_count()
        found["accelerators"] = [torch.cuda.get_device_name(number) for number in range(count)]
    return found


def plain(value: Any) -> Any:
    """A value as JSON, without null members; what JSON cannot say is its text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(item) for item in items]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)
    if value is None or type(value) in {str, int, float, bool}:
        return value
    return str(value)


def _git(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes | None:
    """What git says, or None where it is not there, refuses or takes too long."""
    try:
        done = subprocess.run(
            [*_GIT, *arguments],
            cwd=folder,
            input=stdin or b"",
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
