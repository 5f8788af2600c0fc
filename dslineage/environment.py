"""Where code runs: the interpreter, the platform, the installed packages, the lock files.

Environment variables are never looked at: they hold secrets.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_LOCK_FILES = (
    "Pipfile.lock",
    "conda-lock.yml",
    "environment.yml",
    "pdm.lock",
    "pixi.lock",
    "poetry.lock",
    "pylock.toml",
    "requirements.lock",
    "requirements.txt",
    "uv.lock",
)


def environment(root: Path) -> Mapping[str, Any]:
    """The environment of this process, as JSON values.

    Args:
        root: the folder whose lock files count.

    Returns:
        `python`, `platform`, `packages` (see `packages_hash`) and, by name, the SHA-256 of each
        lock file.
    """
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": packages_hash(),
        **machine(root),
    }


def machine(root: Path) -> Mapping[str, Any]:
    """What is the same for every process here: the platform and the lock files."""
    paths = [root / name for name in _LOCK_FILES]
    locks = {path.name: _sha256(path.read_bytes()) for path in paths if path.is_file()}
    return {
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        **({"lock_files": locks} if locks else {}),
    }


def packages_hash() -> str:
    """One hash over the installed packages: lines `name==version`, lower-case names, sorted."""
    from importlib.metadata import distributions

    found = {f"{one.name.lower()}=={one.version}" for one in distributions() if one.name}
    return _sha256("".join(f"{line}\n" for line in sorted(found)).encode())


def runs_here(command: Sequence[str]) -> bool:
    """Whether a command's program lies beside this interpreter, and so sees its packages."""
    program = shutil.which(command[0])
    return program is not None and Path(program).parent == Path(sys.executable).parent


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
