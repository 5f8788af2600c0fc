"""The settings by which git shows and merges pointers; `.gitattributes` says for which files.

A clone without the settings works as if there were no drivers. Where the interpreter is gone, what
is set falls back to what git would have done. In a repository whose `.gitattributes` does not name
the drivers, because it is older than they are, the clone's own list of attributes does.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dslineage.errors import UsageError
from dslineage.records import POINTER_SUFFIX
from dslineage.store.files import resource_errors, write_file
from dslineage.versions.git import Git

_MODULE = "dslineage_cli.driver"
_NAME = "dslineage"
_SECTIONS = (f"diff.{_NAME}", f"merge.{_NAME}")
_LINE = f"*{POINTER_SUFFIX} diff={_NAME} merge={_NAME}".encode()


@dataclass(frozen=True, slots=True)
class DriverState:
    """Whether git shows and merges the pointers of a clone by dslineage.

    `settings` are `outdated` where they name another interpreter, or are those of another release.
    `attributes` are `other` where somebody chose another driver for a pointer, or none.
    """

    settings: Literal["set", "outdated", "absent"]
    attributes: Literal["set", "absent", "other"]


def settings(python: str) -> dict[str, str]:
    """The settings, for the interpreter that has dslineage."""
    run = f"{shlex.quote(python)} -P -m {_MODULE}"
    return {
        "diff.dslineage.textconv": f'f() {{ {run} diff "$1" 2>/dev/null || cat "$1"; }}; f',
        "merge.dslineage.name": "versions of a data set (dslineage)",
        "merge.dslineage.driver": f"test -x {shlex.quote(python)} || "
        "exec git merge-file --marker-size=%L %A %O %B; "
        f"exec {run} merge %O %A %B %L %P",
        "merge.dslineage.recursive": "binary",
    }


def driver_state(git: Git, python: str = sys.executable) -> DriverState:
    """What is set in this clone, and what git's attributes say of its pointers."""
    found = {name: _get(git, name) == value for name, value in settings(python).items()}
    ours = any(_MODULE in _get(git, name) for name in found)
    return DriverState(
        "set" if all(found.values()) else "outdated" if ours else "absent", _attributes(git)
    )


def install_drivers(git: Git, python: str = sys.executable) -> tuple[str, ...]:
    """Write the settings of this repository; those that changed.

    Args:
        git: the repository; its work trees share the settings.
        python: the interpreter that git runs dslineage with.

    Raises:
        ResourceError: git's folder cannot be written.
    """
    wanted = settings(python)
    changed = tuple(name for name, value in wanted.items() if _get(git, name) != value)
    if changed:
        git.configure(*(["--replace-all", name, wanted[name]] for name in changed))
    if _attributes(git) == "absent":
        path = _own_attributes(git)
        before = _bytes(path)
        ended = not before or before.endswith(b"\n")
        _write(path, before + (_LINE + b"\n" if ended else b"\n" + _LINE))
        changed += ("info/attributes",)
    return changed


def uninstall_drivers(git: Git) -> tuple[str, ...]:
    """Take the settings away; those that were there. A driver that is not ours stays."""
    gone = [
        section
        for section, command in zip(_SECTIONS, ("textconv", "driver"), strict=True)
        if _MODULE in _get(git, f"{section}.{command}")
    ]
    if gone:
        git.configure(*(["--remove-section", section] for section in gone))
    path = _own_attributes(git)
    before = _bytes(path)
    after = b"\n".join(line for line in before.split(b"\n") if line != _LINE)
    if after != before:
        _write(path, after)
        gone.append("info/attributes")
    return tuple(gone)


def _attributes(git: Git) -> Literal["set", "absent", "other"]:
    """What git would use for the pointers that are there, or for one that may come."""
    names = git.names_like(f"*{POINTER_SUFFIX}") or [f"train{POINTER_SUFFIX}"]
    listing = "".join(f"{name}\0" for name in names).encode(errors="surrogateescape")
    answer = git.ask(["check-attr", "-z", "--stdin", "diff", "merge"], stdin=listing)
    found = set(answer.split(b"\0")[2::3])
    if found == {_NAME.encode()}:
        return "set"
    return "absent" if found <= {b"unspecified", _NAME.encode()} else "other"


def _own_attributes(git: Git) -> Path:
    return git.common_dir / "info" / "attributes"


def _bytes(path: Path) -> bytes:
    with resource_errors(path):
        return path.read_bytes() if path.exists() else b""


def _write(path: Path, data: bytes) -> None:
    if data:
        write_file(path, data)
        return
    with resource_errors(path):
        path.unlink()


def _get(git: Git, name: str) -> str:
    try:
        return git.ask(["config", "--local", "--get", name]).decode().removesuffix("\n")
    except UsageError:
        return ""
