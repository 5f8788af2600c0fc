"""The settings by which git shows and merges pointers; `.gitattributes` says for which files.

A clone without the settings works as if there were no drivers. Where the interpreter is gone, what
is set falls back to what git would have done.
"""

from __future__ import annotations

import shlex
import sys

from dslineage.errors import UsageError
from dslineage.versions.git import Git

_MODULE = "dslineage_cli.driver"
_SECTIONS = ("diff.dslineage", "merge.dslineage")


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


def install_drivers(git: Git, python: str = sys.executable) -> tuple[str, ...]:
    """Write the settings of this repository; those that changed.

    Args:
        git: the repository; its work trees share the settings.
        python: the interpreter that git runs dslineage with.
    """
    wanted = settings(python)
    changed = tuple(name for name, value in wanted.items() if _get(git, name) != value)
    for name in changed:
        git.ask(["config", "--local", "--replace-all", name, wanted[name]])
    return changed


def uninstall_drivers(git: Git) -> tuple[str, ...]:
    """Take the settings away; those that were there. A driver that is not ours stays."""
    gone = []
    for section, command in zip(_SECTIONS, ("textconv", "driver"), strict=True):
        if _MODULE in _get(git, f"{section}.{command}"):
            git.ask(["config", "--local", "--remove-section", section])
            gone.append(section)
    return tuple(gone)


def drivers_installed(git: Git, python: str = sys.executable) -> bool:
    """Whether the settings are those of this interpreter."""
    return all(_get(git, name) == value for name, value in settings(python).items())


def _get(git: Git, name: str) -> str:
    try:
        return git.ask(["config", "--local", "--get", name]).decode().removesuffix("\n")
    except UsageError:
        return ""
