"""Installing hooks, and taking them away again: what was there before comes back as it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from dslineage.errors import UsageError
from dslineage.store.files import resource_errors, write_file
from dslineage.versions.git import Git
from dslineage_hooks.managers import Manager, manager_of
from dslineage_hooks.shim import ASIDE, HOOKS, is_ours, is_untouched, shim

State = Literal["installed", "outdated", "edited", "absent", "foreign"]
_EXECUTABLE = 0o755


class Hook(NamedTuple):
    """One hook: whether it is ours and as written, and whether another one runs before it."""

    name: str
    state: State
    chained: bool = False


@dataclass(frozen=True, slots=True)
class HooksResult:
    """The hooks of a repository; `changed` are those that this call wrote or took away.

    `manager` is who is in charge of them, where that is not git's own folder: then nothing was
    installed.
    """

    folder: Path
    hooks: tuple[Hook, ...]
    changed: tuple[str, ...] = ()
    manager: Manager | None = None

    @property
    def edited(self) -> tuple[str, ...]:
        """The hooks that somebody edited after they were installed: they are left alone."""
        return tuple(hook.name for hook in self.hooks if hook.state == "edited")

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.hooks/1`."""
        manager = self.manager
        return {
            "schema": "dslineage.hooks/1",
            "folder": str(self.folder),
            "hooks": [hook._asdict() for hook in self.hooks],
            "changed": list(self.changed),
            "manager": None
            if manager is None
            else {
                "name": manager.name,
                "found": manager.where,
                "into": manager.into,
                "snippet": manager.snippet,
            },
        }


def status(git: Git, python: str = sys.executable) -> HooksResult:
    """Which hooks are installed, and who is in charge."""
    folder = _folder(git)
    return HooksResult(folder, tuple(_look(folder, python)), manager=manager_of(git))


def install(git: Git, python: str = sys.executable) -> HooksResult:
    """Write the hooks, each before one that is there, which it runs first.

    Args:
        git: the repository; the hooks are those of all its work trees.
        python: the interpreter that the hooks run dslineage with.

    Raises:
        UsageError: a hook was put aside before, and another one is in its place now.
        ResourceError: the folder cannot be written.
    """
    found = status(git, python)
    if found.manager is not None:
        return found
    wanted = [hook for hook in found.hooks if hook.state not in {"installed", "edited"}]
    for hook in wanted:
        if hook.chained and hook.state == "foreign":
            raise UsageError(
                f"{found.folder / hook.name} is not dslineage's any more, and what it ran before "
                f"is still beside it, as {hook.name}{ASIDE}",
                kind="hook-replaced",
                hint="keep the one that you want under the hook's name, and remove the other",
            )
    for hook in wanted:
        _write(found.folder / hook.name, shim(hook.name, python), aside=hook.state == "foreign")
    return HooksResult(
        found.folder, tuple(_look(found.folder, python)), tuple(hook.name for hook in wanted)
    )


def uninstall(git: Git, python: str = sys.executable) -> HooksResult:
    """Take the hooks away; what was there before is there again, to the byte.

    Raises:
        ResourceError: the folder cannot be written.
    """
    found = status(git, python)
    ours = [hook for hook in found.hooks if hook.state in {"installed", "outdated"}]
    for hook in ours:
        path = found.folder / hook.name
        with resource_errors(path):
            if hook.chained:
                _aside(path).replace(path)
            else:
                path.unlink()
    return HooksResult(
        found.folder, tuple(_look(found.folder, python)), tuple(hook.name for hook in ours)
    )


def _folder(git: Git) -> Path:
    return git.common_dir / "hooks"


def _look(folder: Path, python: str) -> Iterator[Hook]:
    for name in HOOKS:
        path = folder / name
        yield Hook(name, _state(path, shim(name, python)), os.path.lexists(_aside(path)))


def _state(path: Path, wanted: bytes) -> State:
    if not os.path.lexists(path):
        return "absent"
    if path.is_symlink() or not path.is_file() or not is_ours(data := path.read_bytes()):
        return "foreign"
    if not is_untouched(data):
        return "edited"
    return "installed" if data == wanted and os.access(path, os.X_OK) else "outdated"


def _write(path: Path, script: bytes, *, aside: bool) -> None:
    """Put a script in place at once: at no moment is the hook that was there not run."""
    fresh = path.with_name(f"{path.name}.dslineage-new")
    write_file(fresh, script)
    with resource_errors(path):
        fresh.chmod(_EXECUTABLE)
        if aside:
            os.link(path, _aside(path), follow_symlinks=False)
        fresh.replace(path)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ASIDE)
