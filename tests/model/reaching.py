"""The files of all versions that git or a work tree has, asked the simple way.

That is the tree of every commit that a ref, a reflog or a stash leads to, every index, and every
file of every work tree; records are read with the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.versions.support import Bench


def reachable(trees: Sequence[Bench]) -> dict[str, Any]:
    """What records say of each such file, by its SHA-256; of the work trees of one repository."""
    files = (file for data in _records(trees) for file in json.loads(data)["files"])
    return {file["sha256"]: file for file in files}


def _records(trees: Sequence[Bench]) -> Iterator[bytes]:
    commits = trees[0].git("rev-list", "--all", "--reflog").split()
    for tree in trees:
        own = Path(tree.git("rev-parse", "--absolute-git-dir").strip())
        commits += [path.read_text().strip() for path in own.glob("ORIG_HEAD")]
    blobs = set()
    for commit in set(commits):
        for line in trees[0].git("ls-tree", "-r", commit).splitlines():
            about, _, name = line.partition("\t")
            if _is_dataset(name):
                blobs.add(about.split()[2])
    for blob in blobs:
        yield trees[0].raw_git("cat-file", "blob", blob)
    for tree in trees:
        for name in tree.git("ls-files").splitlines():
            if _is_dataset(name):
                yield tree.raw_git("show", f":{name}")
        for path in tree.root.rglob("*.json"):
            if _is_dataset(path.relative_to(tree.root).as_posix()):
                yield path.read_bytes()


def _is_dataset(name: str) -> bool:
    return name.startswith(".dslineage/records/dataset/") or name.endswith(".dsl.json")
