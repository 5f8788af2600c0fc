"""The files of work trees: those of data sets, and everything else that lies there."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.elsewhere.place import Place
from dslineage.records import POINTER_SUFFIX
from dslineage.versions.catalog import Catalog

if TYPE_CHECKING:
    from dslineage.elsewhere.seeker import Seeker, Sight
    from dslineage.versions.git import Git

_TOOLS = {".git", "__pycache__", "node_modules"}
_OPAQUE = re.compile(
    r"\.(avi|bin|ckpt|flac|gguf|gif|jpe?g|mkv|mov|mp[34]|ogg|onnx|png|pth?|safetensors|wav|webp)",
    re.IGNORECASE,
)
"""Suffixes of weights, pictures, sound and film."""


def in_work_trees(trees: Sequence[Git], seeker: Seeker) -> Iterator[Place]:
    """The files of work trees that have forgotten examples, or that cannot be read.

    Links are not followed. Installed packages, weights, pictures, sound and film are passed over,
    and the last four are counted.
    """
    roots = {tree.root.resolve() for tree in trees}
    for tree in trees:
        data = {path for file in Catalog(tree).pointers() for path in file.data_paths()}
        opaque: list[Path] = []
        closed: list[OSError] = []
        for folder, names in _folders(tree.root, roots, closed):
            if folder != tree.root and (folder / ".git").exists():
                why = "it is a repository of its own, whose history was not read"
                yield Place("clone", str(folder), "unknown", why)
            for name in names:
                path = folder / name
                if _OPAQUE.fullmatch(path.suffix):
                    opaque.append(path)
                elif sight := seeker.in_file(path):
                    inner = path.relative_to(tree.root).as_posix()
                    yield _place(tree.root, inner, sight, is_data=inner in data)
        for error in closed:
            why = f"it cannot be read: {error.strerror}"
            yield Place("file", str(error.filename), "unknown", why)
        if opaque:
            more = f" and {len(opaque) - 1:,} more" if len(opaque) > 1 else ""
            why = "weights, pictures, sound and film were not read"
            yield Place("file", f"{opaque[0]}{more}", "unknown", why)


def _place(root: Path, name: str, sight: Sight, *, is_data: bool) -> Place:
    path = str(root / name)
    if is_data:
        again = f"dslineage -C {shlex.quote(str(root))} add {shlex.quote(name)}"
        return Place("data", path, *sight, f"take them out of the file, then: {again}")
    return Place("file", path, *sight, f"rm {shlex.quote(path)}")


def _folders(
    root: Path, roots: Collection[Path], closed: list[OSError]
) -> Iterator[tuple[Path, list[str]]]:
    """The folders of a work tree, each with its regular files; what DVC caches is DVC's.

    Args:
        root: the work tree.
        roots: all work trees: one may lie inside another.
        closed: takes what is wrong with folders that cannot be read.
    """
    for folder, folders, names in os.walk(root, onerror=closed.append):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if _enters(here, name) and (here / name).resolve() not in roots
        )
        yield here, [name for name in sorted(names) if _is_ours(here / name)]


def _enters(folder: Path, name: str) -> bool:
    path = folder / name
    is_cache = folder.name == ".dvc" and name in {"cache", "tmp"}
    return not (name in _TOOLS or is_cache or path.is_symlink() or (path / "pyvenv.cfg").exists())


def _is_ours(path: Path) -> bool:
    said = path.name == ".git" or path.name.endswith(POINTER_SUFFIX)
    return not said and path.is_file() and not path.is_symlink()
