"""Files that `dslineage.toml` names: regular files of the repository, and no others."""

from __future__ import annotations

from pathlib import Path

from dslineage.config import FILE_NAME
from dslineage.errors import IntegrityError, UsageError
from dslineage.records import safe_path


def repository_file(root: Path, name: str, where: str) -> Path:
    """A file of the repository that its settings name.

    Args:
        root: the top of the work tree.
        name: relative to it, with slashes.
        where: the key that names it, for messages.

    Raises:
        UsageError: it leads out of the work tree or into git's folder, is behind a link, or is not
            there.
    """
    try:
        path = root / safe_path(name)
    except IntegrityError:
        path = root
    if path == root or path.resolve() != root.resolve() / path.relative_to(root):
        raise UsageError(
            f"{FILE_NAME}: {where}: {name!r} is no file of the repository", kind="bad-config"
        )
    if not path.is_file():
        raise UsageError(f"{FILE_NAME}: {where}: there is no file {name!r}", kind="no-file")
    return path
