"""Installing hooks, and taking them away again: what was there before comes back as it was."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from dslineage.disk import make_folder, take_places
from dslineage.errors import UsageError
from dslineage.store.files import resource_errors
from dslineage.versions.git import Git
from dslineage_hooks.drivers import DriverState, driver_state, install_drivers, uninstall_drivers
from dslineage_hooks.managers import Manager, manager_of
from dslineage_hooks.shim import ASIDE, HOOKS, is_ours, is_untouched, shim

State = Literal["installed", "outdated", "edited", "absent", "foreign"]
_OURS = ("installed", "outdated")
_WANTING = ("outdated", "absent", "foreign")
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
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
    installed. `drivers` says whether git shows and merges pointers by dslineage, `settings` which
    of git's settings for that this call wrote or took away.
    """

    folder: Path
    hooks: tuple[Hook, ...]
    drivers: DriverState
    changed: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
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
            "drivers": asdict(self.drivers),
            "settings": list(self.settings),
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
    """Which hooks are installed, and who is in charge; and what git has of the drivers."""
    folder = git.common_dir / "hooks"
    hooks = tuple(_look(folder, python))
    return HooksResult(folder, hooks, driver_state(git, python), manager=manager_of(git))


def install(git: Git, python: str = sys.executable) -> HooksResult:
    """Write the hooks, each before one that is there, which it runs first; and set the drivers.

    Args:
        git: the repository; the hooks are those of all its work trees.
        python: the interpreter that the hooks run dslineage with.

    Raises:
        UsageError: a hook was put aside before, and another one is in its place now.
        ResourceError: git's folder cannot be written.
    """
    found = status(git, python)
    wanted = [] if found.manager else [hook for hook in found.hooks if hook.state in _WANTING]
    for hook in wanted:
        if hook.chained and hook.state == "foreign" and not _is_put_aside(found.folder / hook.name):
            raise UsageError(
                f"{found.folder / hook.name} is not dslineage's any more, and what it ran before "
                f"is still beside it, as {hook.name}{ASIDE}",
                kind="hook-replaced",
                hint="keep the one that you want under the hook's name, and remove the other",
            )
    git.settle()
    settings = install_drivers(git, python)
    for hook in wanted:
        _write(found.folder / hook.name, shim(hook.name, python), aside=hook.state == "foreign")
    changed = tuple(hook.name for hook in wanted)
    return replace(status(git, python), changed=changed, settings=settings)


def uninstall(git: Git, python: str = sys.executable) -> HooksResult:
    """Take the hooks away; what was there before is there again, to the byte. Likewise the drivers.

    Raises:
        ResourceError: git's folder cannot be written.
    """
    found = status(git, python)
    ours = [hook for hook in found.hooks if hook.state in _OURS or _is_orphan(hook)]
    for hook in ours:
        path = found.folder / hook.name
        with resource_errors(path):
            if hook.chained:
                _aside(path).replace(path)
            else:
                path.unlink()
    git.settle()
    settings = uninstall_drivers(git)
    changed = tuple(hook.name for hook in ours)
    return replace(status(git, python), changed=changed, settings=settings, manager=None)


def _is_orphan(hook: Hook) -> bool:
    """Whether somebody removed our hook, and what it ran before is still beside its place."""
    return hook.state == "absent" and hook.chained


def _is_put_aside(path: Path) -> bool:
    """Whether what is beside a hook is that hook: an installation was cut short there."""
    return os.path.samestat(path.lstat(), _aside(path).lstat())


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
    with resource_errors(path):
        make_folder(path.parent)
        with fresh.open("wb") as handle:
            handle.write(script)
            handle.flush()
            os.fchmod(handle.fileno(), _EXECUTABLE)
            os.fsync(handle.fileno())
        if aside and not os.path.lexists(_aside(path)):
            _put_aside(path)
        take_places([(fresh, path)])


def _put_aside(path: Path) -> None:
    """Give a hook a second name; where the file system knows no second names, another one."""
    try:
        os.link(path, _aside(path), follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        path.rename(_aside(path))


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ASIDE)
